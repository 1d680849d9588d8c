// The practice lab: real MySQL servers on this machine, one per region, to try everything on. They retryAfterRestart the app; what is
// known about them stands in lab.json below the data folder. Who registers them in an inventory is not the lab's business.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readLabFile, writeLabFile, type LabMember } from './lab-file';
import { withLabLock } from './lab-lock';
import { isServerProcess, signalServer, waitForEnd } from './processes';
import { findRuntimes, versionOf, type MysqlRuntime } from './runtimes';
import { loadSample, type SampleSize } from './sample';
import { LabServer } from './server';

const LAB_REGIONS = ['Guangzhou', 'Shanghai', 'Chengdu'] as const;
const MAX_SERVERS = 6;

export interface LabEndpoint {
  /** Unique in the lab, e.g. `guangzhou-1`. */
  readonly name: string;
  readonly region: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Generated for this server. For the secret store, never for a log. */
  readonly password: string;
  readonly version: string;
  readonly running: boolean;
  /** `ready` on the server that has the sample schema. */
  readonly sample: 'none' | 'loading' | 'ready';
}

export type LabProgress =
  | { readonly step: 'create' | 'start' | 'stop'; readonly name: string; readonly done: number; readonly total: number }
  | { readonly step: 'sample'; readonly name: string; readonly table: string; readonly done: number; readonly total: number };

export interface LabUp {
  /** 1 to 6. Servers that are there already count; none is ever taken away. */
  readonly servers: number;
  /** A series (`9.7`) or the id of a runtime; default: what the lab uses, else the best one found. */
  readonly series?: string | null;
  readonly runtimeId?: string | null;
  /** A server program the user chose. */
  readonly program?: string | null;
  /** Puts the sample schema and a light load of writes on the first server. */
  readonly sample?: boolean;
  readonly sampleSize?: SampleSize;
  /** Names for the regions, used in turn. */
  readonly regions?: readonly string[];
  readonly onProgress?: (progress: LabProgress) => void;
  readonly signal?: AbortSignal;
}

export type LabErrorReason = 'no-runtime' | 'unsupported-platform' | 'runtime-gone' | 'bad-number' | 'no-server';

export class LabError extends Error {
  constructor(readonly reason: LabErrorReason, message: string) {
    super(message);
    this.name = 'LabError';
  }
}

export class Lab {
  private readonly folder: string;
  private readonly file: string;

  /** `dataFolder` is the app's data folder; the lab keeps to `lab` below it. */
  constructor(dataFolder: string, private readonly env: NodeJS.ProcessEnv = process.env) {
    this.folder = resolve(dataFolder, 'lab');
    this.file = join(this.folder, 'lab.json');
  }

  /** Whether a lab can run here, and on which server programs. */
  async runtimes(program: string | null = null): Promise<MysqlRuntime[]> {
    return process.platform === 'win32' ? [] : findRuntimes({ chosen: program, env: this.env });
  }

  status(): LabEndpoint[] {
    return readLabFile(this.file).map((member) => endpointOf(member, isRunning(member)));
  }

  /** Starts the lab's servers and makes those that are missing. Safe to repeat after an interruption. */
  async up(options: LabUp): Promise<LabEndpoint[]> {
    if (process.platform === 'win32') throw new LabError('unsupported-platform', 'The practice lab runs on Linux and macOS.');
    if (!Number.isInteger(options.servers) || options.servers < 1 || options.servers > MAX_SERVERS) {
      throw new LabError('bad-number', `A lab has 1 to ${MAX_SERVERS} servers.`);
    }
    return withLabLock(`${this.file}.lock`, async () => {
      const runtimes = await this.runtimes(options.program ?? null);
      const before = readLabFile(this.file);
      options.signal?.throwIfAborted();
      let done = 0;
      await Promise.all(before.filter((member) => !isRunning(member)).map(async (member) => {
        options.onProgress?.({ step: 'start', name: member.server.name, done, total: before.length });
        await this.attach(member, runtimes).start();
        done += 1;
      }));
      await this.create(options, runtimes);
      if (options.sample === true) await this.provideSample(options, runtimes);
      return this.status();
    });
  }

  private async create(options: LabUp, runtimes: readonly MysqlRuntime[]): Promise<void> {
    const regions = options.regions ?? LAB_REGIONS;
    for (let index = readLabFile(this.file).length; index < options.servers; index++) {
      options.signal?.throwIfAborted();
      const runtime = chooseRuntime(options, runtimes, readLabFile(this.file)[0]);
      const region = regions[index % regions.length] ?? LAB_REGIONS[0];
      const name = `${nameOf(region, index)}-${1 + Math.floor(index / regions.length)}`;
      options.onProgress?.({ step: 'create', name, done: index, total: options.servers });
      const folder = join(this.folder, name);
      // Left over from an attempt that was interrupted before the server was on record.
      await endStrays(folder);
      const server = await LabServer.create({
        runtime, folder, name, serverId: 101 + index, durability: 'full', bufferPoolMb: 128, detached: true,
        // The sample's load of writes is an event; 5.6 and 5.7 start with the scheduler off.
        args: index === 0 ? ['--event-scheduler=ON'] : [],
      });
      const member: LabMember = {
        region, runtimeId: runtime.id, program: runtime.program, version: runtime.version, sample: 'none',
        server: { ...server.record, extraArgs: [...server.record.extraArgs] },
      };
      writeLabFile(this.file, [...readLabFile(this.file), member]);
    }
  }

  private async provideSample(options: LabUp, runtimes: readonly MysqlRuntime[]): Promise<void> {
    const [first] = readLabFile(this.file);
    if (first === undefined || first.sample === 'ready') return;
    this.update(first.server.name, { sample: 'loading' });
    const server = this.attach(first, runtimes);
    const connection = await server.connect();
    try {
      await loadSample(connection, versionOf(server.runtime), {
        ...(options.sampleSize === undefined ? {} : { size: options.sampleSize }),
        onProgress: (done, total, table) => {
          options.signal?.throwIfAborted();
          options.onProgress?.({ step: 'sample', name: first.server.name, table, done, total });
        },
      });
    } finally {
      await connection.end();
    }
    this.update(first.server.name, { sample: 'ready' });
  }

  /** Stops the servers; their data stays. */
  async down(onProgress?: (progress: LabProgress) => void): Promise<LabEndpoint[]> {
    if (!existsSync(this.file)) return [];
    return withLabLock(`${this.file}.lock`, async () => {
      const members = readLabFile(this.file);
      let done = 0;
      await Promise.all(members.map(async (member) => {
        if (isRunning(member)) await stopMember(member);
        this.update(member.server.name, { pid: null });
        onProgress?.({ step: 'stop', name: member.server.name, done: ++done, total: members.length });
      }));
      return this.status();
    });
  }

  /** Starts one server again, after a stop or a loss; what it had committed is there. One that runs is left as it is. */
  async start(name: string): Promise<LabEndpoint[]> {
    return this.onOne(name, async (member) => {
      if (!isRunning(member)) await this.attach(member, await this.runtimes()).start();
    });
  }

  /** Stops one server in order; its data stays. */
  async stop(name: string): Promise<LabEndpoint[]> {
    return this.onOne(name, async (member) => {
      await stopMember(member);
      this.update(name, { pid: null });
    });
  }

  /**
   * Loses one server, as a host that dies: its process is ended at once and closes no connection in order. What it had committed is
   * on its disk, and there when it is started again.
   */
  async lose(name: string): Promise<LabEndpoint[]> {
    return this.onOne(name, async (member) => {
      const pid = pidOf(member);
      const dataDir = join(member.server.folder, 'data');
      if (pid !== null && signalServer(pid, dataDir, 'SIGKILL')) await waitForEnd(pid, dataDir, 10_000);
      this.update(name, { pid: null });
    });
  }

  private async onOne(name: string, act: (member: LabMember) => Promise<void>): Promise<LabEndpoint[]> {
    const known = (): LabMember => {
      const member = readLabFile(this.file).find(({ server }) => server.name === name);
      if (member === undefined) throw new LabError('no-server', `The lab has no server "${name}".`);
      return member;
    };
    // Asked before the lock as well, which would make the folder of a lab that is not there.
    known();
    return withLabLock(`${this.file}.lock`, async () => {
      await act(known());
      return this.status();
    });
  }

  /** Ends the servers and deletes their data, also those of an attempt that was interrupted, also when the record is unreadable. */
  async remove(): Promise<void> {
    if (!existsSync(this.folder)) return;
    await withLabLock(`${this.file}.lock`, async () => {
      for (const entry of readdirSync(this.folder, { withFileTypes: true })) {
        if (entry.isDirectory()) await endStrays(join(this.folder, entry.name));
      }
    });
    await rm(this.folder, { recursive: true, force: true });
  }

  private attach(member: LabMember, runtimes: readonly MysqlRuntime[]): LabServer {
    const runtime = runtimes.find((one) => one.id === member.runtimeId) ?? runtimes.find((one) => one.program === member.program);
    if (runtime === undefined) {
      throw new LabError(
        'runtime-gone', `The server program ${member.program} (MySQL ${member.version}) of "${member.server.name}" is not on this machine any more.`,
      );
    }
    const record = { ...member.server, pid: pidOf(member) };
    return LabServer.attach(runtime, record, (pid) => this.update(member.server.name, { pid }));
  }

  private update(name: string, change: { readonly pid?: number | null; readonly sample?: LabMember['sample'] }): void {
    writeLabFile(this.file, readLabFile(this.file).map((member) => (member.server.name !== name ? member : {
      ...member,
      sample: change.sample ?? member.sample,
      server: { ...member.server, pid: change.pid === undefined ? member.server.pid : change.pid },
    })));
  }
}

function endpointOf({ region, version, sample, server }: LabMember, running: boolean): LabEndpoint {
  return { name: server.name, region, host: server.host, port: server.port, user: server.user, password: server.password, version, running, sample };
}

function nameOf(region: string, index: number): string {
  const plain = region.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-').replaceAll(/^-|-$/g, '');
  return plain || `server-${index + 1}`;
}

function chooseRuntime(options: LabUp, runtimes: readonly MysqlRuntime[], first: LabMember | undefined): MysqlRuntime {
  const wanted = (one: MysqlRuntime): boolean => {
    if (options.runtimeId) return one.id === options.runtimeId;
    if (options.series) return one.series === options.series;
    return first === undefined || one.id === first.runtimeId;
  };
  const runtime = runtimes.find(wanted);
  if (runtime === undefined) {
    const what = options.runtimeId ?? (options.series ? `MySQL ${options.series}` : 'MySQL');
    const there = [...new Set(runtimes.map(({ series }) => series))].join(', ');
    throw new LabError('no-runtime', `No server program for ${what} was found on this machine${there === '' ? '' : `, but there is ${there}`}.`);
  }
  return runtime;
}

/** The process on record, else the one the server itself noted: the app may have died between the two. */
function pidOf({ server }: LabMember): number | null {
  const dataDir = join(server.folder, 'data');
  if (server.pid !== null && isServerProcess(server.pid, dataDir)) return server.pid;
  return notedPid(server.folder);
}

function notedPid(folder: string): number | null {
  try {
    const pid = Number(readFileSync(join(folder, 'mysqld.pid'), 'utf8').trim());
    return Number.isInteger(pid) && pid > 1 && isServerProcess(pid, join(folder, 'data')) ? pid : null;
  } catch {
    return null;
  }
}

function isRunning(member: LabMember): boolean {
  return pidOf(member) !== null;
}

async function stopMember(member: LabMember): Promise<void> {
  const pid = pidOf(member);
  const dataDir = join(member.server.folder, 'data');
  if (pid === null || !signalServer(pid, dataDir, 'SIGTERM')) return;
  signalServer(pid, dataDir, 'SIGCONT');
  if (await waitForEnd(pid, dataDir, 60_000)) return;
  signalServer(pid, dataDir, 'SIGKILL');
  await waitForEnd(pid, dataDir, 10_000);
}

// A server that is on no record: found by the data directory on its command line.
/** Ends a server that is on no record, and deletes its folder. */
export async function endStrays(folder: string): Promise<void> {
  const dataDir = join(folder, 'data');
  const noted = notedPid(folder);
  const pids = noted === null ? processesOf(dataDir) : [noted];
  for (const pid of pids) {
    signalServer(pid, dataDir, 'SIGKILL');
    await waitForEnd(pid, dataDir, 30_000);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function processesOf(dataDir: string): number[] {
  try {
    return readdirSync('/proc').map(Number).filter((pid) => Number.isInteger(pid) && pid > 1 && isServerProcess(pid, dataDir));
  } catch {
    return [];
  }
}
