import * as v from 'valibot';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import type { LockPurpose } from '../../../shared/domain/tasks/lock-holder';
import type { BinlogPosition } from '../../../shared/domain/fleet/facts';
import { isUnreachable } from '../../mysql/errors';
import { lockServers, type LockTarget, type ServerLocks } from '../../tasks/server-lock';
import type { StepContext, TaskMemory } from '../../tasks/types';
import { ServerSessions, serverOf, type Server } from '../../replication/servers';
import { leavesGaps } from '../../replication/filter-gaps';
import type { FollowedPart } from '../../replication/catch-up';
import { memory, notedScope } from '../memory';
import { note } from '../report/notes';
import type { Pair, PromotionDeps } from '../types';
import { message } from '../../../shared/i18n/message';

const ids = v.array(v.string());

/** The durable input of a switchover: from it the task is built again after a crash. No secrets. */
export interface SwitchoverInput extends Pair {
  /** Id of the operation: of its plan, its journal rows and its report. */
  readonly id: string;
  readonly timeoutSeconds: number;
  /** Registered members of the cluster other than the pair: replicas of the old primary, to be re-pointed. */
  readonly siblingIds: readonly string[];
  /** Replicas of the standby: they go on following it. */
  readonly keptIds: readonly string[];
  /** Local replicas of the old primary, which go on behind it where it follows the new one. */
  readonly behindIds: readonly string[];
  /** Older than the new primary: told, and left as they are. */
  readonly olderIds: readonly string[];
  readonly clusterIds: readonly string[];
}

/** Its form in journals, those of earlier versions among them. */
export const switchoverInput: v.GenericSchema<unknown, SwitchoverInput> = v.object({
  id: v.string(),
  standbyId: v.string(),
  standbyName: v.string(),
  sourceId: v.string(),
  sourceName: v.string(),
  timeoutSeconds: v.number(),
  siblingIds: ids,
  keptIds: ids,
  behindIds: ids,
  olderIds: v.optional(ids, []),
  clusterIds: ids,
});

/** Re-checking the lock at every step costs a round trip; within this time the last look counts. Milliseconds. */
const LOCK_LOOK_MS = 1000;

/** A planned switchover under way: its sessions, its locks, and what this run knows beyond the durable memory. */
export class SwitchoverWork {
  readonly sessions: ServerSessions;
  /** The fence was put up by this run; a run after a crash puts it up again. */
  fenceHeld = false;
  /** The standby has everything the fenced primary has, seen by this run. */
  settled: GtidSet | null = null;
  fenceSentAt: number | null = null;
  /** Of a part whose filters leave gaps: up to here in the primary's binary log the standby has everything. */
  wholeTo: BinlogPosition | null = null;
  /** Closing the old primary's clients goes on beside the catch-up. */
  closing: Promise<number> | null = null;
  /** The fence is not needed for the clients' sake any more: the new primary is open, or the old one is to be un-fenced. */
  closingDone = false;
  readonly #locks: ServerLocks[] = [];
  #lockSeenAt = 0;

  constructor(
    readonly deps: PromotionDeps,
    readonly input: SwitchoverInput,
  ) {
    this.sessions = new ServerSessions(deps.fleet);
  }

  source(context: StepContext): Server {
    return serverOf(this.sessions, context, this.input.sourceId, this.input.sourceName);
  }

  standby(context: StepContext): Server {
    return serverOf(this.sessions, context, this.input.standbyId, this.input.standbyName);
  }

  followed(source: Server, context: StepContext, wholeTo = this.wholeTo): FollowedPart {
    const told = (server: string, filled: GtidSet): Promise<void> =>
      note(context, message('promotion.note.gaps-filled', { server, count: Number(filled.count()), set: filled.shorten() }), 'info');
    return { source, scope: notedScope(context), wholeTo, told };
  }

  /** Where the primary's binary log ends, if the gaps of a part have to be looked for behind it; null: they have not. */
  async partPosition(source: Server, context: StepContext): Promise<BinlogPosition | null> {
    const dialect = await source.dialect();
    if (!leavesGaps(notedScope(context), dialect)) return null;
    const [row] = await source.sql<{ File: string; Position: number | string }>('control', dialect.showBinaryLogStatus());
    return row === undefined ? null : { file: row.File, position: Number(row.Position) };
  }

  /** Takes the locks of both servers and opens every session the outage will need. */
  async open(): Promise<void> {
    const { sourceId, sourceName, standbyId, standbyName } = this.input;
    this.#locks.push(await lockServers([this.#target(sourceId, sourceName), this.#target(standbyId, standbyName)], this.#purpose(), this.deps.clock));
    this.#lockSeenAt = performance.now();
    await Promise.all([this.sessions.openAll(sourceId, ['fence', 'control', 'sessions']), this.sessions.openAll(standbyId, ['control', 'wait'])]);
  }

  /** As `open`, for a run after a crash: a server that is away does not keep the other from being put in order. */
  async reopen(): Promise<void> {
    const { sourceId, sourceName, standbyId, standbyName } = this.input;
    for (const target of [this.#target(sourceId, sourceName), this.#target(standbyId, standbyName)]) {
      try {
        this.#locks.push(await lockServers([target], this.#purpose(), this.deps.clock));
      } catch (thrown) {
        if (!isUnreachable(thrown)) throw thrown;
      }
    }
  }

  #target(id: string, name: string): LockTarget {
    return { name, connect: (options) => this.deps.fleet.connect(id, options) };
  }

  #purpose(): LockPurpose {
    return { kind: 'switchover', name: this.input.standbyName };
  }

  /** The locks are still ours. Called before every step. */
  async check(): Promise<void> {
    if (performance.now() - this.#lockSeenAt < LOCK_LOOK_MS) return;
    await Promise.all(this.#locks.map((locks) => locks.check()));
    this.#lockSeenAt = performance.now();
  }

  async close(): Promise<void> {
    this.closingDone = true;
    await this.closing?.catch(() => undefined);
    await this.sessions.close();
    await Promise.all(this.#locks.splice(0).map((locks) => locks.release()));
  }
}

export function promotionSet(context: TaskMemory): GtidSet | null {
  const written = context.recall(memory.promotionSet);
  return written === undefined ? null : parseGtidSet(written);
}
