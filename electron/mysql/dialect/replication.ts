import { failure } from '../../../shared/errors/codes';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { configLine } from './config-line';
import type { DialectBase } from './features';
import { quoteId, quoteString, quoteTable } from '../quote';
import { joinParts, plain, Secret, statementOf, type Statement } from '../statement';

/** A replication channel; undefined: the statement names none (for START, STOP, SHOW and RESET that means all). */
type Channel = string | undefined;

interface ReplicaThreads {
  /** Default: both. */
  readonly threads?: 'both' | 'receiver' | 'applier';
  readonly channel?: Channel;
}

interface StartReplica extends ReplicaThreads {
  /** The applier stops by itself at this point; the set as text. */
  readonly until?: { readonly afterGtids: string } | { readonly beforeGtids: string };
}

/** What CHANGE REPLICATION SOURCE is to change; what is absent stays as it is. */
export interface SourceSettings {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** At most 32 characters: the server's own limit for replication passwords. */
  readonly password?: string;
  readonly autoPosition?: boolean;
  /** Where to go on in the source's binary log; with `autoPosition: false`. */
  readonly logFile?: string;
  readonly logPosition?: number;
  readonly tls?: {
    readonly enabled: boolean;
    /** A path on the replica's own disk; '' removes it. */
    readonly caFile?: string;
    /** Check chain and host name of the source's certificate. */
    readonly verifyCertificate?: boolean;
  };
  /** Ask the source for its RSA key, for caching_sha2_password without TLS. Left out before 8.0.4, which has neither. */
  readonly getPublicKey?: boolean;
  readonly connectRetrySeconds?: number;
  readonly retryCount?: number;
  /** May have milliseconds. */
  readonly heartbeatSeconds?: number;
  readonly delaySeconds?: number;
  /** The receiver turns to another source of its list when it loses this one. 8.0.22+. */
  readonly autoFailover?: boolean;
}

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** Filters to set; an empty list removes that kind, an absent one leaves it. */
export interface FilterSettings {
  readonly doDb?: readonly string[];
  readonly ignoreDb?: readonly string[];
  readonly doTable?: readonly TableName[];
  readonly ignoreTable?: readonly TableName[];
  /** `database.table` patterns with `%` and `_`; see `wildPattern`. */
  readonly wildDoTable?: readonly string[];
  readonly wildIgnoreTable?: readonly string[];
  readonly rewriteDb?: ReadonlyArray<readonly [from: string, to: string]>;
}

export type WaitOutcome = 'reached' | 'timeout' | 'not-replicating';

/** A wait: the statement, and what its one row means. */
interface GtidWait {
  readonly statement: Statement;
  readonly outcome: (rows: ReadonlyArray<Record<string, unknown>>) => WaitOutcome;
}

export interface ReplicationStatements {
  /** SHOW REPLICA STATUS; one row per channel. */
  showReplicaStatus(channel?: Channel): Statement;
  startReplica(options?: StartReplica): Statement;
  stopReplica(options?: ReplicaThreads): Statement;
  /** Deletes the relay logs; with `all`, the source's settings as well. */
  resetReplica(options: { readonly all: boolean; readonly channel?: Channel }): Statement;
  /**
   * Purges the relay logs where host, port or position change. The applier must be stopped (5.6: the receiver too).
   * Seen on 5.6 with any change, and on 9.7 with a change of host or port: the heartbeat period falls back to half of
   * replica_net_timeout unless it is given again, so give it every time.
   */
  changeReplicationSource(settings: SourceSettings, channel?: Channel): Statement;
  /** Until the next restart of the server only (see `filterConfigLines`). The applier must be stopped. 5.7.3+. */
  changeReplicationFilter(filters: FilterSettings, channel?: Channel): Statement;
  /** The same filters as lines for my.cnf, section [mysqld]; these survive a restart and need one. */
  filterConfigLines(filters: FilterSettings, channel?: Channel): readonly string[];
  /** SHOW REPLICAS: the replicas that announced themselves (report_host). */
  showReplicas(): Statement;
  /**
   * Waits on a replica until the set is executed there, `seconds` (> 0, rounded up to whole seconds) at most.
   * `not-replicating` exists before 5.7.5 only, where the wait is bound to a running applier.
   */
  waitForGtids(gtidSet: string, seconds: number): GtidWait;
}

const MAX_REPLICATION_PASSWORD = 32;

/** Manual: "SQL Statements for Controlling Replica Servers", version notes of each statement. */
export function replicationStatements(base: DialectBase): ReplicationStatements {
  const { replica, source, features, need } = base;

  const forChannel = (channel: Channel): string => {
    if (channel === undefined) return '';
    if (features.hasChannels) return ` FOR CHANNEL ${quoteString(channel)}`;
    if (channel !== '') need('hasChannels');
    return '';
  };

  return {
    showReplicaStatus: (channel) => plain(`SHOW ${replica} STATUS${forChannel(channel)}`),

    startReplica: ({ threads, until, channel } = {}) => plain(`START ${replica}${threadWords(threads)}${untilWords(until)}${forChannel(channel)}`),

    stopReplica: (options = {}) => plain(`STOP ${replica}${threadWords(options.threads)}${forChannel(options.channel)}`),

    resetReplica: (options) => plain(`RESET ${replica}${options.all ? ' ALL' : ''}${forChannel(options.channel)}`),

    changeReplicationSource: (settings, channel) => {
      const words = source === 'SOURCE' ? 'CHANGE REPLICATION SOURCE TO' : 'CHANGE MASTER TO';
      const options = sourceOptions(settings, source, features.hasCachingSha2);
      if (options.length === 0) throw new RangeError('Nothing to change');
      return statementOf(`${words} `, ...joinParts(options, ', '), forChannel(channel));
    },

    changeReplicationFilter: (filters, channel) => {
      need('hasFilterStatement');
      if (channel !== undefined && channel !== '') need('hasFilterPerChannel');
      const rules = filterRules(filters);
      if (rules.length === 0) throw new RangeError('No filter given');
      return plain(`CHANGE REPLICATION FILTER ${rules.join(', ')}${features.hasFilterPerChannel ? forChannel(channel) : ''}`);
    },

    filterConfigLines: (filters, channel) => {
      if (channel !== undefined && channel !== '') need('hasFilterPerChannel');
      const prefix = channel === undefined || channel === '' ? '' : `${channel}:`;
      const line = (option: string, values: readonly string[] = []): string[] => values.map((value) => configLine(option, `${prefix}${value}`));
      const name = ({ database, table }: TableName): string => `${database}.${table}`;
      return [
        ...line('replicate-do-db', filters.doDb),
        ...line('replicate-ignore-db', filters.ignoreDb),
        ...line('replicate-do-table', filters.doTable?.map(name)),
        ...line('replicate-ignore-table', filters.ignoreTable?.map(name)),
        ...line('replicate-wild-do-table', filters.wildDoTable),
        ...line('replicate-wild-ignore-table', filters.wildIgnoreTable),
        ...line('replicate-rewrite-db', filters.rewriteDb?.map(([from, to]) => `${from}->${to}`)),
      ];
    },

    showReplicas: () => plain(replica === 'REPLICA' ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS'),

    waitForGtids: (gtidSet, seconds) => {
      const set = quoteString(parseGtidSet(gtidSet).toLine());
      // A limit of 0 means "for ever" to the server, and old versions take whole seconds only.
      const limit = Math.max(1, Math.ceil(seconds)).toString();
      if (features.hasWaitForExecutedGtidSet) {
        return { statement: plain(`SELECT WAIT_FOR_EXECUTED_GTID_SET(${set}, ${limit}) AS outcome`), outcome: newOutcome };
      }
      return { statement: plain(`SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS(${set}, ${limit}) AS outcome`), outcome: oldOutcome };
    },
  };
}

/**
 * A pattern for the wild filters that matches exactly one table, or every table of exactly one database: `%`, `_` and
 * `\` of the names are taken literally.
 */
export function wildPattern(database: string, table?: string): string {
  const exactly = (name: string): string => name.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
  return `${exactly(database)}.${table === undefined ? '%' : exactly(table)}`;
}

function threadWords(threads: ReplicaThreads['threads']): string {
  switch (threads) {
    case 'receiver':
      return ' IO_THREAD';
    case 'applier':
      return ' SQL_THREAD';
    case 'both':
    case undefined:
      return '';
  }
}

function untilWords(until: StartReplica['until']): string {
  if (until === undefined) return '';
  const [word, text] = 'afterGtids' in until ? ['SQL_AFTER_GTIDS', until.afterGtids] : ['SQL_BEFORE_GTIDS', until.beforeGtids];
  return ` UNTIL ${word} = ${quoteString(parseGtidSet(text).toLine())}`;
}

function sourceOptions(settings: SourceSettings, word: string, hasCachingSha2: boolean): Array<Array<string | Secret>> {
  const out: Array<Array<string | Secret>> = [];
  const add = (option: string, value: string | Secret | undefined): void => {
    if (value !== undefined) out.push([`${word}_${option} = `, value]);
  };
  const text = (value: string | undefined): string | undefined => (value === undefined ? undefined : quoteString(value));
  const count = (value: number | undefined): string | undefined => (value === undefined ? undefined : wholeNumber(value));
  const flag = (value: boolean | undefined): string | undefined => (value === undefined ? undefined : value ? '1' : '0');
  const { password, heartbeatSeconds, tls } = settings;
  if (password !== undefined && [...password].length > MAX_REPLICATION_PASSWORD) {
    throw failure('invalid-input', { field: 'password', reason: `more than ${String(MAX_REPLICATION_PASSWORD)} characters` });
  }
  add('HOST', text(settings.host));
  add('PORT', count(settings.port));
  add('USER', text(settings.user));
  add('PASSWORD', password === undefined ? undefined : new Secret(password));
  add('AUTO_POSITION', flag(settings.autoPosition));
  add('LOG_FILE', text(settings.logFile));
  add('LOG_POS', count(settings.logPosition));
  add('CONNECT_RETRY', count(settings.connectRetrySeconds));
  add('RETRY_COUNT', count(settings.retryCount));
  add('HEARTBEAT_PERIOD', heartbeatSeconds === undefined ? undefined : fixedSeconds(heartbeatSeconds));
  add('DELAY', count(settings.delaySeconds));
  add('CONNECTION_AUTO_FAILOVER', flag(settings.autoFailover));
  add('SSL', flag(tls?.enabled));
  add('SSL_CA', text(tls?.caFile));
  add('SSL_VERIFY_SERVER_CERT', flag(tls?.verifyCertificate));
  if (settings.getPublicKey !== undefined && hasCachingSha2) {
    out.push([`GET_${word}_PUBLIC_KEY = `, settings.getPublicKey ? '1' : '0']);
  }
  return out;
}

function filterRules(filters: FilterSettings): string[] {
  const rules: string[] = [];
  const add = (rule: string, values: readonly string[] | undefined): void => {
    if (values !== undefined) rules.push(`${rule} = (${values.join(', ')})`);
  };
  const table = (name: TableName): string => quoteTable(name.database, name.table);
  add('REPLICATE_DO_DB', filters.doDb?.map(quoteId));
  add('REPLICATE_IGNORE_DB', filters.ignoreDb?.map(quoteId));
  add('REPLICATE_DO_TABLE', filters.doTable?.map(table));
  add('REPLICATE_IGNORE_TABLE', filters.ignoreTable?.map(table));
  add('REPLICATE_WILD_DO_TABLE', filters.wildDoTable?.map(quoteString));
  add('REPLICATE_WILD_IGNORE_TABLE', filters.wildIgnoreTable?.map(quoteString));
  add('REPLICATE_REWRITE_DB', filters.rewriteDb?.map(([from, to]) => `(${quoteId(from)}, ${quoteId(to)})`));
  return rules;
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Not a whole number: ${String(value)}`);
  return value.toString();
}

/** Seconds with at most milliseconds, never in exponent form. */
function fixedSeconds(value: number): string {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`Not a number of seconds: ${String(value)}`);
  return value.toFixed(3).replace(/\.?0+$/, '');
}

const valueIn = (rows: ReadonlyArray<Record<string, unknown>>): number | null => {
  const value = rows[0]?.['outcome'];
  return value === null || value === undefined ? null : Number(value);
};

/** 0: reached, 1: limit passed. NULL is not documented and proves nothing. */
function newOutcome(rows: ReadonlyArray<Record<string, unknown>>): WaitOutcome {
  const value = valueIn(rows);
  if (value === null) return 'not-replicating';
  return value === 0 ? 'reached' : 'timeout';
}

/** The number of events executed: reached; −1: limit passed; NULL: the applier does not run, or stopped meanwhile. */
function oldOutcome(rows: ReadonlyArray<Record<string, unknown>>): WaitOutcome {
  const value = valueIn(rows);
  if (value === null) return 'not-replicating';
  return value >= 0 ? 'reached' : 'timeout';
}
