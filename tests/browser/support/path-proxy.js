import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** A proxy under whose path the server is; everything else of its host belongs to somebody else. */
export class PathProxy {
  #path;
  #proxy;
  /** `127.0.0.1:<port>` of the server, once it is known. */
  server = '';
  /** What was asked of somebody else. @type {string[]} */
  strayed = [];

  constructor(path) {
    this.#path = path;
  }

  static async start(path) {
    const own = new PathProxy(path);
    await own.#listen();
    return own;
  }

  /** The address of the page. */
  get home() {
    return `http://127.0.0.1:${this.#proxy.address().port}${this.#path}/`;
  }

  /** The same request to the server, without the path. */
  #passed({ method, url, headers }) {
    const [host, port] = this.server.split(':');
    return request({ host, port, method, path: url.slice(this.#path.length), headers });
  }

  async #listen() {
    const proxy = createServer((asked, answer) => {
      if (!asked.url.startsWith(`${this.#path}/`)) {
        this.strayed.push(asked.url);
        return answer.writeHead(404).end();
      }
      const onward = this.#passed(asked);
      onward.on('response', (got) => got.pipe(answer.writeHead(got.statusCode, got.headers)));
      asked.pipe(onward);
    });
    proxy.on('upgrade', (asked, socket) => {
      const onward = this.#passed(asked);
      onward.on('upgrade', (got, server) => {
        const lines = Object.entries(got.headers).map(([name, value]) => `${name}: ${value}`);
        socket.write(['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n'));
        server.pipe(socket).pipe(server);
        for (const [end, other] of [[socket, server], [server, socket]]) {
          end.on('error', () => other.destroy());
          end.on('close', () => other.destroy());
        }
      });
      onward.end();
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    this.#proxy = proxy;
  }

  stop() {
    this.#proxy.closeAllConnections();
    this.#proxy.close();
  }
}
