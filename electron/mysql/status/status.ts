import type { BinlogPosition, GtidMode, InstanceFacts, ServerFacts } from '../../../shared/domain/fleet/facts';
import { hasRight } from '../../../shared/domain/accounts/rights';
import { failure } from '../../../shared/errors/codes';
import { trialName } from '../../../shared/domain/checks/trial';
import { standingCommitsOf } from '../../../shared/domain/fleet/commit-state';
import { atLeast } from '../../../shared/domain/fleet/version';
import { keptGrants } from '../accounts/privileges';
import { flagOf, numberOf, Reading, selectOf, textOf } from '../reading';
import { clockExpression, clockOf } from './clock';
import { channelExpressions, readChannels } from './channels';
import { lockConnectionsOf, lockExpressions, readLockHolders } from './lock';
import { readEnabledEvents } from './events';
import { keptNoticed } from './noticed';
import { startKept } from './start-kept';
import { dumpExpressions, readReplicas } from './replicas';
import { readPrivilegedSessions } from './sessions';
import { readWriteStalls } from './stalls';
import type { Dialect } from '../dialect/dialect';
import type { Session } from '../types';

const READ_TIMEOUT_MS = 10_000;

/**
 * Reads everything the analyses need from one server, in a few short statements that take no lock. On a replica,
 * gtid_executed comes from the row that holds the received sets, so that both are of one instant.
 *
 * A fact that the login may not read, or that the server does not have, is null; a refusal is listed in `unread` with
 * the server's own words. Two lists cannot be null: refused `channels` and `replicas` are empty and named in `unread`,
 * which never means "none".
 *
 * @throws Failure `product-unsupported`, `version-unsupported`, or what ended the connection (limit, abort, loss)
 */
export async function readFacts(session: Session, signal?: AbortSignal): Promise<InstanceFacts> {
  const reading = new Reading(session, { timeoutMs: READ_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) });
  const seesEvents = hasRight(await keptGrants(reading), 'EVENT');
  // Without EVENT the list of events silently holds the visible ones only.
  if (!seesEvents) reading.note('enabledEvents', 'EVENT');
  const { sampledAt, rttMs, all } = await readValues(reading, seesEvents);
  const values = new Values(session, all);
  const { clock, clockOffsetMs } = await clockOf(reading, values.number('clock'), sampledAt, rttMs);

  const hasSchema = values.flag('performanceSchema') ?? false;
  const { channels, executed } = await readChannels(reading, values.number('workers'), hasSchema ? values.number('channels') : null);
  // A trial never starts an applier: only then can it have begun, or ended, while all this was read.
  const doubtful = channels.some((channel) => channel.applier !== 'running');
  const trial = values.flag('trial') === true || (doubtful && flagOf((await reading.values({ trial: trialExpression }))['trial']) === true);
  const logBin = values.flag('logBin') ?? false;
  const semiSyncWaiting = values.number('semiSyncWaiting');
  const settings = Object.fromEntries(closingVariables(session).map((name) => [name, values.flag(name)]));
  const writeStalls = await readWriteStalls(reading, settings, values.number('threadsRunning'));
  const noticed = await keptNoticed(reading);
  const isStartKept = channels.length > 0 ? await startKept(reading, !doubtful) : undefined;
  const events = await readEnabledEvents(reading, values.number('enabledEvents'), clock === null ? null : clock * 1000);
  return {
    sampledAt,
    rttMs,
    clockOffsetMs,
    server: serverFacts(values, await (isHalfClosed(values) ? readPrivilegedSessions(reading) : null), passesOver(values, reading.session.dialect)),
    gtid: { executed: executed ?? values.text('executed'), purged: values.text('purged') },
    binlog: logBin && standingCommitsOf(writeStalls) === null ? await readBinlogPosition(reading) : null,
    channels,
    replicas: logBin ? await readReplicas(reading, hasSchema, all['dumps']) : [],
    lockHolders: await readLockHolders(reading, lockConnectionsOf(all), Date.now()),
    unread: reading.unread,
    ...(trial ? { trialUnderWay: true } : {}),
    ...(semiSyncWaiting === null ? {} : { semiSyncWaiting }),
    ...(events === undefined ? {} : { events }),
    ...(noticed === undefined ? {} : { noticed }),
    ...(isStartKept === undefined ? {} : { startKept: isStartKept }),
    ...(writeStalls === null ? {} : { writeStalls }),
  };
}

/** What a session is asked with every reading: all in one statement, or, where its server refuses that, in two. */
interface Question {
  readonly seesEvents: boolean;
  readonly whole: string;
  isRefused: boolean;
}
const questions = new WeakMap<Session, Question>();

function questionOf(session: Session, seesEvents: boolean): Question {
  const known = questions.get(session);
  if (known?.seesEvents === seesEvents) return known;
  const question = { seesEvents, whole: wholeQuestion(session, seesEvents), isRefused: false };
  questions.set(session, question);
  return question;
}

/** The statement by version: of a fleet there are few. */
const wholes = new Map<string, string>();
const MOST_WHOLES = 100;

function wholeQuestion(session: Session, seesEvents: boolean): string {
  const key = JSON.stringify([session.version, seesEvents]);
  const known = wholes.get(key);
  if (known !== undefined) return known;
  if (wholes.size >= MOST_WHOLES) wholes.clear();
  const [measures, from] = measureExpressions(session, seesEvents);
  const whole = selectOf({ ...variableExpressions(session), ...measures, ...dumpExpressions(session.dialect), ...channelExpressions(session.dialect) }, from);
  wholes.set(key, whole);
  return whole;
}

/** The server's variables and measures by name, with the moment before they were asked for, and how long the answer took that has its clock. */
async function readValues(
  reading: Reading, seesEvents: boolean,
): Promise<{ readonly sampledAt: number; readonly rttMs: number; readonly all: Record<string, unknown> }> {
  const { session } = reading;
  const question = questionOf(session, seesEvents);
  if (!question.isRefused) {
    const [sampledAt, started] = [Date.now(), performance.now()];
    const all = await reading.valuesOf(question.whole);
    if (all !== null) return { sampledAt, rttMs: performance.now() - started, all };
    // A right is wanting, or the server is a fork that lacks something: that will not change from reading to reading.
    question.isRefused = true;
  }
  const [sampledAt, started] = [Date.now(), performance.now()];
  const variables = await reading.values(variableExpressions(session));
  const rttMs = performance.now() - started;
  return { sampledAt, rttMs, all: { ...variables, ...(await reading.values(...measureExpressions(session, seesEvents))) } };
}

/** read_only alone: closed to ordinary accounts, and open to privileged ones. */
function isHalfClosed(values: Values): boolean {
  return values.flag('readOnly') === true && values.flag('superReadOnly') !== true;
}

const trialExpression = `IS_USED_LOCK('${trialName}') IS NOT NULL`;

/** Variables that need no privilege, and the clock. Manual: "Server System Variables" and the version notes there. */
function variableExpressions(session: Session): Record<string, string> {
  const { dialect, version } = session;
  const { features } = dialect;
  const variable = (name: string): string => `@@global.${dialect.variableName(name)}`;
  return {
    clock: clockExpression,
    uuid: variable('server_uuid'),
    serverId: variable('server_id'),
    version: '@@version',
    versionComment: '@@version_comment',
    hostname: variable('hostname'),
    port: variable('port'),
    readOnly: variable('read_only'),
    ...(features.hasSuperReadOnly ? { superReadOnly: variable('super_read_only') } : {}),
    logBin: variable('log_bin'),
    logReplicaUpdates: variable('log_replica_updates'),
    binlogFormat: variable('binlog_format'),
    binlogRowImage: variable('binlog_row_image'),
    gtidMode: variable('gtid_mode'),
    enforceGtidConsistency: variable('enforce_gtid_consistency'),
    eventScheduler: variable('event_scheduler'),
    characterSetServer: variable('character_set_server'),
    collationServer: variable('collation_server'),
    sqlMode: variable('sql_mode'),
    timeZone: variable('time_zone'),
    systemTimeZone: variable('system_time_zone'),
    lowerCaseTableNames: variable('lower_case_table_names'),
    maxAllowedPacket: variable('max_allowed_packet'),
    replicaNetTimeout: variable('replica_net_timeout'),
    workers: variable('replica_parallel_workers'),
    skipErrors: variable('replica_skip_errors'),
    execMode: variable('replica_exec_mode'),
    binlogExpire: expireExpression(atLeast(version, 8, 0, 1), atLeast(version, 8, 0, 29), atLeast(version, 8, 1)),
    ...(features.hasSkipReplicaStartVariable ? { skipReplicaStart: variable('skip_replica_start') } : {}),
    performanceSchema: variable('performance_schema'),
    ...Object.fromEntries(closingVariables(session).map((name) => [name, `@@global.${name}`])),
  };
}

/** Settings that keep the writes of clients out of a server that is not read-only. Manual: "Server System Variables". */
function closingVariables({ version }: Session): readonly string[] {
  return [
    atLeast(version, 5, 7, 20) ? 'transaction_read_only' : 'tx_read_only', 'innodb_read_only',
    ...(atLeast(version, 5, 7, 5) ? ['offline_mode'] : []),
  ];
}

/** Seconds that binary logs are kept. 8.0 counts days where the seconds are 0; 8.0.29 can turn the purge off. */
function expireExpression(hasSeconds: boolean, hasSwitch: boolean, onlySeconds: boolean): string {
  const days = '@@global.expire_logs_days * 86400';
  if (!hasSeconds) return days;
  const seconds = '@@global.binlog_expire_logs_seconds';
  const kept = onlySeconds ? seconds : `IF(${seconds} = 0, ${days}, ${seconds})`;
  return hasSwitch ? `IF(@@global.binlog_expire_logs_auto_purge, ${kept}, 0)` : kept;
}

/** What changes from moment to moment, and a FROM clause of one row that goes with it. */
function measureExpressions({ version }: Session, seesEvents: boolean): [expressions: Record<string, string>, from: string] {
  const names = { uptime: 'Uptime', threadsRunning: 'Threads_running', threadsConnected: 'Threads_connected' };
  // Old servers build the whole table each time it is asked: once is enough.
  const once = !atLeast(version, 5, 7, 6);
  const status = Object.entries(names).map(([key, name]): [string, string] => [
    key,
    once ? `s.${key}` : `(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = '${name}')`,
  ]);
  const columns = Object.entries(names).map(([key, name]) => `MAX(IF(VARIABLE_NAME = '${name}', VARIABLE_VALUE + 0, NULL)) AS ${key}`);
  const waiting = "VARIABLE_NAME IN ('Rpl_semi_sync_source_wait_sessions', 'Rpl_semi_sync_master_wait_sessions')";
  const waitingColumn = `MAX(IF(${waiting}, VARIABLE_VALUE + 0, NULL)) AS semiSyncWaiting`;
  const certificateColumn = "MAX(IF(VARIABLE_NAME = 'Ssl_server_not_after', VARIABLE_VALUE, NULL)) AS certificateUntil";
  return [
    {
      executed: '@@global.gtid_executed',
      purged: '@@global.gtid_purged',
      trial: trialExpression,
      ...lockExpressions,
      ...Object.fromEntries(status),
      semiSyncWaiting: once ? 's.semiSyncWaiting' : `(SELECT MAX(VARIABLE_VALUE + 0) FROM performance_schema.global_status WHERE ${waiting})`,
      // Those that would run here if the scheduler does.
      // In the time of Greenwich, as OpenSSL prints it; empty where the server has no certificate (5.6: or this session no TLS).
      certificateUntil: once
        ? 's.certificateUntil'
        : "(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Ssl_server_not_after')",
      ...(seesEvents ? { enabledEvents: "(SELECT COUNT(*) FROM information_schema.EVENTS WHERE STATUS = 'ENABLED')" } : {}),
    },
    once ? ` FROM (SELECT ${[...columns, certificateColumn, waitingColumn].join(', ')} FROM information_schema.GLOBAL_STATUS) s` : '',
  ];
}

/** Values by name; what facts cannot do without throws where it is missing. */
class Values {
  constructor(
    private readonly session: Session,
    private readonly all: Readonly<Record<string, unknown>>,
  ) {}

  optionalText(name: string): string | null {
    return textOf(this.all[name]);
  }

  number(name: string): number | null {
    return numberOf(this.all[name]);
  }

  flag(name: string): boolean | null {
    return flagOf(this.all[name]);
  }

  text(name: string): string {
    return this.#needed(name, this.optionalText(name));
  }

  neededNumber(name: string): number {
    return this.#needed(name, this.number(name));
  }

  neededFlag(name: string): boolean {
    return this.#needed(name, this.flag(name));
  }

  #needed<Value>(name: string, value: Value | null): Value {
    if (value !== null) return value;
    throw failure('internal', { detail: `${name} could not be read` }, { server: this.session.label });
  }
}

/** `Nov 24 10:15:42 2036 GMT` as milliseconds since the epoch; null where it is no moment. */
function momentOf(text: string | null): number | null {
  const at = text === null || text === '' ? NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** The settings under which appliers go on past errors, where they are on. Manual: "Replica Server Options and Variables". */
function passesOver(values: Values, { variableName }: Pick<Dialect, 'variableName'>): readonly string[] {
  const skips = values.optionalText('skipErrors') ?? '';
  const mode = values.optionalText('execMode') ?? '';
  return [
    ...(skips === '' || skips.toUpperCase() === 'OFF' ? [] : [`${variableName('replica_skip_errors')} = ${skips.slice(0, 200)}`]),
    ...(mode.toUpperCase() === 'IDEMPOTENT' ? [`${variableName('replica_exec_mode')} = ${mode}`] : []),
  ];
}

function serverFacts(values: Values, privilegedSessions: ServerFacts['privilegedSessions'], errorsPassed: readonly string[]): ServerFacts {
  return {
    uuid: values.optionalText('uuid')?.toLowerCase() ?? null,
    serverId: values.neededNumber('serverId'),
    version: values.text('version'),
    versionComment: values.optionalText('versionComment') ?? '',
    hostname: values.optionalText('hostname'),
    port: values.neededNumber('port'),
    uptimeSeconds: values.number('uptime'),
    readOnly: values.neededFlag('readOnly'),
    superReadOnly: values.flag('superReadOnly'),
    logBin: values.neededFlag('logBin'),
    logReplicaUpdates: values.neededFlag('logReplicaUpdates'),
    binlogFormat: values.optionalText('binlogFormat'),
    binlogRowImage: values.optionalText('binlogRowImage'),
    gtidMode: gtidMode(values.text('gtidMode')),
    enforceGtidConsistency: consistency(values.text('enforceGtidConsistency')),
    eventScheduler: values.optionalText('eventScheduler'),
    characterSetServer: values.text('characterSetServer'),
    collationServer: values.text('collationServer'),
    sqlMode: values.text('sqlMode'),
    timeZone: values.text('timeZone'),
    systemTimeZone: values.text('systemTimeZone'),
    lowerCaseTableNames: values.neededNumber('lowerCaseTableNames'),
    maxAllowedPacket: values.neededNumber('maxAllowedPacket'),
    replicaNetTimeoutSeconds: values.number('replicaNetTimeout'),
    binlogExpireSeconds: values.number('binlogExpire'),
    skipReplicaStart: values.flag('skipReplicaStart'),
    threadsRunning: values.number('threadsRunning'),
    threadsConnected: values.number('threadsConnected'),
    enabledEvents: values.number('enabledEvents'),
    certificateExpiresAt: momentOf(values.optionalText('certificateUntil')),
    privilegedSessions,
    passesOver: errorsPassed,
  };
}

function gtidMode(value: string): GtidMode {
  const mode = value.toUpperCase();
  // 5.6 knows UPGRADE_STEP_1 and _2, which were never usable; both mean that not every transaction has a GTID.
  return mode === 'ON' || mode === 'ON_PERMISSIVE' || mode === 'OFF_PERMISSIVE' ? mode : 'OFF';
}

/** ON, OFF or WARN; 5.6 says 1 or 0. */
function consistency(value: string): string {
  const flag = flagOf(value);
  return flag === null ? value.toUpperCase() : flag ? 'ON' : 'OFF';
}

async function readBinlogPosition(reading: Reading): Promise<BinlogPosition | null> {
  const rows = await reading.tryRows('binlog', reading.session.dialect.showBinaryLogStatus());
  const [row] = rows ?? [];
  const file = textOf(row?.['File']);
  const position = numberOf(row?.['Position']);
  if (file === null || position === null) return null;
  return { file, position, doDb: textOf(row?.['Binlog_Do_DB']) ?? '', ignoreDb: textOf(row?.['Binlog_Ignore_DB']) ?? '' };
}
