import type { InstanceFacts } from '../fleet/facts';
import type { AbsentReason, AbsentSeries } from './monitoring';
import type { RawSample } from './rates';
import { rawNamesOf, series, type Series } from './series';

/** What is known of how an instance is read. */
export interface Readable {
  /** null: no sample was taken yet. */
  readonly sample: Pick<RawSample, 'raw'> | null;
  /** null: the fleet has not read it. */
  readonly facts: InstanceFacts | null;
  /** The statement that gives a right that was refused; null: none was. */
  readonly refusedGrant: string | null;
  /** The account, for the rights that the fleet's own readings need; null: not known. */
  readonly account: string | null;
}

/** The series that an instance does not have, each with why. A gap for want of load (no waits, so no time of a wait) is not among them. */
export function absentSeries(readable: Readable): readonly AbsentSeries[] {
  return series.flatMap((one) => {
    const reason = reasonOf(one, readable);
    return reason === null ? [] : [{ id: one.id, reason }];
  });
}

function reasonOf({ id, measure, replica }: Series, { sample, facts, refusedGrant, account }: Readable): AbsentReason | null {
  if (measure.kind === 'facts') {
    if (facts === null) return { kind: 'not-read' };
    const wanted = replica === true ? 'channels' : 'binlog';
    if (facts.unread.some(({ fact }) => fact === wanted)) {
      return { kind: 'privilege', grant: `GRANT REPLICATION CLIENT ON *.* TO ${account ?? 'CURRENT_USER()'}` };
    }
    if (replica === true) return facts.channels.length === 0 ? { kind: 'not-replica' } : null;
    return facts.binlog === null ? { kind: 'not-logging' } : null;
  }
  if (sample === null) return { kind: 'not-read' };
  if (id === 'write_transactions' && facts?.server.logBin === false) return { kind: 'not-logging' };
  const [first, second] = rawNamesOf(measure);
  const needed = measure.kind === 'rate' || measure.kind === 'gauge' ? [first] : [first, second];
  if (needed.every((name) => name !== undefined && sample.raw[name] !== undefined)) return null;
  const guarded = needed.some((name) => name === 'checkpoint_age' || name?.startsWith('metric.') === true);
  return guarded && refusedGrant !== null ? { kind: 'privilege', grant: refusedGrant } : { kind: 'not-told' };
}
