import { parseGtidSet } from '../gtid/set';
import { answers } from './evidence';
import type { LossForecast, PromotionKind, SourceVerdict } from './promotion';

/** The state a plan was made from: what must still be so when its word has been typed. */
export interface PlanBasis {
  readonly kind: PromotionKind;
  readonly standbyUuid: string | null;
  readonly sourceUuid: string | null;
  /** The standby's link: `host:port/source uuid`; null: it follows nobody. */
  readonly link: string | null;
  readonly standbyReadOnly: boolean;
  /** null: the source was not reached. */
  readonly sourceReadOnly: boolean | null;
  /** Other members of the cluster, sorted. */
  readonly members: readonly string[];
  readonly verdict: SourceVerdict;
  readonly errantSet: string;
  readonly loss: LossForecast;
  /** What the standby holds, applied or received. */
  readonly held: string;
  readonly discardReceived: boolean;
}

export type OutdatedReason = 'identity' | 'link' | 'role' | 'members' | 'verdict' | 'errant' | 'loss';

/**
 * Whether a plan still stands on what it was made from; the first thing that changed otherwise. Transactions that went
 * on flowing in a planned switchover change nothing; in an emergency more loss than was shown does, but for what a source
 * that answers went on writing, under whatever uuid: the plan said that this comes on top, and behind the fence it is counted.
 */
export function outdated(plan: PlanBasis, now: PlanBasis): OutdatedReason | null {
  if (plan.standbyUuid !== now.standbyUuid || (now.sourceUuid !== null && plan.sourceUuid !== null && plan.sourceUuid !== now.sourceUuid)) return 'identity';
  if (plan.link !== now.link) return 'link';
  if (plan.standbyReadOnly !== now.standbyReadOnly) return 'role';
  if (plan.kind === 'planned' && plan.sourceReadOnly !== now.sourceReadOnly) return 'role';
  if (plan.members.join('\n') !== now.members.join('\n')) return 'members';
  if (plan.kind === 'emergency' && answers(now.verdict) && !answers(plan.verdict)) return 'verdict';
  if (!within(now.errantSet, plan.errantSet)) return 'errant';
  if (plan.kind === 'emergency' && losesMore(plan, now)) return 'loss';
  return null;
}

function losesMore(plan: PlanBasis, now: PlanBasis): boolean {
  const writesOn = answers(plan.verdict) && answers(now.verdict);
  const more = parseGtidSet(now.loss.notReceivedSet).subtract(parseGtidSet(plan.loss.notReceivedSet));
  const unexpected = writesOn ? more.notFrom(...writers(plan)) : more;
  if (plan.loss.notReceived !== null && now.loss.notReceived !== null && !unexpected.isEmpty()) return true;
  // What a source that writes on wrote does not count; what the standby held and holds no more does.
  if (writesOn && !within(plan.held, now.held)) return true;
  return plan.discardReceived && !within(now.loss.notAppliedSet, plan.loss.notAppliedSet);
}

/** Under whose uuids new transactions are to be expected on a source: its own, its group's, and whatever came down to the standby before. */
function writers({ sourceUuid, standbyUuid, held }: PlanBasis): readonly string[] {
  const known = parseGtidSet(held).uuids().filter((uuid) => uuid !== standbyUuid?.toLowerCase());
  return sourceUuid === null ? known : [sourceUuid, ...known];
}

function within(set: string, of: string): boolean {
  return parseGtidSet(set).isSubsetOf(parseGtidSet(of));
}
