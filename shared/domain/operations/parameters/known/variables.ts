import type { ServerVersion, VersionTriple } from '../../../fleet/version';
import { atLeast } from '../../../fleet/version';
import { nameOfToday } from '../../../sql/variable-names';
import { defaults56 } from './defaults-5-6';
import { defaults57 } from './defaults-5-7';
import { defaults80 } from './defaults-8-0';
import { defaults97 } from './defaults-9-7';
import { dynamicNames, sessionNames, staticNames, unpersistableNames } from './names';
import { ranges56 } from './ranges-5-6';
import { ranges57 } from './ranges-5-7';
import { manualPlace, type ManualPlace } from './manual';

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));
const statics = wordsOf(staticNames);
const dynamics = wordsOf(dynamicNames);
const unpersistable = wordsOf(unpersistableNames);
const perSession = wordsOf(sessionNames);

/** Fixed until the server starts again before this version, free to change from it on. */
const dynamicSince: Readonly<Record<string, VersionTriple>> = {
  enforce_gtid_consistency: [5, 7, 6],
  gtid_mode: [5, 7, 6],
  explicit_defaults_for_timestamp: [8, 0, 0],
  innodb_buffer_pool_size: [5, 7, 5],
  innodb_log_buffer_size: [8, 0, 11],
  innodb_doublewrite: [8, 0, 30],
  ssl_ca: [8, 0, 16], ssl_capath: [8, 0, 16], ssl_cert: [8, 0, 16], ssl_cipher: [8, 0, 16], ssl_crl: [8, 0, 16], ssl_crlpath: [8, 0, 16], ssl_key: [8, 0, 16],
  tls_version: [8, 0, 16],
};

/** Those that the servers here did not agree about, with no version known at which it changed: the server decides when it is set. */
const undecided: ReadonlySet<string> = new Set(['caching_sha2_password_digest_rounds', 'ssl_fips_mode', 'innodb_undo_tablespaces']);

/** Whether a variable can change while the server runs; null: not known, as for those of plugins. */
export function isDynamic(version: ServerVersion, name: string): boolean | null {
  const since = dynamicSince[name];
  if (since !== undefined) return atLeast(version, ...since);
  if (undecided.has(name)) return name === 'innodb_undo_tablespaces' && !atLeast(version, 8, 0, 0) ? false : null;
  if (statics.has(name)) return false;
  return dynamics.has(name) || isOfServer(name) ? true : null;
}

/** Whether SET PERSIST_ONLY takes a variable that is fixed until a restart (8.0+). */
export function isPersistable(name: string): boolean {
  return !unpersistable.has(name);
}

/** Whether each session has a value of its own. */
export function hasSessionValue(name: string): boolean {
  return perSession.has(name);
}

/** What a server tells of itself, and nobody can set. */
export function isStatement(name: string): boolean {
  return told.test(name);
}

const told = new RegExp('^(?:have_.*|version(?:_.*)?|innodb_version|protocol_version|build_id|license|hostname|server_uuid|server_memory|system_time_zone'
  + '|large_files_support|locked_in_memory|lower_case_file_system|character_set_system|gtid_executed|gtid_owned|log_bin_basename|relay_log_basename'
  + '|date_format|datetime_format|time_format)$');

const parsed = (text: string): ReadonlyMap<string, string> => new Map(text.split(/ \|\s/).map((item) => item.trim()).filter((item) => item !== '').map((item) => {
  const at = item.indexOf('=');
  return [item.slice(0, at), item.slice(at + 1)] as const;
}));

const defaultsOfSeries: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  '5.6': parsed(defaults56), '5.7': parsed(defaults57), '8.0': parsed(defaults80), '9.7': parsed(defaults97),
};

const rangesOfSeries: Readonly<Record<string, ReadonlyMap<string, string>>> = { '5.6': parsed(ranges56), '5.7': parsed(ranges57) };

/** What a server takes of a number that does not tell it itself (before 8.0), from another of its series; null: not known. */
export function knownRange({ major, minor }: ServerVersion, name: string): { readonly minimum: string; readonly maximum: string } | null {
  const [minimum, maximum] = rangesOfSeries[`${String(major)}.${String(minor)}`]?.get(name)?.split('..') ?? [];
  return minimum === undefined || maximum === undefined ? null : { minimum, maximum };
}

const known: ReadonlySet<string> = new Set([...statics, ...perSession, ...Object.values(defaultsOfSeries).flatMap((of) => [...of.keys()])]);
const isOfServer = (name: string): boolean => known.has(name) || known.has(nameOfToday(name));

/** Where the manual of the series describes a variable; null: not known, as for those of plugins. */
export function manualOf(version: ServerVersion, name: string): ManualPlace | null {
  return manualPlace(version, name, isOfServer(name) || dynamics.has(name));
}

/** What a server of this series has where nobody set anything; null: not known, or derived from its machine. */
export function knownDefault(version: ServerVersion, name: string): string | null {
  const of = defaultsOfSeries[`${version.major}.${version.minor}`];
  return of?.get(name) ?? of?.get(nameOfToday(name)) ?? null;
}

/** The words that an enumeration or a set takes, where they are known. */
const words: Readonly<Record<string, readonly string[]>> = {
  binlog_checksum: ['NONE', 'CRC32'],
  binlog_error_action: ['IGNORE_ERROR', 'ABORT_SERVER'],
  binlog_format: ['ROW', 'STATEMENT', 'MIXED'],
  binlog_row_image: ['FULL', 'MINIMAL', 'NOBLOB'],
  binlog_row_metadata: ['MINIMAL', 'FULL'],
  binlog_transaction_dependency_tracking: ['COMMIT_ORDER', 'WRITESET', 'WRITESET_SESSION'],
  block_encryption_mode: [128, 192, 256].flatMap((bits) => ['ecb', 'cbc', 'cfb1', 'cfb8', 'cfb128', 'ofb'].map((mode) => `aes-${bits}-${mode}`)),
  binlogging_impossible_mode: ['IGNORE_ERROR', 'ABORT_SERVER'],
  completion_type: ['NO_CHAIN', 'CHAIN', 'RELEASE'],
  concurrent_insert: ['NEVER', 'AUTO', 'ALWAYS'],
  delay_key_write: ['ON', 'OFF', 'ALL'],
  event_scheduler: ['ON', 'OFF'],
  explain_format: ['TRADITIONAL', 'TREE', 'JSON', 'TRADITIONAL_STRICT'],
  group_replication_consistency: ['EVENTUAL', 'BEFORE_ON_PRIMARY_FAILOVER', 'BEFORE', 'AFTER', 'BEFORE_AND_AFTER'],
  gtid_mode: ['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'],
  innodb_change_buffering: ['none', 'inserts', 'deletes', 'changes', 'purges', 'all'],
  innodb_checksum_algorithm: ['crc32', 'strict_crc32', 'innodb', 'strict_innodb', 'none', 'strict_none'],
  innodb_default_row_format: ['redundant', 'compact', 'dynamic'],
  innodb_file_format: ['Antelope', 'Barracuda'],
  innodb_flush_method: ['fsync', 'O_DSYNC', 'littlesync', 'nosync', 'O_DIRECT', 'O_DIRECT_NO_FSYNC', 'normal', 'unbuffered', 'async_unbuffered'],
  innodb_stats_method: ['nulls_equal', 'nulls_unequal', 'nulls_ignored'],
  internal_tmp_disk_storage_engine: ['MyISAM', 'InnoDB'],
  internal_tmp_mem_storage_engine: ['TempTable', 'MEMORY'],
  log_timestamps: ['UTC', 'SYSTEM'],
  master_info_repository: ['FILE', 'TABLE'],
  myisam_stats_method: ['nulls_unequal', 'nulls_equal', 'nulls_ignored'],
  rbr_exec_mode: ['STRICT', 'IDEMPOTENT'],
  relay_log_info_repository: ['FILE', 'TABLE'],
  replica_exec_mode: ['STRICT', 'IDEMPOTENT'],
  replica_parallel_type: ['DATABASE', 'LOGICAL_CLOCK'],
  session_track_gtids: ['OFF', 'OWN_GTID', 'ALL_GTIDS'],
  session_track_transaction_info: ['OFF', 'STATE', 'CHARACTERISTICS'],
  thread_handling: ['one-thread-per-connection', 'no-threads', 'loaded-dynamically'],
  transaction_isolation: ['READ-UNCOMMITTED', 'READ-COMMITTED', 'REPEATABLE-READ', 'SERIALIZABLE'],
  transaction_write_set_extraction: ['OFF', 'MURMUR32', 'XXHASH64'],
  updatable_views_with_limit: ['YES', 'NO'],
};

/** Lists of words of which any number can be chosen. */
const sets: ReadonlySet<string> = new Set([
  'sql_mode', 'log_output', 'optimizer_switch', 'optimizer_trace', 'optimizer_trace_features', 'binlog_row_value_options', 'replica_type_conversions',
  'tls_version', 'admin_tls_version',
]);

/** Of some lists the words that there are, on whatever version: another one keeps a server from starting where it was persisted only, or is dropped then. */
const wordsOfSets: Readonly<Record<string, readonly string[]>> = {
  log_output: ['TABLE', 'FILE', 'NONE'],
  replica_type_conversions: ['ALL_LOSSY', 'ALL_NON_LOSSY', 'ALL_SIGNED', 'ALL_UNSIGNED'],
  tls_version: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
  admin_tls_version: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
};

export const wordsOfSet = (name: string): readonly string[] | null => wordsOfSets[nameOfToday(name)] ?? null;

/** Values that look like a switch and are one of several words. */
const textLikeSwitch: ReadonlySet<string> = new Set([
  'enforce_gtid_consistency', 'innodb_doublewrite', 'myisam_recover_options', 'replica_skip_errors', 'ssl_fips_mode', 'query_cache_type',
]);

export const wordsOfVariable = (name: string): readonly string[] | null => words[nameOfToday(name)] ?? null;
export const isSet = (name: string): boolean => sets.has(nameOfToday(name));
export const isTextLikeSwitch = (name: string): boolean => textLikeSwitch.has(nameOfToday(name));
