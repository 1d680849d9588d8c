import * as v from 'valibot';
import type { ScheduledEvent, SeenEvents } from '../../../shared/domain/promotion/events';
import type { SplitSets } from '../../../shared/domain/promotion/promotion';
import { errorOf } from '../../../shared/errors/codes';
import { keptEvents } from '../../replication/events';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { StepContext } from '../../tasks/types';
import { ServerSessions, serverOf, type Server } from '../../replication/servers';
import type { BeforeFence } from '../steps/fence';
import type { PromotionDeps } from '../types';

/** The durable input of an emergency promotion. No secrets. */
export interface EmergencyInput {
  readonly id: string;
  readonly standbyId: string;
  readonly standbyName: string;
  /** null: the source is not registered. */
  readonly sourceId: string | null;
  readonly sourceName: string;
  /** The primary that is replaced and fenced: the head of the chain, which for a replica of a standby is not its source. */
  readonly oldPrimaryId: string | null;
  readonly oldPrimaryName: string;
  readonly timeoutSeconds: number;
  readonly discardReceived: boolean;
  /** On the source when last seen and not received; null: never seen. */
  readonly notReceived: number | null;
  readonly notReceivedSet: string;
  readonly sourceSeenAt: number | null;
  /** From when on nobody has seen what the old primary took; null: it was never seen nor heard. */
  readonly unseenFrom: number | null;
  /** What filters keep rows away from the standby: the loss of these cannot be counted. */
  readonly keptAway: readonly string[];
  /** What each side alone held, where the histories had split and it was ordered all the same. */
  readonly split: SplitSets | null;
  /** The delay of the standby that is ended first, seconds; 0: none is. */
  readonly endsDelay: number;
  /** Events of the old primary, where it answered; null: it did not. */
  readonly sourceEvents: readonly ScheduledEvent[] | null;
  /** The events that it ran when it was last seen, and its scheduler; null: never seen. */
  readonly seenEvents: SeenEvents | null;
  /** Events that the user wants on though nobody knows what they were there, as `schema.name`. */
  readonly enableEvents: readonly string[];
  readonly sourceScheduler: string | null;
  readonly siblingIds: readonly string[];
  /** Replicas of the standby: they go on following it. */
  readonly keptIds: readonly string[];
  /** Replicas older than the new primary: told, and left as they are. */
  readonly olderIds: readonly string[];
  /** The old primary is older than the standby: it will not be able to follow. */
  readonly closesWayBack: boolean;
  readonly clusterIds: readonly string[];
}

const ids = v.array(v.string());

/** Its form in journals, those of earlier versions among them. */
export const emergencyInput: v.GenericSchema<unknown, EmergencyInput> = v.object({
  id: v.string(),
  standbyId: v.string(),
  standbyName: v.string(),
  sourceId: v.nullable(v.string()),
  sourceName: v.string(),
  oldPrimaryId: v.nullable(v.string()),
  oldPrimaryName: v.string(),
  timeoutSeconds: v.number(),
  discardReceived: v.boolean(),
  notReceived: v.nullable(v.number()),
  notReceivedSet: v.string(),
  sourceSeenAt: v.nullable(v.number()),
  unseenFrom: v.optional(v.nullable(v.number()), null),
  keptAway: v.optional(ids, []),
  split: v.optional(v.nullable(v.object({ sourceOnly: v.string(), standbyOnly: v.string() })), null),
  endsDelay: v.optional(v.number(), 0),
  sourceEvents: v.optional(v.nullable(keptEvents), null),
  seenEvents: v.optional(v.nullable(v.object({ enabled: v.array(v.string()), at: v.number() })), null),
  enableEvents: v.optional(ids, []),
  sourceScheduler: v.optional(v.nullable(v.string()), null),
  siblingIds: ids,
  keptIds: ids,
  olderIds: v.optional(ids, []),
  closesWayBack: v.optional(v.boolean(), false),
  clusterIds: ids,
});

/** What the best-effort fence of the old primary came to. */
export type FenceOutcome = { readonly kind: 'fenced'; readonly before: BeforeFence } | { readonly kind: 'missed'; readonly reason: string };

/** An emergency promotion under way. Nothing in it waits for the source or for a bystander. */
export class EmergencyWork {
  readonly sessions: ServerSessions;
  /** The fence of the old primary, tried beside everything else. */
  fencing: Promise<FenceOutcome> | null = null;
  /** Events of the old primary as they were last read. */
  sourceEvents: readonly ScheduledEvent[] | null;
  /** The user's word, given while the drain goes on: open now and throw away the rest. */
  discardOrdered: boolean;
  #locks: ServerLocks | null = null;

  constructor(
    readonly deps: PromotionDeps,
    readonly input: EmergencyInput,
  ) {
    this.sessions = new ServerSessions(deps.fleet);
    this.discardOrdered = input.discardReceived;
    this.sourceEvents = input.sourceEvents;
  }

  standby(context: StepContext): Server {
    return serverOf(this.sessions, context, this.input.standbyId, this.input.standbyName);
  }

  /** Locks the standby only: the source may be gone, and a frozen one would hold us up. */
  async open(): Promise<void> {
    const { standbyId, standbyName } = this.input;
    this.#locks = await lockServers(
      [{ name: standbyName, connect: (options) => this.deps.fleet.connect(standbyId, options) }],
      { kind: 'promotion', name: standbyName },
      this.deps.clock,
    );
    await this.sessions.openAll(this.input.standbyId, ['control', 'wait']);
  }

  async check(): Promise<void> {
    await this.#locks?.check();
  }

  async close(): Promise<void> {
    await this.sessions.close();
    await this.#locks?.release();
  }
}

/** The outcome of something tried, with the reason where it missed. */
export async function attempt(run: () => Promise<BeforeFence>): Promise<FenceOutcome> {
  try {
    return { kind: 'fenced', before: await run() };
  } catch (thrown) {
    const { detail, code } = errorOf(thrown);
    return { kind: 'missed', reason: detail ?? code };
  }
}
