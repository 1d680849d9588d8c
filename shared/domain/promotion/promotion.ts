import type { AppError } from '../../errors/codes';
import type { Message } from '../../i18n/message';
import type { Plan, PlannedSql } from '../tasks/plan';

export const promotionKinds = ['planned', 'emergency'] as const;
export type PromotionKind = (typeof promotionKinds)[number];

/** What the standby and other witnesses say of the source. */
export type SourceVerdict = 'source-alive' | 'source-dead' | 'unreachable-only-from-here' | 'replication-broken' | 'unknown';

/**
 * What is lost, and how far that is proven. `exact`: the set of the old primary was read behind a confirmed fence. `at-least`: so
 * many are known; what it took from `unseenFrom` on nobody has seen. `unknown`: it was never seen.
 */
export interface Loss {
  readonly kind: 'exact' | 'at-least' | 'unknown';
  /** Transactions known lost, and their GTIDs. */
  readonly count: number;
  readonly set: string;
  /** Milliseconds since the epoch; null: exact, or never seen at all. */
  readonly unseenFrom: number | null;
  /** Filters kept rows away from the standby, which no count of transactions shows: never exact. */
  readonly filtered: boolean;
}

/** What a plan says of the loss before its word is typed; counts in transactions. */
export interface LossForecast {
  /** On the source when last seen and not received by the standby; null: the source was never seen. */
  readonly notReceived: number | null;
  /** GTIDs of `notReceived`. */
  readonly notReceivedSet: string;
  /** Received and not applied yet; applied before the standby opens unless discarded on order. */
  readonly notApplied: number;
  readonly notAppliedSet: string;
  /** When the source's set was read, milliseconds since the epoch; what it took after that is unknown. */
  readonly sourceSeenAt: number | null;
  readonly blindSeconds: number | null;
  /** When the standby last heard of the source (heartbeat or transaction), milliseconds since the epoch; null: it does not say. */
  readonly heardAt: number | null;
  /** What will have been lost if the source takes nothing more, with the window that nobody has seen. */
  readonly stated: Loss;
}

/** What the source and the standby each held that the other lacked. */
export interface SplitSets {
  readonly sourceOnly: string;
  readonly standbyOnly: string;
}

/** One line of the before → after columns. */
export interface BeforeAfter {
  readonly what: Message;
  readonly before: string;
  readonly after: string;
}

/** A session on the old primary that stands in the way of, or is closed by, a switchover. */
export interface Blocker {
  readonly kind: 'long-transaction' | 'idle-in-transaction' | 'xa-prepared' | 'ddl' | 'table-lock' | 'read-lock' | 'backup-lock' | 'client-session';
  /** 0: the server does not tell whose it is. */
  readonly connectionId: number;
  readonly user: string;
  readonly host: string;
  readonly seconds: number;
  /** Untrusted. */
  readonly statement: string;
}

export interface EvidenceItem {
  readonly witness: string;
  readonly text: Message;
  readonly speaksFor: 'alive' | 'dead' | 'neither';
}

/** A standby that could take over, most advanced first. */
export interface Candidate {
  readonly instanceId: string;
  readonly received: string;
  readonly applied: string;
  /** Transactions that the most advanced candidate has received and this one has not. */
  readonly behindBest: number;
  /** Only a part of the instance is there. */
  readonly isPartial: boolean;
  readonly problems: readonly string[];
}

export interface PromotionPlan extends Plan {
  readonly promotionKind: PromotionKind;
  readonly standbyId: string;
  readonly sourceId: string | null;
  readonly beforeAfter: readonly BeforeAfter[];
  readonly evidence: readonly EvidenceItem[];
  readonly verdict: SourceVerdict;
  readonly blockers: readonly Blocker[];
  readonly candidates: readonly Candidate[];
  readonly loss: LossForecast;
  /** Expected time without writes, milliseconds; null: cannot be told. */
  readonly forecastOutageMs: number | null;
  readonly timeoutSeconds: number;
  readonly discardReceived: boolean;
  /** What differs between the two servers and would show after the roles have changed. */
  readonly drift?: readonly DriftItem[];
  /** Every other replica of the source and of the standby, and what becomes of it. */
  readonly bystanders?: readonly Bystander[];
  /** Events of which nobody knows what they were on the old primary: off unless the user wants them on. */
  readonly events?: readonly EventChoice[] | undefined;
}

/** An event that the user decides over. The name is the server's: untrusted. */
export interface EventChoice {
  /** `schema.name`. */
  readonly name: string;
  readonly on: boolean;
}

/** One difference between the source and the standby. Values are the servers' own: untrusted. */
export interface DriftItem {
  readonly kind: 'parameter' | 'accounts' | 'events' | 'character-set';
  readonly name: string;
  readonly source: string;
  readonly standby: string;
}

/** Another server of the same cluster. */
export interface Bystander {
  /** null: it is not registered. */
  readonly instanceId: string | null;
  readonly name: string;
  /**
   * `stays`: replica of the standby, follows it on; `stays-behind`: local replica of the source, which follows the new
   * primary through it; `re-pointed`: other replica of the source; `older` than the standby, `ahead`, `unreachable`,
   * `unregistered`: left alone.
   */
  readonly fate: 'stays' | 'stays-behind' | 're-pointed' | 'older' | 'ahead' | 'unreachable' | 'unregistered';
}

export interface PromotionRequest {
  readonly standbyId: string;
  readonly kind: PromotionKind;
  /** Budget of the waits before the point of no return. */
  readonly timeoutSeconds: number;
  /** Emergency: open at once and throw away what was received and not applied. */
  readonly discardReceived: boolean;
  /** The user accepts that only a part of the databases is on the standby. */
  readonly acceptPartial: boolean;
  /** Emergency: the user accepts that each side holds what the other lacks; the other side must not be alive. */
  readonly acceptSplit?: boolean | undefined;
  /** Emergency: the delay of the standby is ended, so that what was received is applied now. */
  readonly endDelay?: boolean | undefined;
  /** Emergency: events that are to run on the new primary though nobody knows what they were on the old one, as `schema.name`. */
  readonly enableEvents?: readonly string[] | undefined;
}

/** Notes of a report that say that something is as it should be; every other one needs a look. */
export const goodNotes: ReadonlySet<string> = new Set<Message['key']>([
  'promotion.note.kept', 'promotion.note.kept-behind', 'promotion.note.sibling-follows',
  'promotion.note.sibling-delayed', 'promotion.note.failover-removed', 'promotion.note.source-fenced',
]);

/** Kept for ever after a switchover or promotion. */
export interface PromotionReport {
  readonly id: string;
  readonly taskId: string;
  readonly kind: PromotionKind;
  readonly outcome: 'done' | 'undone' | 'failed';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly standbyId: string;
  readonly standbyName: string;
  readonly sourceId: string | null;
  readonly sourceName: string;
  /** Fence to first write accepted, milliseconds; null where the source was gone before. */
  readonly outageMs: number | null;
  /** Transactions known lost; null: cannot be told. */
  readonly lostTransactions: number | null;
  readonly lostSet: string;
  /** The same, with how far it is proven; not kept by earlier versions: see `lossOfReport`. */
  readonly loss?: Loss | undefined;
  /** The old primary was read again since, and says more than the report did at first. */
  readonly revised?: { readonly at: number; readonly was: Loss } | undefined;
  /** The primary that was replaced, which for a replica of a standby is not its source. */
  readonly oldPrimaryId?: string | null | undefined;
  /** The histories had split and the promotion was ordered all the same: what each side alone held, for the dossier. */
  readonly split?: SplitSets | undefined;
  readonly promotionSet: string;
  readonly steps: readonly { readonly id: string; readonly title: Message; readonly ms: number; readonly sql: readonly PlannedSql[] }[];
  readonly notes: readonly Message[];
  readonly error: AppError | null;
  /** When the user acknowledged an emergency promotion; until then no other one starts in this cluster. */
  readonly acknowledgedAt?: number | null;
  /** The instances that were one cluster when it ran. */
  readonly clusterIds?: readonly string[];
}

/** Of an emergency promotion that opened the standby and that nobody acknowledged yet. */
export function isPendingReport({ kind, outcome, acknowledgedAt }: Pick<PromotionReport, 'kind' | 'outcome' | 'acknowledgedAt'>): boolean {
  return kind === 'emergency' && (acknowledgedAt ?? null) === null && outcome !== 'undone';
}
