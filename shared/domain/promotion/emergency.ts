import { message, type Message } from '../../i18n/message';
import type { InstanceFacts } from '../fleet/facts';
import type { LockHolder } from '../tasks/lock-holder';
import type { Precondition } from '../tasks/plan';
import type { OpeningReading } from './opening';
import type { Candidate, DriftItem, SourceVerdict } from './promotion';
import { answers } from './evidence';
import { applierWaits, drainPrecondition, type ApplierWait } from './applier-wait';
import { isProvenNone, lossOf, ownTransactions, splitOf, type LossReading } from './loss';
import { compared, type KnownDifference } from './compared';
import { driftPrecondition } from './settings-drift';
import { nothingKeptAway } from './narrowed';
import { lockPrecondition, type Squatter } from './lock-precondition';
import { opening, scopePrecondition, standbyLocks } from './preconditions';
import { chainHead } from '../fleet/source';
import { parseServerVersion } from '../fleet/version';
import { parseGtidSet } from '../gtid/set';
import type { Scope } from '../scope/scope';

/** Everything that the preconditions of an emergency promotion are decided over. */
export interface EmergencyReading {
  readonly standbyId: string;
  readonly standbyName: string;
  readonly sourceName: string;
  /** What comparisons found; null: nothing that differs. */
  readonly difference: KnownDifference | null;
  readonly standby: InstanceFacts;
  /** The primary that the source itself follows; null: the source is the primary. */
  readonly head: { readonly name: string; readonly answers: boolean } | null;
  readonly verdict: SourceVerdict;
  readonly loss: LossReading;
  readonly candidates: readonly Candidate[];
  /** Names of candidates by id, for the explanation. */
  readonly names: ReadonlyMap<string, string>;
  readonly discardReceived: boolean;
  /** Events that stay off because nobody knows what they were on the source, as `schema.name`. */
  readonly unsureEvents: readonly string[];
  /** What would keep the standby from being opened, and the locks that sessions hold there. */
  readonly opening: OpeningReading;
  /** Sessions that the applier of the standby waits for. */
  readonly waits: readonly ApplierWait[];
  readonly scope: Scope;
  /** The source as it was last read; null: never. */
  readonly source: InstanceFacts | null;
  /** Settings that differ from those which the old primary had when it was last seen; null: it was never seen. */
  readonly drift: readonly DriftItem[] | null;
  readonly acceptPartial: boolean;
  readonly acceptSplit: boolean;
  readonly endDelay: boolean;
  readonly timeoutSeconds: number;
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
  | 'is-standby' | 'source-is-primary' | 'evidence' | 'own-transactions' | 'most-advanced' | 'loss-known' | 'standby-binlog'
  | 'emergency-rights' | 'acknowledged' | 'events-known';

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
    applierWaits(reading.waits, reading.standbyName, reading.opening.instanceId),
    opening(reading.opening, reading.standbyName),
    standbyLocks(reading.opening.locks, reading.standbyName, reading.standbyId),
    precondition(
      'events-known', 'SELECT … FROM information_schema.EVENTS', reading.unsureEvents.length === 0 ? 'pass' : 'warn',
      reading.unsureEvents.length === 0 ? none : value(reading.unsureEvents.join(', ')),
    ),
    scopePrecondition(reading.filtersSql, reading.scope.kind === 'partial', reading.acceptPartial),
    nothingKeptAway({ ...reading, wayBack: null, sql: reading.filtersSql }, 'emergency', reading.acceptPartial),
    compared(reading.difference, 'emergency', { standby: reading.standbyName, source: reading.sourceName }),
    driftPrecondition('emergency', reading.drift, reading.standbyId),
    precondition(
      'standby-binlog', 'SELECT @@GLOBAL.log_bin', server.logBin && server.logReplicaUpdates ? 'pass' : 'warn',
      value(server.logBin ? (server.logReplicaUpdates ? 'ON' : 'log_slave_updates = OFF') : 'OFF'), { standby: reading.standbyName },
    ),
    precondition(
      'emergency-rights', 'SHOW GRANTS', reading.missingRights.length === 0 ? 'pass' : 'fail',
      reading.missingRights.length === 0 ? message('promotion.measured.nothing-missing') : value(reading.missingRights.join(', ')),
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

/** On a side that lives the histories would go on parting; of one that does not, it is the user's word, with both sets shown. */
function histories(reading: EmergencyReading): Precondition[] {
  const own = ownTransactions(reading.loss);
  const split = splitOf(reading.loss);
  const ownText = own.isEmpty() ? none : message('promotion.measured.transactions', { count: Number(own.count()), set: own.shorten() });
  const mayOverride = !answers(reading.verdict) && reading.verdict !== 'unreachable-only-from-here' && reading.head?.answers !== true;
  const splitText = split === null ? none : message('promotion.measured.split', {
    source: Number(parseGtidSet(split.sourceOnly).count()), standby: Number(own.count()),
    sourceSet: parseGtidSet(split.sourceOnly).shorten(), standbySet: own.shorten(),
  });
  const status = split === null ? 'pass' : mayOverride && reading.acceptSplit ? 'warn' : 'fail';
  const names = { standby: reading.standbyName, source: reading.sourceName };
  return [
    {
      id: 'split', title: message('promotion.precondition.split.title'), status, measured: splitText, sql: 'SELECT GTID_SUBTRACT(…)',
      remedy: split === null ? null : message(mayOverride ? 'promotion.precondition.split.remedy-dead' : 'promotion.precondition.split.remedy', names),
    },
    precondition('own-transactions', 'SELECT GTID_SUBTRACT(…)', own.isEmpty() || split !== null ? 'pass' : 'warn', ownText, { standby: reading.standbyName }),
  ];
}

/** A look proves only up to its own time: nothing but a fence makes the number one that is known. */
function lossKnown(reading: EmergencyReading): Precondition {
  const loss = lossOf(reading.loss);
  const { stated } = loss;
  const of = (status: Precondition['status'], measured: Message): Precondition =>
    precondition('loss-known', 'SELECT @@GLOBAL.gtid_executed', status, measured, { source: reading.sourceName });
  if (stated.kind === 'exact') return of(isProvenNone(stated) ? 'pass' : 'warn', message('promotion.measured.loss-exact', { missing: stated.count }));
  if (loss.notReceived === null) return of('warn', message('promotion.measured.never-seen'));
  if (loss.blindSeconds === null) return of('warn', message('promotion.measured.loss-elsewhere', { missing: loss.notReceived }));
  const unseen = stated.unseenFrom === null ? loss.blindSeconds : Math.max(0, reading.loss.now - stated.unseenFrom) / 1000;
  const params = { missing: loss.notReceived, seconds: Math.round(loss.blindSeconds), unseen: Math.ceil(unseen) };
  if (loss.heardAt === null) return of('warn', message('promotion.measured.loss', params));
  return of('warn', message('promotion.measured.loss-heard', { ...params, heard: Math.round(Math.max(0, reading.loss.now - loss.heardAt) / 1000) }));
}

function mostAdvanced(reading: EmergencyReading): Precondition {
  const mine = reading.candidates.find((candidate) => candidate.instanceId === reading.standbyId);
  const best = reading.candidates.find(({ behindBest }) => behindBest === 0);
  const behind = mine?.behindBest ?? 0;
  const bestName = best === undefined ? '' : (reading.names.get(best.instanceId) ?? best.instanceId);
  // What holds a part is no better choice for being further on.
  const holds = best?.isPartial === true && mine?.isPartial !== true ? 'part' : 'whole';
  const measured = behind === 0 ? none : message('promotion.measured.behind-best', { best: bestName, count: behind });
  return precondition('most-advanced', reading.statusSql, behind === 0 ? 'pass' : 'warn', measured, { best: bestName, holds });
}

function drain(reading: EmergencyReading): Precondition {
  const { server, channels: [channel] } = reading.standby;
  return drainPrecondition({
    notApplied: lossOf(reading.loss).notApplied, channel, version: parseServerVersion(server.version, server.versionComment),
    timeoutSeconds: reading.timeoutSeconds, discardReceived: reading.discardReceived, endDelay: reading.endDelay,
    stillArrives: answers(reading.verdict) && !reading.loss.sourceFenced && channel?.receiver === 'running',
    standbyName: reading.standbyName, sourceName: reading.sourceName, sql: reading.statusSql,
  });
}
