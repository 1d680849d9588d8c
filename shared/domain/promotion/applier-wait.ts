import { message } from '../../i18n/message';
import type { ReplicaChannel } from '../fleet/facts';
import { atLeast, type ServerVersion } from '../fleet/version';
import { endSession } from './opening';
import type { Precondition } from '../tasks/plan';

/** A session that the applier of a standby waits for. */
export interface ApplierWait {
  /** 0: the server tells that the applier waits for a lock, and not whose it is. */
  readonly connectionId: number;
  readonly user: string;
  readonly host: string;
  readonly seconds: number;
  /** What it runs, or the state that the applier is in. Untrusted. */
  readonly statement: string;
}

/** Locks that the applier waits for: ended by hand, with nothing lost. */
export function applierWaits(waits: readonly ApplierWait[], standby: string, instanceId: string | null): Precondition {
  const cures = instanceId === null ? [] : waits.flatMap((wait) => endSession(instanceId, wait));
  const named = waits.map(({ connectionId, user, host, seconds, statement }) =>
    (connectionId === 0 ? statement : `${connectionId} ${user}@${host} ${seconds} s ${statement}`.trim()));
  return {
    id: 'applier-waits',
    title: message('promotion.precondition.applier-waits.title'),
    status: waits.length === 0 ? 'pass' : 'warn',
    measured: waits.length === 0 ? message('promotion.measured.none') : message('promotion.measured.value', { value: named.join(' · ') }),
    remedy: waits.length === 0 ? null : message('promotion.precondition.applier-waits.remedy', { standby }),
    sql: 'SELECT … FROM performance_schema.data_lock_waits',
    ...(cures.length === 0 ? {} : { cures }),
  };
}

/**
 * Whether the delay of a link can be ended with nothing of its relay logs lost: from 5.7.4 on it is changed with the applier alone
 * stopped. Before, both threads have to stand still, and then CHANGE MASTER TO deletes the relay logs (as it does in every version).
 * Manual: "CHANGE REPLICATION SOURCE TO Statement"; tried on 5.6.24, 5.7.22, 8.0.15, 8.0.31 and 9.7.0.
 */
export function canEndDelay(version: ServerVersion): boolean {
  return atLeast(version, 5, 7, 4);
}

/** What an emergency promotion is to do with what was received and not applied. */
export interface DrainReading {
  readonly notApplied: number;
  readonly channel: ReplicaChannel | undefined;
  readonly version: ServerVersion;
  readonly timeoutSeconds: number;
  readonly discardReceived: boolean;
  readonly endDelay: boolean;
  /** The source answers, takes writes, and the standby goes on receiving them. */
  readonly stillArrives: boolean;
  readonly standbyName: string;
  readonly sourceName: string;
  readonly sql: string;
}

/**
 * Whether what was received can be applied, or is thrown away as counted. The cause of a wait is named, and the ways out that lose
 * nothing come first. A number that still grows is not one that can be agreed to.
 */
export function drainPrecondition(reading: DrainReading): Precondition {
  const { notApplied: count, channel, discardReceived } = reading;
  const of = (status: Precondition['status'], measured: Precondition['measured'], remedy: Precondition['remedy']): Precondition =>
    ({ id: 'drain', title: message('promotion.precondition.drain.title'), status, measured, remedy, sql: reading.sql });
  const toApply = message('promotion.measured.to-apply', { count });
  if (count === 0) return of('pass', toApply, null);
  if (discardReceived) {
    const discarded = message('promotion.measured.discarded', { count });
    if (!reading.stillArrives) return of('warn', discarded, message('promotion.precondition.drain.remedy-discard', { count }));
    return of('fail', discarded, message('promotion.precondition.drain.remedy-grows', { source: reading.sourceName, standby: reading.standbyName }));
  }
  // An applier that stopped with an error cannot apply the rest; one that was only stopped is started by the drain.
  const error = channel?.applierError ?? null;
  if (error !== null) return of('fail', message('promotion.measured.value', { value: error.text }), message('promotion.precondition.drain.remedy', { count }));
  return channel === undefined || channel.delaySeconds === 0 ? of('pass', toApply, null) : delayed(reading, channel, of);
}

function delayed(
  { notApplied: count, version, timeoutSeconds, endDelay, standbyName: standby }: DrainReading,
  { delaySeconds, remainingDelaySeconds }: ReplicaChannel,
  of: (status: Precondition['status'], measured: Precondition['measured'], remedy: Precondition['remedy']) => Precondition,
): Precondition {
  const measured = message('promotion.measured.delayed-rest', { count, delay: delaySeconds, left: remainingDelaySeconds ?? delaySeconds });
  const params = { standby, seconds: delaySeconds };
  const canEnd = canEndDelay(version);
  if (canEnd && endDelay) return of('pass', measured, null);
  const remedy = message(`promotion.precondition.drain.${canEnd ? 'remedy-delay' : 'remedy-delay-old'}`, params);
  return of(endDelay || delaySeconds > timeoutSeconds ? 'fail' : 'warn', measured, remedy);
}
