import { message, type Message } from '../../i18n/message';
import type { InstanceFacts } from '../fleet/facts';
import type { LockHolder } from '../tasks/lock-holder';
import type { Precondition } from '../tasks/plan';
import type { OpeningReading } from './opening';
import type { Candidate, SourceVerdict } from './promotion';
import { answers } from './evidence';
import { isSplit, lossOf, ownTransactions, type LossReading } from './loss';
import { lockPrecondition, type Squatter } from './lock-precondition';
import { opening, scopePrecondition, standbyLocks } from './preconditions';
import { chainHead } from '../fleet/source';

/** Everything that the preconditions of an emergency promotion are decided over. */
export interface EmergencyReading {
  readonly standbyId: string;
  readonly standbyName: string;
  readonly sourceName: string;
  readonly standby: InstanceFacts;
  /** The primary that the source itself follows; null: the source is the primary. */
  readonly head: { readonly name: string; readonly answers: boolean } | null;
  readonly verdict: SourceVerdict;
  readonly loss: LossReading;
  readonly candidates: readonly Candidate[];
  /** Names of candidates by id, for the explanation. */
  readonly names: ReadonlyMap<string, string>;
  readonly discardReceived: boolean;
  /** What would keep the standby from being opened, and the locks that sessions hold there. */
  readonly opening: OpeningReading;
  readonly partialScope: boolean;
  readonly acceptPartial: boolean;
  /** Rights that the administrative login on the standby lacks. */
  readonly missingRights: readonly string[];
  /** Who holds the operation lock of the standby; null: nobody. */
  readonly lockHolder: LockHolder | null;
  /** Holders of the lock's name that could not operate. */
  readonly squatters: readonly Squatter[];
  /** An emergency promotion of this cluster that nobody has acknowledged yet; null: there is none. */
  readonly pending: PendingPromotion | null;
  /** SHOW REPLICA STATUS, and what the filters of a part are read from, in the standby's words. */
  readonly statusSql: string;
  readonly filtersSql: string;
}

/**
 * The id at the head of the chain above a source; null: the source follows nobody. What was last seen may be older than
 * the last switchover, and then has the source follow the very standby that is to be promoted: no primary above it.
 */
export function headAbove(sourceId: string, standbyId: string, sourceOf: (id: string) => string | null): string | null {
  const head = chainHead(sourceId, sourceOf, [standbyId]);
  return head === sourceId ? null : head;
}

/** An emergency promotion that waits to be acknowledged, as a plan shows it. */
export interface PendingPromotion {
  readonly reportId: string;
  readonly standbyName: string;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  /** null: cannot be told. */
  readonly lost: number | null;
  /** The primary that it made takes writes now, and it is not the one that is to be replaced: a second one would be opened beside it. */
  readonly isAlive: boolean;
}

type EmergencyPreconditionId =
  | 'is-standby' | 'source-is-primary' | 'evidence' | 'split' | 'own-transactions' | 'most-advanced' | 'drain' | 'loss-known' | 'standby-binlog'
  | 'emergency-rights' | 'acknowledged';

function precondition(
  id: EmergencyPreconditionId,
  sql: string,
  status: Precondition['status'],
  measured: Message,
  params?: Readonly<Record<string, string | number>>,
): Precondition {
  return {
    id, title: message(`promotion.precondition.${id}.title`), status, measured,
    remedy: status === 'pass' ? null : message(`promotion.precondition.${id}.remedy`, params), sql,
  };
}

const none: Message = message('promotion.measured.none');
const value = (text: string): Message => message('promotion.measured.value', { value: text });

/**
 * The preconditions of an emergency promotion. A chosen target is no bypass: what would lose more than it says, or would
 * make two histories out of one without saying so, fails; what the user may decide knowingly warns.
 */
export function emergencyPreconditions(reading: EmergencyReading): Precondition[] {
  const { server } = reading.standby;
  return [
    isStandby(reading),
    headOfChain(reading),
    precondition(
      'evidence', 'SELECT 1', answers(reading.verdict) || reading.verdict !== 'source-dead' ? 'warn' : 'pass', message(`promotion.verdict.${reading.verdict}`),
      { source: reading.sourceName },
    ),
    ...histories(reading),
    lossKnown(reading),
    mostAdvanced(reading),
    drain(reading),
    opening(reading.opening, reading.standbyName),
    standbyLocks(reading.opening.locks, reading.standbyName, reading.standbyId),
    scopePrecondition(reading.filtersSql, reading.partialScope, reading.acceptPartial),
    precondition(
      'standby-binlog', 'SELECT @@GLOBAL.log_bin', server.logBin && server.logReplicaUpdates ? 'pass' : 'warn',
      value(server.logBin ? (server.logReplicaUpdates ? 'ON' : 'log_slave_updates = OFF') : 'OFF'), { standby: reading.standbyName },
    ),
    precondition(
      'emergency-rights', 'SHOW GRANTS', reading.missingRights.length === 0 ? 'pass' : 'fail',
      reading.missingRights.length === 0 ? none : value(reading.missingRights.join(', ')),
    ),
    lockPrecondition('emergency-lock', reading.lockHolder, reading.squatters),
    acknowledged(reading.pending),
  ];
}

/**
 * A fresh disaster is never refused because an old report is unread: the plan shows that report, and carrying the plan out
 * acknowledges it. While the primary that was made then takes writes there is no such disaster, and the report is to be read first.
 */
function acknowledged(pending: PendingPromotion | null): Precondition {
  if (pending === null) return precondition('acknowledged', '', 'pass', none);
  const { standbyName: standby, endedAt, lost } = pending;
  const measured = message('promotion.measured.pending', { standby, at: new Date(endedAt).toISOString(), lost: lost ?? -1 });
  const shown = precondition('acknowledged', '', pending.isAlive ? 'fail' : 'warn', measured, { report: pending.reportId });
  return pending.isAlive ? shown : { ...shown, remedy: message('promotion.remedy.acknowledged-by-plan', { standby }) };
}

function isStandby(reading: EmergencyReading): Precondition {
  const follows = reading.standby.channels.map((channel) => `${channel.sourceHost}:${channel.sourcePort}`).join(', ');
  const measured = follows === '' ? none : message('promotion.measured.follows', { sources: follows });
  const status = reading.standby.channels.length === 1 ? 'pass' : 'fail';
  return precondition('is-standby', reading.statusSql, status, measured, { standby: reading.standbyName });
}

/** A replica of a standby: while the primary above it lives, opening it would make a second writable server. */
function headOfChain({ head, sourceName, statusSql }: EmergencyReading): Precondition {
  const measured = head === null
    ? value(sourceName)
    : message(head.answers ? 'promotion.measured.head-answers' : 'promotion.measured.head-away', { source: sourceName, primary: head.name });
  return precondition('source-is-primary', statusSql, head === null ? 'pass' : head.answers ? 'fail' : 'warn', measured, { source: sourceName });
}

function histories(reading: EmergencyReading): Precondition[] {
  const own = ownTransactions(reading.loss);
  const missing = lossOf(reading.loss);
  const split = isSplit(reading.loss);
  const ownText = own.isEmpty() ? none : message('promotion.measured.transactions', { count: Number(own.count()), set: own.shorten() });
  const splitText = split ? message('promotion.measured.split', { source: missing.notReceived ?? 0, standby: Number(own.count()) }) : none;
  return [
    precondition('split', 'SELECT GTID_SUBTRACT(…)', split ? 'fail' : 'pass', splitText, { standby: reading.standbyName, source: reading.sourceName }),
    precondition('own-transactions', 'SELECT GTID_SUBTRACT(…)', own.isEmpty() || split ? 'pass' : 'warn', ownText, { standby: reading.standbyName }),
  ];
}

function lossKnown(reading: EmergencyReading): Precondition {
  const loss = lossOf(reading.loss);
  if (loss.notReceived === null || loss.blindSeconds === null) {
    return precondition('loss-known', 'SELECT @@GLOBAL.gtid_executed', 'warn', message('promotion.measured.never-seen'), { source: reading.sourceName });
  }
  const measured = message('promotion.measured.loss', { missing: loss.notReceived, seconds: Math.round(loss.blindSeconds) });
  return precondition('loss-known', 'SELECT @@GLOBAL.gtid_executed', loss.notReceived === 0 ? 'pass' : 'warn', measured, { source: reading.sourceName });
}

function mostAdvanced(reading: EmergencyReading): Precondition {
  const mine = reading.candidates.find((candidate) => candidate.instanceId === reading.standbyId);
  const best = reading.candidates[0];
  const behind = mine?.behindBest ?? 0;
  const bestName = best === undefined ? '' : (reading.names.get(best.instanceId) ?? best.instanceId);
  const measured = behind === 0 ? none : message('promotion.measured.behind-best', { best: bestName, count: behind });
  return precondition('most-advanced', reading.statusSql, behind === 0 ? 'pass' : 'warn', measured, { best: bestName });
}

function drain(reading: EmergencyReading): Precondition {
  const { notApplied } = lossOf(reading.loss);
  const channel = reading.standby.channels[0];
  const measured = message('promotion.measured.to-apply', { count: notApplied });
  if (notApplied === 0) return precondition('drain', reading.statusSql, 'pass', measured);
  if (reading.discardReceived) {
    return precondition('drain', reading.statusSql, 'warn', message('promotion.measured.discarded', { count: notApplied }), { count: notApplied });
  }
  // An applier that stopped with an error cannot apply the rest; one that was only stopped is started by the drain.
  const broken = channel?.applierError !== null && channel?.applierError !== undefined;
  return precondition(
    'drain', reading.statusSql, broken ? 'fail' : channel !== undefined && channel.delaySeconds > 0 ? 'warn' : 'pass',
    broken ? value(channel.applierError?.text ?? '') : measured, { count: notApplied },
  );
}
