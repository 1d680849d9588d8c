import { countOf, executedOf } from '../analysis/input';
import type { InstanceFacts } from '../fleet/facts';
import type { InstanceView } from '../fleet/view';
import type { FactName } from './series';

/** Values that come from what the fleet reads anyway; null: not known, never 0. */
export type FactValues = Readonly<Record<FactName, number | null>>;

export const noFacts: FactValues = {
  lagSeconds: null, lagTransactions: null, lagBytes: null, toReceive: null, toApply: null, applyRate: null, relayLogBytes: null, binlogRate: null,
};

/** A look at the source that is older than the one at the standby by more says nothing of this moment. */
const staleSourceMs = 30_000;

/**
 * Lag as the fleet concludes it, and what grew between two readings. `longestMs`: how far the readings may be apart, and how old the newest
 * may be at `now`.
 */
export function factValues(view: InstanceView, before: InstanceFacts | null, now: number, longestMs: number): FactValues {
  const { facts, health } = view;
  if (facts === null || health.state !== 'reachable' || now - facts.sampledAt > longestMs) return noFacts;
  const spanMs = before === null ? 0 : facts.sampledAt - before.sampledAt;
  const earlier = before !== null && spanMs > 0 && spanMs <= longestMs ? before : null;
  const spaces = facts.channels.map(({ relayLogSpaceBytes }) => relayLogSpaceBytes);
  return {
    ...lagValues(view),
    applyRate: earlier === null || facts.channels.length === 0 ? null : perSecond(countedIn(facts), countedIn(earlier), spanMs),
    relayLogBytes: spaces.length === 0 || spaces.includes(null) ? null : spaces.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
    binlogRate: earlier === null || facts.binlog === null || facts.binlog.file !== earlier.binlog?.file
      ? null : perSecond(facts.binlog.position, earlier.binlog.position, spanMs),
  };
}

function lagValues({ lag }: InstanceView): Pick<FactValues, 'lagSeconds' | 'lagTransactions' | 'lagBytes' | 'toReceive' | 'toApply'> {
  if (lag === null) return noFacts;
  const runs = lag.state === 'caught-up' || lag.state === 'behind';
  const sourceSeen = lag.sourceAt !== null && lag.standbyAt - lag.sourceAt <= staleSourceMs;
  const toReceive = sourceSeen ? lag.toReceive : null;
  return {
    lagSeconds: runs ? lag.seconds ?? (lag.state === 'caught-up' ? 0 : null) : null,
    lagTransactions: toReceive === null || lag.toApply === null ? null : toReceive + lag.toApply,
    lagBytes: runs && sourceSeen ? lag.bytes : null,
    toReceive,
    toApply: lag.toApply,
  };
}

function countedIn(facts: InstanceFacts): number | null {
  const set = executedOf(facts);
  return set === null ? null : countOf(set);
}

function perSecond(now: number | null, before: number | null, ms: number): number | null {
  return now === null || before === null || now < before ? null : ((now - before) * 1_000) / ms;
}
