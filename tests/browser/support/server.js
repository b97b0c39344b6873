import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The server that is tested. */
export const BINARY = process.env.CONFAB_BIN ?? fileURLToPath(new URL('../../../target/debug/confab', import.meta.url));

/** The real server on SQLite, with data of its own that are gone afterwards. */
export class Server {
  #folder = mkdtempSync(join(tmpdir(), 'confab-browser-'));
  #settings;
  #child;
  #address = '127.0.0.1:0';
  /** What it printed on its way. @type {string[]} */
  printed = [];

  constructor(settings) {
    this.#settings = settings;
  }

  static async start(settings = {}) {
    const server = new Server(settings);
    server.#copyTables();
    await server.start();
    return server;
  }

  /** What the server would make first: `tests/run` has made all tables once. */
  #copyTables() {
    const made = process.env.CONFAB_TEST_SQLITE_TEMPLATE;
    if (!made) return;
    const folder = join(this.#folder, 'data');
    mkdirSync(folder, { mode: 0o700 });
    copyFileSync(made, join(folder, 'confab.db'));
  }

  /** `127.0.0.1:<port>`; it stays the same when the server is started again. */
  get address() {
    return this.#address;
  }

  /** Runs a command of the binary beside the server, and returns what it said. */
  command(...words) {
    return this.feed('', ...words);
  }

  /** The same with something to read. */
  feed(input, ...words) {
    const { status, stdout, stderr } = spawnSync(BINARY, words, { cwd: this.#folder, env: this.#env(), encoding: 'utf8', input });
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  #env() {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(CONFAB_|DATABASE_URL)/.test(name));
    return {
      ...Object.fromEntries(inherited),
      CONFAB_DATA_DIR: join(this.#folder, 'data'),
      CONFAB_LISTEN: this.#address,
      CONFAB_BCRYPT_COST: '4',
      CONFAB_RATE_LIMITS: 'off',
      ...this.#settings,
    };
  }

  async start() {
    this.#child = spawn(BINARY, ['serve'], { cwd: this.#folder, stdio: ['ignore', 'pipe', 'ignore'], env: this.#env() });
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const found = /^listening on http:\/\/(.*)$/.exec(line);
      if (!found) {
        this.printed.push(line);
        continue;
      }
      this.#address = found[1];
      this.#child.stdout.resume();
      return;
    }
    throw new Error('the server ended instead of listening');
  }

  /** `kill -9`. */
  async kill() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
