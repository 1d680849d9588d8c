// Each dangerous combination in the table: told when it would come about, silent beside it, and never accepted without a word.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenRules, inSafeOrder, parameterRules, type RuleId } from '../../../shared/domain/operations/parameters/rules/rules';

const gib = 2 ** 30;
type Settings = Record<string, string | number>;
interface Case { readonly bad: Settings; readonly good: Settings; readonly replicas?: number; readonly encrypted?: boolean }

/** For each rule values that break it, and what of them is other where it holds. */
const cases: Readonly<Record<RuleId, Case>> = {
  'binlog-behind-engine': { bad: { innodb_flush_log_at_trx_commit: 1, sync_binlog: 0 }, good: { sync_binlog: 1 } },
  'engine-behind-binlog': { bad: { innodb_flush_log_at_trx_commit: 2, sync_binlog: 1 }, good: { innodb_flush_log_at_trx_commit: 1 } },
  'nothing-durable': { bad: { innodb_flush_log_at_trx_commit: 0, sync_binlog: 100 }, good: { sync_binlog: 1 } },
  'torn-pages': { bad: { innodb_doublewrite: 'OFF', innodb_flush_log_at_trx_commit: 1 }, good: { innodb_doublewrite: 'ON' } },
  'no-flush-at-all': { bad: { innodb_flush_method: 'nosync', innodb_flush_log_at_trx_commit: 1 }, good: { innodb_flush_method: 'O_DIRECT' } },
  'flush-rarely': { bad: { innodb_flush_log_at_timeout: 60, innodb_flush_log_at_trx_commit: 2 }, good: { innodb_flush_log_at_timeout: 1 } },
  'statement-isolation': { bad: { binlog_format: 'STATEMENT', transaction_isolation: 'READ-COMMITTED' }, good: { binlog_format: 'ROW' } },
  'statement-replicas': { bad: { binlog_format: 'MIXED' }, good: { binlog_format: 'ROW' }, replicas: 1 },
  'statement-autoinc': { bad: { binlog_format: 'STATEMENT', innodb_autoinc_lock_mode: 2 }, good: { innodb_autoinc_lock_mode: 1 } },
  'statement-creators': { bad: { binlog_format: 'STATEMENT', log_bin_trust_function_creators: 'ON' }, good: { log_bin_trust_function_creators: 'OFF' } },
  'statement-unsafe-locks': { bad: { binlog_format: 'STATEMENT', innodb_locks_unsafe_for_binlog: 'ON' }, good: { innodb_locks_unsafe_for_binlog: 'OFF' } },
  'partial-images': { bad: { binlog_row_image: 'MINIMAL', binlog_format: 'ROW' }, good: { binlog_row_image: 'FULL' } },
  'partial-json': { bad: { binlog_row_value_options: 'PARTIAL_JSON', binlog_row_image: 'FULL' }, good: { binlog_row_value_options: '' } },
  'binlog-lost-quietly': { bad: { binlog_error_action: 'IGNORE_ERROR', sync_binlog: 1 }, good: { binlog_error_action: 'ABORT_SERVER' } },
  'writeset-statement': { bad: { binlog_transaction_dependency_tracking: 'WRITESET', binlog_format: 'STATEMENT' }, good: { binlog_format: 'ROW' } },
  'writeset-no-extraction': { bad: { binlog_transaction_dependency_tracking: 'WRITESET', transaction_write_set_extraction: 'OFF' }, good: { transaction_write_set_extraction: 'XXHASH64' } },
  'order-lost': { bad: { binlog_order_commits: 'OFF', slave_preserve_commit_order: 'ON' }, good: { binlog_order_commits: 'ON' } },
  'commit-delay': { bad: { binlog_group_commit_sync_delay: 500, binlog_group_commit_sync_no_delay_count: 0 }, good: { binlog_group_commit_sync_no_delay_count: 10 } },
  'commit-delay-lock': { bad: { binlog_group_commit_sync_delay: 1_000_000, innodb_lock_wait_timeout: 1 }, good: { innodb_lock_wait_timeout: 50 } },
  'expiry-twice': { bad: { binlog_expire_logs_seconds: 3600, expire_logs_days: 2 }, good: { expire_logs_days: 0 } },
  'expiry-short': { bad: { binlog_expire_logs_seconds: 3600 }, good: { binlog_expire_logs_seconds: 604_800 }, replicas: 2 },
  'expiry-never': { bad: { binlog_expire_logs_auto_purge: 'OFF', binlog_expire_logs_seconds: 3600 }, good: { binlog_expire_logs_auto_purge: 'ON' } },
  'checksum-binlog': { bad: { binlog_checksum: 'NONE', master_verify_checksum: 'ON' }, good: { binlog_checksum: 'CRC32' } },
  'checksum-replica': { bad: { binlog_checksum: 'NONE', slave_sql_verify_checksum: 'ON' }, good: { slave_sql_verify_checksum: 'OFF' } },
  'cache-above-most': { bad: { binlog_cache_size: 65_536, max_binlog_cache_size: 4096 }, good: { max_binlog_cache_size: 65_536 } },
  'statement-cache-above-most': { bad: { binlog_stmt_cache_size: 65_536, max_binlog_stmt_cache_size: 4096 }, good: { max_binlog_stmt_cache_size: 65_536 } },
  'event-above-packet': { bad: { binlog_row_event_max_size: 8192, max_allowed_packet: 1024 }, good: { max_allowed_packet: 8192 } },
  'packet-above-replica': { bad: { max_allowed_packet: '1G', replica_max_allowed_packet: '64M' }, good: { max_allowed_packet: '64M' } },
  'pending-below-packet': { bad: { replica_pending_jobs_size_max: '16M', max_allowed_packet: '64M', replica_parallel_workers: 4 }, good: { replica_pending_jobs_size_max: '128M' } },
  'relay-space': { bad: { relay_log_space_limit: 4096, max_relay_log_size: 0, max_binlog_size: 4096 }, good: { relay_log_space_limit: 0 } },
  'workers-unordered': { bad: { slave_parallel_workers: 4, slave_preserve_commit_order: 'OFF' }, good: { slave_preserve_commit_order: 'ON' } },
  'order-by-database': { bad: { replica_preserve_commit_order: 'ON', replica_parallel_type: 'DATABASE', replica_parallel_workers: 2 }, good: { replica_parallel_type: 'LOGICAL_CLOCK' } },
  'order-without-log': { bad: { replica_preserve_commit_order: 'ON', log_replica_updates: 'OFF', replica_parallel_workers: 2 }, good: { log_replica_updates: 'ON' } },
  'updates-not-logged': { bad: { log_slave_updates: 'OFF', gtid_mode: 'ON' }, good: { log_slave_updates: 'ON' } },
  'position-in-file': { bad: { relay_log_info_repository: 'FILE', relay_log_recovery: 'ON' }, good: { relay_log_info_repository: 'TABLE' } },
  'relay-not-recovered': { bad: { relay_log_recovery: 'OFF', sync_relay_log: 10_000 }, good: { relay_log_recovery: 'ON' } },
  'purge-recovery': { bad: { relay_log_purge: 'OFF', relay_log_recovery: 'ON' }, good: { relay_log_purge: 'ON' } },
  'idempotent': { bad: { slave_exec_mode: 'IDEMPOTENT' }, good: { slave_exec_mode: 'STRICT' } },
  'no-retries': { bad: { replica_transaction_retries: 0, innodb_lock_wait_timeout: 50 }, good: { replica_transaction_retries: 10 } },
  'lossy-types': { bad: { replica_type_conversions: 'ALL_LOSSY,ALL_NON_LOSSY', sql_mode: 'STRICT_TRANS_TABLES' }, good: { replica_type_conversions: 'ALL_NON_LOSSY' } },
  'net-timeouts': { bad: { replica_net_timeout: 1, net_write_timeout: 60 }, good: { replica_net_timeout: 10 } },
  'semisync-short': { bad: { rpl_semi_sync_source_enabled: 'ON', rpl_semi_sync_source_wait_for_replica_count: 3 }, good: { rpl_semi_sync_source_wait_for_replica_count: 1 }, replicas: 2 },
  'semisync-nobody': { bad: { rpl_semi_sync_source_enabled: 'ON', rpl_semi_sync_source_timeout: 10_000 }, good: { rpl_semi_sync_source_enabled: 'OFF' } },
  'semisync-after-commit': { bad: { rpl_semi_sync_source_enabled: 'ON', rpl_semi_sync_source_wait_point: 'AFTER_COMMIT' }, good: { rpl_semi_sync_source_wait_point: 'AFTER_SYNC' } },
  'auto-increment': { bad: { auto_increment_offset: 3, auto_increment_increment: 2 }, good: { auto_increment_increment: 3 } },
  'keys-unchecked': { bad: { foreign_key_checks: 'OFF', unique_checks: 'ON' }, good: { foreign_key_checks: 'ON' } },
  'engine-not-transactional': { bad: { default_storage_engine: 'MyISAM', enforce_gtid_consistency: 'ON' }, good: { default_storage_engine: 'InnoDB' } },
  'engine-disabled': { bad: { default_storage_engine: 'InnoDB', disabled_storage_engines: 'MyISAM, innodb' }, good: { disabled_storage_engines: 'MyISAM' } },
  'redo-above-most': { bad: { innodb_log_file_size: '300G', innodb_log_files_in_group: 2 }, good: { innodb_log_file_size: '1G' } },
  'redo-named-twice': { bad: { innodb_redo_log_capacity: '1G', innodb_log_file_size: '1G' }, good: { innodb_log_file_size: 50_331_648 } },
  'redo-buffer': { bad: { innodb_log_buffer_size: '64M', innodb_redo_log_capacity: '8M' }, good: { innodb_log_buffer_size: '4M' } },
  'redo-blob': { bad: { max_allowed_packet: '64M', innodb_log_file_size: '48M', innodb_log_files_in_group: 2 }, good: { max_allowed_packet: '4M' } },
  'pool-chunks': { bad: { innodb_buffer_pool_size: '200M', innodb_buffer_pool_chunk_size: '128M', innodb_buffer_pool_instances: 1 }, good: { innodb_buffer_pool_size: '256M' } },
  'pool-instances': { bad: { innodb_buffer_pool_instances: 8, innodb_buffer_pool_size: '512M' }, good: { innodb_buffer_pool_size: '8G' } },
  'pool-dedicated': { bad: { innodb_dedicated_server: 'ON', innodb_buffer_pool_size: '8G' }, good: { innodb_dedicated_server: 'OFF' } },
  'io-capacity': { bad: { innodb_io_capacity: 5000, innodb_io_capacity_max: 2000 }, good: { innodb_io_capacity_max: 10_000 } },
  'dirty-pages': { bad: { innodb_max_dirty_pages_pct_lwm: '80.000000', innodb_max_dirty_pages_pct: '75.000000' }, good: { innodb_max_dirty_pages_pct: '90.0' } },
  'page-cleaners': { bad: { innodb_page_cleaners: 4, innodb_buffer_pool_instances: 1 }, good: { innodb_page_cleaners: 1 } },
  'write-ahead': { bad: { innodb_log_write_ahead_size: 16_384, innodb_page_size: 8192 }, good: { innodb_log_write_ahead_size: 8192 } },
  'undo-truncate': { bad: { innodb_undo_log_truncate: 'ON', innodb_undo_tablespaces: 0 }, good: { innodb_undo_tablespaces: 2 } },
  'deadlock-wait': { bad: { innodb_deadlock_detect: 'OFF', innodb_lock_wait_timeout: 50 }, good: { innodb_lock_wait_timeout: 2 } },
  'half-rollback': { bad: { autocommit: 'OFF', innodb_rollback_on_timeout: 'OFF', innodb_lock_wait_timeout: 50 }, good: { autocommit: 'ON' } },
  'token-size': { bad: { innodb_ft_min_token_size: 16, innodb_ft_max_token_size: 10 }, good: { innodb_ft_max_token_size: 84 } },
  'word-length': { bad: { ft_min_word_len: 16, ft_max_word_len: 10 }, good: { ft_max_word_len: 84 } },
  'large-prefix': { bad: { innodb_large_prefix: 'ON', innodb_file_format: 'Antelope' }, good: { innodb_file_format: 'Barracuda' } },
  'temporary-tables': { bad: { tmp_table_size: '64M', max_heap_table_size: '16M' }, good: { max_heap_table_size: '64M' } },
  'temptable-ram': { bad: { temptable_max_ram: '16M', tmp_table_size: '64M' }, good: { temptable_max_ram: '1G' } },
  'memory-of-sessions': { bad: { max_connections: 5000, sort_buffer_size: '8M', join_buffer_size: '8M', read_buffer_size: '1M', read_rnd_buffer_size: '1M', thread_stack: '1M', innodb_buffer_pool_size: '4G' }, good: { max_connections: 100 } },
  'memory-of-temporary-tables': { bad: { max_connections: 5000, tmp_table_size: '1G' }, good: { tmp_table_size: '16M' } },
  'query-cache': { bad: { query_cache_type: 'OFF', query_cache_size: '64M' }, good: { query_cache_size: 0 } },
  'query-cache-limit': { bad: { query_cache_limit: '64M', query_cache_size: '16M' }, good: { query_cache_limit: '1M' } },
  'open-files': { bad: { open_files_limit: 1024, max_connections: 500, table_open_cache: 4000 }, good: { open_files_limit: 65_535 } },
  'cache-instances': { bad: { table_open_cache_instances: 16, table_open_cache: 8 }, good: { table_open_cache: 4000 } },
  'packet-buffer': { bad: { net_buffer_length: 16_384, max_allowed_packet: 1024 }, good: { net_buffer_length: 1024 } },
  'concat-packet': { bad: { group_concat_max_len: '1G', max_allowed_packet: '64M' }, good: { group_concat_max_len: 1024 } },
  'one-account-all': { bad: { max_user_connections: 200, max_connections: 200 }, good: { max_user_connections: 150 } },
  'few-connections': { bad: { max_connections: 11 }, good: { max_connections: 151 }, replicas: 2 },
  'thread-cache': { bad: { thread_cache_size: 500, max_connections: 200 }, good: { thread_cache_size: 16 } },
  'prepared-statements': { bad: { max_prepared_stmt_count: 100, max_connections: 200 }, good: { max_prepared_stmt_count: 16_382 } },
  'mysqlx-connections': { bad: { mysqlx_max_connections: 500, max_connections: 200 }, good: { mysqlx_max_connections: 100 } },
  'timeouts': { bad: { wait_timeout: 5, interactive_timeout: 28_800 }, good: { wait_timeout: 28_800 } },
  'open-transactions': { bad: { autocommit: 'OFF', wait_timeout: 28_800 }, good: { wait_timeout: 600 } },
  'hosts-blocked': { bad: { max_connect_errors: 3, host_cache_size: 128, skip_name_resolve: 'OFF' }, good: { max_connect_errors: 100 } },
  'names-each-time': { bad: { host_cache_size: 0, skip_name_resolve: 'OFF' }, good: { skip_name_resolve: 'ON' } },
  'transport-none': { bad: { require_secure_transport: 'ON', have_ssl: 'DISABLED' }, good: { have_ssl: 'YES' } },
  'transport-own': { bad: { require_secure_transport: 'ON' }, good: { require_secure_transport: 'OFF' }, encrypted: false },
  'transport-replicas': { bad: { require_secure_transport: 'ON', tls_version: 'TLSv1.3' }, good: { require_secure_transport: 'OFF' }, replicas: 1 },
  'tls-old': { bad: { require_secure_transport: 'ON', tls_version: 'TLSv1,TLSv1.2' }, good: { tls_version: 'TLSv1.2,TLSv1.3' } },
  'passwords-expire': { bad: { default_password_lifetime: 90, disconnect_on_expired_password: 'ON' }, good: { default_password_lifetime: 0 } },
  'password-policy': { bad: { 'validate_password.length': 4, 'validate_password.mixed_case_count': 2, 'validate_password.number_count': 1, 'validate_password.special_char_count': 1 }, good: { 'validate_password.length': 8 } },
  'files-open': { bad: { local_infile: 'ON', secure_file_priv: '' }, good: { local_infile: 'OFF' } },
  'log-nowhere': { bad: { log_output: 'NONE', slow_query_log: 'ON', general_log: 'OFF' }, good: { log_output: 'FILE' } },
  'log-table-grows': { bad: { general_log: 'ON', log_output: 'FILE,TABLE' }, good: { log_output: 'FILE' } },
  'log-everything': { bad: { slow_query_log: 'ON', long_query_time: '0.000000' }, good: { long_query_time: '1.000000' } },
  'log-unindexed': { bad: { slow_query_log: 'ON', log_queries_not_using_indexes: 'ON', log_throttle_queries_not_using_indexes: 0 }, good: { log_throttle_queries_not_using_indexes: 10 } },
  'collation-of-other': { bad: { character_set_server: 'utf8mb4', collation_server: 'latin1_swedish_ci' }, good: { collation_server: 'utf8mb4_bin' } },
  'two-utf8-collations': { bad: { character_set_server: 'utf8mb4', default_collation_for_utf8mb4: 'utf8mb4_0900_ai_ci', collation_server: 'utf8mb4_general_ci' }, good: { collation_server: 'utf8mb4_0900_ai_ci' } },
  'not-strict': { bad: { sql_mode: 'NO_ENGINE_SUBSTITUTION', innodb_strict_mode: 'ON' }, good: { sql_mode: 'STRICT_TRANS_TABLES' } },
  'engine-substituted': { bad: { sql_mode: 'STRICT_TRANS_TABLES', default_storage_engine: 'InnoDB' }, good: { sql_mode: 'NO_ENGINE_SUBSTITUTION' } },
  'zero-dates': { bad: { sql_mode: 'NO_ZERO_DATE', explicit_defaults_for_timestamp: 'OFF' }, good: { explicit_defaults_for_timestamp: 'ON' } },
  'recursion-stack': { bad: { max_sp_recursion_depth: 255, thread_stack: 262_144 }, good: { max_sp_recursion_depth: 8 } },
};

const valuesOf = (values: Settings): Map<string, string> => new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
const ids = ({ bad, good, replicas = 0, encrypted = true }: Case, which: 'bad' | 'good', changed = Object.keys(bad)): string[] =>
  brokenRules({ moment: 'now', before: new Map(), after: valuesOf(which === 'bad' ? bad : { ...bad, ...good }) }, changed, { replicas, encrypted }).map(({ id }) => id);

describe('dangerous combinations', () => {
  it('are more than forty, each with an example here', () => {
    expect(parameterRules.length).toBeGreaterThanOrEqual(40);
    expect(parameterRules.map(({ id }) => id).sort()).toEqual(Object.keys(cases).sort());
  });

  it.each(Object.entries(cases))('%s is told, and not where it does not hold', (id, one) => {
    expect(ids(one, 'bad')).toContain(id);
    expect(ids(one, 'good')).not.toContain(id);
  });

  it.each(parameterRules)('$id is told whichever of its variables is touched', ({ id, names }) => {
    for (const name of names) expect(ids(cases[id], 'bad', [name])).toContain(id);
  });

  it('say nothing of what a change does not touch', () => {
    expect(ids(cases['io-capacity'], 'bad', ['long_query_time'])).toEqual([]);
  });

  it('refuse no step out of what is broken already', () => {
    const before = valuesOf({ innodb_io_capacity: 9000, innodb_io_capacity_max: 2000 });
    const after = valuesOf({ innodb_io_capacity: 5000, innodb_io_capacity_max: 2000 });
    const facts = { replicas: 0, encrypted: true };
    expect(brokenRules({ moment: 'now', before, after }, ['innodb_io_capacity'], facts)).toMatchObject([{ id: 'io-capacity', severity: 'warn' }]);
    expect(brokenRules({ moment: 'now', before: new Map(), after }, ['innodb_io_capacity'], facts)).toMatchObject([{ severity: 'refuse' }]);
  });
});

describe('the order of a set', () => {
  const size = fc.integer({ min: 1, max: gib });
  it('passes no bound on the way, whatever was and is to be', () => {
    fc.assert(fc.property(size, size, size, size, fc.boolean(), (a, b, c, d, turned) => {
      const [oldLow, oldHigh] = a < b ? [a, b] : [b, a];
      const [low, high] = c < d ? [c, d] : [d, c];
      const changes = [{ name: 'innodb_io_capacity', value: String(low) }, { name: 'innodb_io_capacity_max', value: String(high) }];
      const now = new Map([['innodb_io_capacity', oldLow], ['innodb_io_capacity_max', oldHigh]]);
      const before = new Map([...now].map(([name, value]) => [name, String(value)]));
      for (const { name, value } of inSafeOrder(turned ? changes.reverse() : changes, before)) {
        now.set(name, Number(value));
        expect(now.get('innodb_io_capacity')).toBeLessThanOrEqual(now.get('innodb_io_capacity_max') ?? 0);
      }
    }));
  });

  it('sets a character set before its collation', () => {
    const changes = [{ name: 'collation_server', value: 'utf8mb4_bin' }, { name: 'character_set_server', value: 'utf8mb4' }];
    expect(inSafeOrder(changes, new Map()).map(({ name }) => name)).toEqual(['character_set_server', 'collation_server']);
  });
});
