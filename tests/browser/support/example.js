import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Server } from './server.js';

const SCOPES = 'people:write,chats:write,messages:write,act_as';

/** One of the example hosts, in front of a server that takes its tokens and has a key for it. */
export class Example {
  #folder = mkdtempSync(join(tmpdir(), 'confab-example-'));
  #server;
  #child;
  /** What it complained about. */
  #log = '';
  /** Where its page is. */
  url = '';

  /** Starts the example of that name by a command, in whose words `PORT` stands for the port of its page. */
  static async start(name, ...command) {
    const example = new Example();
    await example.#start(fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url)), command);
    return example;
  }

  async #start(cwd, command) {
    const [secret, port, issuers] = [randomBytes(32).toString('hex'), await freePort(), join(this.#folder, 'issuers.toml')];
    const issuer = `issuer = "https://shop.example.org"\naudience = "confab"\nalgorithms = ["HS256"]\nsecret = "${secret}"`;
    writeFileSync(issuers, `[[issuer]]\n${issuer}\n`);
    const origin = `http://127.0.0.1:${port}`;
    this.#server = await Server.start({ CONFAB_HOST_ISSUERS: issuers, CONFAB_ALLOWED_ORIGINS: origin });
    const key = this.#server.command('key', 'add', 'shop', '--issuer', 'https://shop.example.org', '--scopes', SCOPES);
    const url = `http://${this.#server.address}`;
    const settings = { CONFAB_URL: url, CONFAB_KEY: key, CONFAB_SECRET: secret, PORT: String(port), PYTHONUNBUFFERED: '1' };
    // Django tells its log of every request.
    const stdio = /** @type {const} */ (['ignore', 'pipe', 'pipe']);
    const [program, ...words] = command.map((word) => (word === 'PORT' ? settings.PORT : word));
    this.#child = spawn(program, words, { cwd, stdio, env: { ...process.env, ...settings } });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.#log += text));
    for await (const line of createInterface({ input: this.#child.stdout })) {
      if (!line.includes(origin)) continue;
      this.url = origin;
      this.#child.stdout.resume();
      return;
    }
    throw new Error(`the example ended instead of listening: ${this.#log}`);
  }

  async stop() {
    if (this.#child?.exitCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    if (/Error/.test(this.#log)) console.error(this.#log);
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A port that nobody has, since the server must know the page's origin before the page is there. */
async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  listener.close();
  await once(listener, 'close');
  return port;
}
