// A rollback under way: its durable input, its lock and its sessions.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { gtid as gtidForm } from '../../../shared/contract/inputs';
import { rowDifferences } from '../../../shared/domain/operations/rollback/compare';
import { errorOf } from '../../../shared/errors/codes';
import type { FleetServers } from '../../fleet/types';
import type { LiveSession } from '../../mysql/session/session';
import { sleep } from '../../mysql/time';
import type { AuditLog } from '../../storage/types';
import { memoryKey } from '../../tasks/memory';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import { refuseLocked } from '../permission';
import type { RollbackBook } from './book';
import type { ForwardWay } from './forward-way';

export interface RollbackDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly forward: ForwardWay;
}

const common = { id: v.string(), instanceId: v.string(), name: v.string() };

/** From which the task is built, again after a crash as well. */
const newName = v.object({ database: v.string(), table: v.string(), newDatabase: v.string(), newTable: v.string() });
export const rollbackInput = v.variant('way', [
  v.object({
    ...common, way: v.literal('undo'), gtids: v.array(gtidForm),
    /** What was shown, as counts by table and verdict: what comes out otherwise is not carried out. */
    shown: v.string(),
  }),
  v.object({
    ...common, way: v.literal('backward'), gtid: gtidForm,
    /** When it was committed, milliseconds since the epoch. */
    at: v.number(),
    names: v.array(newName),
  }),
  v.object({
    ...common, way: v.literal('forward'), gtid: gtidForm, at: v.number(), names: v.array(newName),
    /** From which the tables are made again. */
    backupId: v.string(),
  }),
  v.object({
    ...common, way: v.literal('copy-back'), pair: newName, differences: v.array(v.picklist(rowDifferences)), rows: v.nullable(v.array(v.string())),
    /** As of an undo. */
    shown: v.string(),
  }),
  v.object({ ...common, way: v.literal('swap'), names: v.array(newName) }),
]);
export type RollbackInput = v.InferOutput<typeof rollbackInput>;
/** What is written on live tables, in one transaction. */
export type UndoInput = Extract<RollbackInput, { way: 'undo' | 'copy-back' }>;
export type SwapInput = Extract<RollbackInput, { way: 'swap' }>;
export type BackwardInput = Extract<RollbackInput, { way: 'backward' }>;
export type ForwardInput = Extract<RollbackInput, { way: 'forward' }>;
/** Of which tables stand beside their originals. */
export type BesideInput = BackwardInput | ForwardInput;

/** Kept before the first statement of an undo: by it the server says afterwards whether it was committed. */
export const begunKey = memoryKey('undo-begun', v.object({
  executed: v.string(), connectionId: v.number(), rows: v.optional(v.number()), left: v.optional(v.number()),
}));

const connectLimitMs = 5_000;
/** How long the connections of a run that died may go on holding its lock. */
const deadRunMs = 20_000;
/** A statement may look for its row in a table without a key. */
const statementMs = 600_000;

export class RollbackWork {
  #locks: ServerLocks | null = null;
  readonly #sessions = new Set<LiveSession>();
  /** The session of an undo of which nothing is left to do but COMMIT. */
  uncommitted: LiveSession | null = null;

  constructor(readonly deps: RollbackDeps, readonly book: RollbackBook, readonly input: RollbackInput) {}

  get owner(): { readonly fleet: FleetServers; readonly instanceId: string; readonly name: string } {
    const { instanceId, name } = this.input;
    return { fleet: this.deps.fleet, instanceId, name };
  }

  /** `goesOn`: after a crash, when the lock of the dead run may linger. */
  async open(goesOn: boolean): Promise<void> {
    const { fleet, clock } = this.deps;
    const { instanceId, name } = this.input;
    const until = performance.now() + (goesOn ? deadRunMs : 0);
    for (;;) {
      try {
        const connect: Parameters<typeof lockServers>[0][number]['connect'] = (options) => fleet.connect(instanceId, { timeoutMs: connectLimitMs, ...options });
        this.#locks = await lockServers([{ name, connect }], { kind: 'rollback', name }, clock);
        break;
      } catch (thrown) {
        if (errorOf(thrown).code !== 'lock-held' || performance.now() >= until) throw thrown;
        await sleep(500);
      }
    }
    // Since the plan was read, or the program died, it may have become a standby: what is written there is its own transaction.
    await refuseLocked(fleet, instanceId, 'rollback');
  }

  async check(): Promise<void> {
    await this.#locks?.check();
  }

  async close(): Promise<void> {
    this.endSessions();
    await this.#locks?.release();
    this.#locks = null;
  }

  async connect(signal: AbortSignal): Promise<LiveSession> {
    const session = await this.deps.fleet.connect(this.input.instanceId, { timeoutMs: connectLimitMs, queryTimeoutMs: statementMs, signal });
    this.#sessions.add(session);
    return session;
  }

  /** All but one. */
  endSessions(except: LiveSession | null = null): void {
    for (const session of this.#sessions) if (session !== except) session.destroy();
    this.#sessions.clear();
    if (except === null) this.uncommitted = null;
    else this.#sessions.add(except);
  }

  /** A folder for what does not fit into memory, empty; it is gone afterwards. */
  async inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
    const folder = join(this.deps.dataFolder, 'rollback', this.input.id);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      return await use(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
