// Statements that were given up while their server may still be at them: ended there by the id of their connection, and
// waited for before anything else is changed on that server.
import { setTimeout as delay } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2';
import { standsInCommit } from '../../../shared/domain/fleet/commit-state';
import { failure, type Failure } from '../../../shared/errors/codes';
import { openConnection, type Opened } from './driver';
import { ConnectError, type ErrorContext } from '../errors';
import { unhurried } from './setup';
import type { ConnectTarget } from '../types';

/** How long whoever gives a statement up waits until it is gone, milliseconds; over it that is not known. */
export const endingLimitMs = 5_000;
/** How long what comes after it on the same server waits for it, milliseconds. */
const followingLimitMs = 30_000;
const lookEveryMs = 20;

/** A connection as its server knows it. */
export interface ServerThread {
  readonly target: ConnectTarget;
  readonly context: ErrorContext;
  readonly connectionId: number;
  /** Address and port that the server shows of its client; null: it did not tell. An id alone may be somebody else's by now. */
  readonly client: string | null;
}

const reading = /^\s*(?:SELECT|SHOW|DO|EXPLAIN|DESCRIBE|DESC|KILL)\b/i;
const setting = /^\s*SET\b/i;
const lasting = /\b(?:GLOBAL|PERSIST|PERSIST_ONLY)\b/i;

/**
 * Whether a statement may still change its server, or hold others up there, after its socket was dropped. A reading may
 * not (a server that goes on with it finds nobody to send it to), and neither may what concerns its own session alone.
 */
export function mayTakeHold(sql: string): boolean {
  return !reading.test(sql) && !(setting.test(sql) && !lasting.test(sql));
}

/** Ends a connection at its server, as `KILL` does or, with `query`, what it runs. Resolves where it is not there any more. */
export async function killAt(thread: ServerThread, limitMs: number, query = false): Promise<void> {
  const killer = await Killer.open(thread, limitMs);
  try {
    await killer.isGone(query ? 'KILL QUERY' : 'KILL');
  } finally {
    killer.drop();
  }
}

/**
 * Ends a connection at its server and waits until it is gone there.
 *
 * @returns false where that could not be proven within the limit: what ran on it may still take hold
 */
async function endAt(thread: ServerThread, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let left = limitMs; left > 0; left = deadline - performance.now()) {
    try {
      const killer = await Killer.open(thread, left);
      try {
        while (performance.now() < deadline) {
          if (await killer.isGone('KILL')) return true;
          await delay(lookEveryMs);
        }
      } finally {
        killer.drop();
      }
    } catch (thrown) {
      // Where nothing listens the server has ended, or the tunnel to it alone: no waiting tells which.
      if (thrown instanceof ConnectError && thrown.error.code === 'tcp-refused') return false;
      await delay(lookEveryMs);
    }
  }
  return false;
}

/** Another connection to the server of one that is to be ended. */
class Killer {
  private constructor(
    private readonly thread: ServerThread,
    private readonly opened: Opened,
    private readonly deadline: number,
  ) {}

  static async open(thread: ServerThread, limitMs: number): Promise<Killer> {
    const deadline = performance.now() + limitMs;
    return new Killer(thread, await openConnection(thread.target, { timeoutMs: limitMs }, thread.context, undefined), deadline);
  }

  drop(): void {
    this.opened.drop();
  }

  /** Looks whether the connection is there, and if it is that very one, kills it, unless it stands in its commit. */
  async isGone(kill: 'KILL' | 'KILL QUERY'): Promise<boolean> {
    const { connectionId, client } = this.thread;
    const [row] = await this.query(`SELECT ${unhurried} HOST AS host, STATE AS state FROM information_schema.PROCESSLIST WHERE ID = ${String(connectionId)}`);
    if (row === undefined) return true;
    if (client !== null && row['host'] !== client) return true;
    // With a full disk the whole server would end by it. One whose commit goes on is gone at the next look.
    if (standsInCommit(String(row['state'] ?? ''))) return false;
    // A server that did not tell it then has no way to tell it apart now: its owner ends by itself.
    if (client !== null) await this.query(`${kill} ${String(connectionId)}`).catch(ifGone);
    return false;
  }

  private query(sql: string): Promise<RowDataPacket[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${sql}`)), Math.max(1, this.deadline - performance.now()));
      this.opened.connection.query<RowDataPacket[]>(sql, (error, rows) => {
        clearTimeout(timer);
        if (error === null) resolve(rows);
        else reject(error);
      });
    });
  }
}

/** ER_NO_SUCH_THREAD: it went by itself. */
function ifGone(thrown: unknown): RowDataPacket[] {
  if ((thrown as { readonly errno?: unknown }).errno === 1094) return [];
  throw thrown;
}

/** One that was given up and is not known to be gone. */
class Abandoned {
  #ending: Promise<boolean> | null = null;

  constructor(
    readonly thread: ServerThread,
    readonly statement: string,
  ) {}

  /** True once it is gone. Whoever comes while it is being ended waits with the first. */
  end(limitMs: number): Promise<boolean> {
    this.#ending ??= endAt(this.thread, limitMs).finally(() => (this.#ending = null));
    return this.#ending;
  }
}

/** By server: what was given up there. Of this process: another one has sessions of its own. */
const left = new Map<string, Set<Abandoned>>();

const serverOf = ({ host, port }: ConnectTarget): string => `${host}:${String(port)}`;

/**
 * Ends a connection whose statement was given up, and waits until it is gone. Where that cannot be proven it is kept in
 * mind: {@link untilNothingLeft} deals with it before the next change.
 *
 * @returns whether it is gone
 */
export async function abandon(thread: ServerThread, statement: string): Promise<boolean> {
  const abandoned = new Abandoned(thread, statement);
  const server = serverOf(thread.target);
  const others = left.get(server) ?? new Set();
  left.set(server, others.add(abandoned));
  return isOver(abandoned, endingLimitMs);
}

async function isOver(abandoned: Abandoned, limitMs: number): Promise<boolean> {
  if (!(await abandoned.end(limitMs))) return false;
  const server = serverOf(abandoned.thread.target);
  left.get(server)?.delete(abandoned);
  if (left.get(server)?.size === 0) left.delete(server);
  return true;
}

/** Whether something that was given up on a server may still take hold there. */
export function isAnythingLeft(target: ConnectTarget): boolean {
  return left.has(serverOf(target));
}

/**
 * Waits until nothing that was given up on a server can take hold there any more, ending it again where need be.
 *
 * @throws Failure `may-take-hold` over the limit; `cancelled` on abort
 */
export async function untilNothingLeft(target: ConnectTarget, label: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + followingLimitMs;
  for (const abandoned of left.get(serverOf(target)) ?? []) {
    while (!(await isOver(abandoned, Math.max(1, Math.min(endingLimitMs, deadline - performance.now()))))) {
      if (signal?.aborted === true) throw failure('cancelled', { what: label });
      if (performance.now() >= deadline) throw mayStillTakeHold(abandoned.thread, abandoned.statement);
      await delay(lookEveryMs);
    }
  }
}

/** What is told of a statement that was given up and could not be ended: neither done nor not done. */
export function mayStillTakeHold({ connectionId, context: { label } }: ServerThread, statement: string): Failure {
  return failure('may-take-hold', { server: label, connection: connectionId }, { server: label, detail: statement.slice(0, 200) });
}
