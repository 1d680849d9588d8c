import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import type { LockPurpose } from '../../../shared/domain/tasks/lock-holder';
import type { BinlogPosition } from '../../../shared/domain/fleet/facts';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';
import type { Message } from '../../../shared/i18n/message';
import { isUnreachable } from '../../mysql/errors';
import { lockServers, type LockTarget, type ServerLocks } from '../../tasks/server-lock';
import type { Json, StepContext } from '../../tasks/types';
import { Crew, handOf, type Hand } from '../../replication/servers';
import { leavesGaps } from '../../replication/filter-gaps';
import type { FollowedPart } from '../../replication/catch-up';
import type { BeforeFence } from '../steps/fence';
import type { LinkShape } from '../../replication/link-settings';
import type { Pair, PromotionDeps } from '../types';
import { message } from '../../../shared/i18n/message';

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
  readonly olderIds?: readonly string[];
  readonly clusterIds: readonly string[];
}

/** Keys of the task's durable memory. */
export const memory = {
  before: 'before-fence',
  beforeStandby: 'before-standby',
  shape: 'link-shape',
  scope: 'scope',
  events: 'events',
  fenceSentAt: 'fence-sent-at',
  persisted: 'fence-persisted',
  promotionSet: 'promotion-set',
  openedAt: 'opened-at',
  outageMs: 'outage-ms',
  retreated: 'retreated',
  oldFollows: 'old-follows',
  madeAccount: 'made-account',
  notes: 'notes',
  lostSet: 'lost-set',
  lostCount: 'lost-count',
  sourceFenced: 'source-fenced',
  discarded: 'discarded',
  incomplete: 'incomplete',
} as const;

/** Re-checking the lock at every step costs a round trip; within this time the last look counts. Milliseconds. */
const LOCK_LOOK_MS = 1000;

/** A planned switchover under way: its sessions, its locks, and what this run knows beyond the durable memory. */
export class SwitchoverWork {
  readonly crew: Crew;
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
    this.crew = new Crew(deps.fleet);
  }

  source(context: StepContext): Hand {
    return handOf(this.crew, context, this.input.sourceId, this.input.sourceName);
  }

  standby(context: StepContext): Hand {
    return handOf(this.crew, context, this.input.standbyId, this.input.standbyName);
  }

  followed(source: Hand, context: StepContext, wholeTo = this.wholeTo): FollowedPart {
    const told = (server: string, filled: GtidSet): Promise<void> =>
      note(context, message('promotion.note.gaps-filled', { server, count: Number(filled.count()), set: filled.shorten() }), 'info');
    return { source, scope: notedScope(context), wholeTo, told };
  }

  /** Where the primary's binary log ends, if the gaps of a part have to be looked for behind it; null: they have not. */
  async partPosition(source: Hand, context: StepContext): Promise<BinlogPosition | null> {
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
    await Promise.all([this.crew.muster(sourceId, ['fence', 'control', 'sessions']), this.crew.muster(standbyId, ['control', 'wait'])]);
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
    await this.crew.close();
    await Promise.all(this.#locks.splice(0).map((locks) => locks.release()));
  }
}

/** Adds a line to the report, durably. */
export async function note(context: StepContext, text: Message, level: 'info' | 'warning' = 'warning'): Promise<void> {
  const known = context.recall(memory.notes);
  await context.remember(memory.notes, [...(Array.isArray(known) ? (known as Json[]) : []), messageToJson(text)]);
  context.log(level, text.key, text.params);
}

function messageToJson(text: Message): Json {
  return { key: String(text.key), params: { ...text.params } };
}

export function messagesFromJson(json: Json | undefined): Message[] {
  return Array.isArray(json) ? (json as unknown as Message[]) : [];
}

export function beforeFence(context: Pick<StepContext, 'recall'>, key: string = memory.before): BeforeFence | null {
  const json = context.recall(key);
  return json === undefined || json === null ? null : (json as unknown as BeforeFence);
}

export function linkShape(context: Pick<StepContext, 'recall'>): LinkShape | null {
  const json = context.recall(memory.shape);
  return json === undefined || json === null ? null : (json as unknown as LinkShape);
}

/** What the pair replicates, as it was noted before anything was changed: the reverse link carries just that. */
export function notedScope(context: Pick<StepContext, 'recall'>): Scope {
  const json = context.recall(memory.scope);
  return json === undefined || json === null ? wholeInstance : (json as unknown as Scope);
}

export function promotionSet(context: Pick<StepContext, 'recall'>): GtidSet | null {
  const json = context.recall(memory.promotionSet);
  return typeof json === 'string' ? parseGtidSet(json) : null;
}
