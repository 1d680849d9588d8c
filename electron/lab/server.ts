// One MySQL server process on this machine: made, started, stopped, killed, frozen, removed.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { ADMIN_USER, bootstrap, openSocket } from './bootstrap';
import { createDataDirectory, readableLog, ServerStartError } from './data-directory';
import { choosePort } from './ports';
import { freezeServer, isServerProcess, signalServer, spawnProcess, waitForEnd, type Started } from './processes';
import { versionOf, type MysqlRuntime } from './runtimes';
import { serverOptions } from './server-options';

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 60_000;

/** Everything needed to find a server again after this process has ended. Holds its password: keep it in a private file. */
export interface ServerRecord {
  readonly name: string;
  /** Holds the data directory, the logs and temporary files. */
  readonly folder: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly serverId: number;
  readonly user: string;
  readonly password: string;
  readonly gtid: boolean;
  readonly durability: 'full' | 'relaxed';
  readonly bufferPoolMb: number;
  readonly extraArgs: readonly string[];
  readonly detached: boolean;
  readonly pid: number | null;
}

export interface CreateServer {
  readonly runtime: MysqlRuntime;
  readonly folder: string;
  readonly name: string;
  readonly serverId?: number;
  readonly port?: number;
  /** Where no port is given: who chooses one. Default: any that is free. */
  readonly choosePort?: () => Promise<number>;
  readonly gtid?: boolean;
  readonly durability?: 'full' | 'relaxed';
  readonly bufferPoolMb?: number;
  /** Further options of the server, kept for every later start. */
  readonly args?: readonly string[];
  /** Options that are fixed when the data directory is made; from 8.0 on, where one can be made (5.6 brings its own). */
  readonly initialise?: readonly string[];
  /** Lives on when this process ends. */
  readonly detached?: boolean;
  /** Keeps what 5.6 brings along: users without a name, the database `test`. */
  readonly keepAnonymous?: boolean;
  /** Told the process id as soon as there is one, at every start. */
  readonly onProcess?: (pid: number, dataDir: string) => void;
}

export class LabServer {
  readonly dataDir: string;
  readonly errorLog: string;
  readonly socket: string;
  private started: Started | null = null;

  private constructor(readonly runtime: MysqlRuntime, private current: ServerRecord, private readonly onProcess?: CreateServer['onProcess']) {
    const folder = current.folder;
    this.dataDir = join(folder, 'data');
    this.errorLog = join(folder, 'error.log');
    // A socket's path may have about a hundred characters; a deep data folder needs a short way round.
    const near = join(folder, 'mysql.sock');
    const digest = createHash('sha256').update(folder).digest('hex').slice(0, 16);
    this.socket = near.length <= 100 ? near : join(tmpdir(), `antipode-${digest}.sock`);
  }

  get record(): ServerRecord {
    return this.current;
  }

  get port(): number {
    return this.current.port;
  }

  get pid(): number | null {
    return this.current.pid;
  }

  /** Makes a new server and starts it. On failure nothing of it stays. */
  static async create(options: CreateServer): Promise<LabServer> {
    const folder = resolve(options.folder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const choose = options.choosePort ?? choosePort;
    const server = new LabServer(options.runtime, {
      name: options.name,
      folder,
      host: '127.0.0.1',
      port: options.port ?? (await choose()),
      serverId: options.serverId ?? 1 + (randomBytes(4).readUInt32BE() >>> 1),
      user: ADMIN_USER,
      password: randomBytes(18).toString('base64url'),
      gtid: options.gtid ?? true,
      durability: options.durability ?? 'relaxed',
      bufferPoolMb: options.bufferPoolMb ?? 64,
      extraArgs: options.args ?? [],
      detached: options.detached ?? false,
      pid: null,
    }, options.onProcess);
    try {
      await createDataDirectory(options.runtime, server.dataDir, options.initialise);
      await server.startOnFreePort(options.port === undefined ? choose : null);
      await bootstrap(server.socket, versionOf(options.runtime), server.current.password, { keepAnonymous: options.keepAnonymous ?? false });
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  /** Takes up a server made earlier, running or not. */
  static attach(runtime: MysqlRuntime, record: ServerRecord, onProcess?: CreateServer['onProcess']): LabServer {
    return new LabServer(runtime, record, onProcess);
  }

  isRunning(): boolean {
    return this.current.pid !== null && isServerProcess(this.current.pid, this.dataDir);
  }

  /** Starts the server with the same data and port. `once` are options for this start only. */
  async start(once: readonly string[] = []): Promise<void> {
    if (this.isRunning()) return;
    const tmpDir = join(this.current.folder, 'tmp');
    mkdirSync(tmpDir, { recursive: true, mode: 0o700 });
    rmSync(this.socket, { force: true });
    const logStart = existsSync(this.errorLog) ? statSync(this.errorLog).size : 0;
    const { runtime, current } = this;
    const started = await spawnProcess({
      command: runtime.command,
      args: [
        // An option file of its own, and not --no-defaults: with that a server ignores what SET PERSIST kept.
        ...runtime.args, `--defaults-file=${this.optionFile()}`, ...runtime.serverArgs,
        ...serverOptions(versionOf(runtime), {
          port: current.port, serverId: current.serverId, dataDir: this.dataDir, tmpDir, socket: this.socket, pidFile: join(current.folder, 'mysqld.pid'),
          errorLog: this.errorLog, gtid: current.gtid, durability: current.durability, bufferPoolMb: current.bufferPoolMb,
          extra: [...current.extraArgs, ...once],
        }),
      ],
      env: runtime.env,
      output: this.errorLog,
      cwd: current.folder,
      detached: current.detached,
    });
    this.started = started;
    this.current = { ...current, pid: started.pid };
    this.onProcess?.(started.pid, this.dataDir);
    await this.waitUntilAccepting(started, logStart);
  }

  /** The server's option file, made empty with its first start; lines put there hold from the next start on. */
  private optionFile(): string {
    const file = join(this.current.folder, 'my.cnf');
    if (!existsSync(file)) writeFileSync(file, '[mysqld]\n', { mode: 0o600 });
    return file;
  }

  private async waitUntilAccepting(started: Started, logStart: number): Promise<void> {
    let ended: string | null = null;
    void started.ended.then((how) => { ended = how; });
    const until = Date.now() + START_LIMIT_MS;
    while (!(await this.answers())) {
      if (ended !== null || Date.now() > until) {
        const why = ended === null ? `did not accept connections within ${START_LIMIT_MS / 1000} s` : `ended at once (${ended as string})`;
        throw new ServerStartError(
          `MySQL ${this.runtime.version} "${this.current.name}" on port ${this.current.port} ${why}.`, readableLog(this.errorLog, logStart),
        );
      }
      await sleep(10);
    }
  }

  // A refused login is an answer as well: the server is there.
  private async answers(): Promise<boolean> {
    if (!existsSync(this.socket)) return false;
    try {
      const connection = await openSocket({ socketPath: this.socket, user: this.current.user, password: this.current.password, connectTimeout: 2_000 });
      await connection.end();
      return true;
    } catch (error) {
      return (error as { errno?: number }).errno === 1045;
    }
  }

  // Between choosing a port and listening on it somebody else may have taken it: then another one is chosen.
  private async startOnFreePort(choose: (() => Promise<number>) | null): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.start();
        return;
      } catch (error) {
        const taken = error instanceof ServerStartError && /Address already in use|Do you already have another mysqld/i.test(error.log);
        if (!taken || choose === null || attempt === 5) throw error;
        this.current = { ...this.current, port: await choose(), pid: null };
      }
    }
  }

  /** An administrator's connection over the server's socket. */
  connect(): Promise<Connection> {
    return openSocket({ socketPath: this.socket, user: this.current.user, password: this.current.password });
  }

  /** Ends the server in order; by force when it does not end within a minute. */
  async stop(limitMs = STOP_LIMIT_MS): Promise<void> {
    if (!this.signal('SIGTERM')) return this.forget();
    this.signal('SIGCONT');
    if (!(await waitForEnd(this.current.pid as number, this.dataDir, limitMs))) return this.kill();
    this.forget();
  }

  /** Ends the server as a crash would: no chance to write anything. */
  async kill(): Promise<void> {
    if (this.signal('SIGKILL')) {
      const { pid } = this.current;
      if (!(await waitForEnd(pid as number, this.dataDir, 30_000))) throw new Error(`Process ${pid} of server "${this.current.name}" cannot be ended.`);
    }
    this.forget();
  }

  /** Holds the process still: its port accepts, and nothing answers. */
  freeze(): void {
    if (this.current.pid === null || !freezeServer(this.current.pid, this.dataDir)) throw new Error(`Server "${this.current.name}" is not running.`);
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  async restart(once: readonly string[] = []): Promise<void> {
    await this.stop();
    await this.start(once);
  }

  /** Ends the server and deletes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    // A folder of some hundred megabytes: whoever waits for an answer meanwhile gets it.
    await rm(this.current.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    rmSync(this.socket, { force: true });
  }

  /** Settles when the process this object started has ended. */
  async ended(): Promise<void> {
    await this.started?.ended;
  }

  private signal(name: NodeJS.Signals): boolean {
    return this.current.pid !== null && signalServer(this.current.pid, this.dataDir, name);
  }

  private forget(): void {
    this.current = { ...this.current, pid: null };
  }
}
