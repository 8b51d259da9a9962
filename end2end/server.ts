// The real server as a child process with a database of its own, so that tests can stop, kill and restart it.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_MS = 20_000;

export class Server {
  private child?: ChildProcess;
  private address = '127.0.0.1:0';
  private readonly folder = mkdtempSync(join(tmpdir(), 'exemplar-'));
  private output = '';

  /** The address of the page, the same after every restart. */
  get url(): string {
    return `http://${this.address}`;
  }

  /** Starts the server, or starts it again on the same port and database. */
  async start(): Promise<this> {
    const binary = process.env.EXEMPLAR_BIN;
    if (!binary) throw new Error('EXEMPLAR_BIN is not set: run the journeys with `make e2e`');
    this.output = '';
    const child = spawn(binary, ['serve'], {
      cwd: this.folder,
      env: {
        ...process.env,
        EXEMPLAR_ADDR: this.address,
        DATABASE_URL: `sqlite://${join(this.folder, 'exemplar.db')}`,
        EXEMPLAR_RATE_LIMIT_PER_MIN: '0',
        RUST_LOG: 'warn',
      },
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready after ${READY_MS} ms:\n${this.output}`)), READY_MS);
      const read = (data: Buffer) => {
        this.output += data.toString();
        const address = /http:\/\/(127\.0\.0\.1:\d+)/.exec(this.output)?.[1];
        if (address) {
          this.address = address;
          clearTimeout(timer);
          resolve();
        }
      };
      child.stdout!.on('data', read);
      child.stderr!.on('data', read);
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code}:\n${this.output}`));
      });
    });
    return this;
  }

  /** Ends the process at once, as a power cut for the process would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends the process the way an operator does, and removes its files. */
  async dispose(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}
