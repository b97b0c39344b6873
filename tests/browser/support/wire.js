import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { Transform } from 'node:stream';

/** The way to a server, which can be cut and mended, and counts what it carries. */
export class Wire {
  #to;
  #listener;
  #pairs = new Set();
  #cut = false;
  /** Sockets that were opened and are open. */
  sockets = new Set();
  /** First lines of the requests that begin a connection or follow in it. */
  requests = [];
  /** Milliseconds that each piece takes on its way; pieces go one after the other. */
  delay = 0;
  /** Bytes that went to the browser. */
  received = 0;

  static async to(address) {
    const wire = new Wire();
    const [host, port] = address.split(':');
    wire.#to = { host, port: Number(port) };
    wire.#listener = createServer((client) => wire.#carry(client)).listen(0, '127.0.0.1');
    await once(wire.#listener, 'listening');
    return wire;
  }

  get address() {
    return `127.0.0.1:${this.#listener.address().port}`;
  }

  /** Breaks every connection, and takes no new one. */
  cut() {
    this.#cut = true;
    for (const end of this.#pairs) end.destroy();
  }

  mend() {
    this.#cut = false;
  }

  close() {
    this.cut();
    this.#listener.close();
  }

  #carry(client) {
    if (this.#cut) return client.destroy();
    const server = connect(this.#to);
    for (const [end, other] of [[client, server], [server, client]]) {
      this.#pairs.add(end);
      const late = new Transform({
        transform: (bytes, _, done) => (this.delay ? setTimeout(done, this.delay, null, bytes) : done(null, bytes)),
      });
      end.pipe(late).pipe(other);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        this.#pairs.delete(end);
        this.sockets.delete(end);
        other.destroy();
      });
    }
    server.on('data', (bytes) => (this.received += bytes.length));
    client.on('data', (bytes) => {
      const line = /^([A-Z]+ \/\S*) HTTP\/1\.1\r\n/.exec(bytes.toString('latin1'))?.[1];
      if (!line) return;
      this.requests.push(line);
      if (line === 'GET /api/v1/ws') this.sockets.add(client);
    });
  }
}
