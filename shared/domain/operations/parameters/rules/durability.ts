import type { ParameterRule } from './values';

/** What a crash must not take, and what the log must hold for a standby, a rollback and a dossier. */
export const durabilityRules = [
  {
    id: 'binlog-behind-engine', names: ['innodb_flush_log_at_trx_commit', 'sync_binlog'], severity: 'warn',
    breaks: (v) => v.number('innodb_flush_log_at_trx_commit') === 1 && v.has('sync_binlog') && v.number('sync_binlog') !== 1,
  },
  {
    id: 'engine-behind-binlog', names: ['innodb_flush_log_at_trx_commit', 'sync_binlog'], severity: 'warn',
    breaks: (v) => v.has('innodb_flush_log_at_trx_commit') && v.number('innodb_flush_log_at_trx_commit') !== 1 && v.number('sync_binlog') === 1,
  },
  {
    id: 'nothing-durable', names: ['innodb_flush_log_at_trx_commit', 'sync_binlog'], severity: 'warn',
    breaks: (v) => v.has('innodb_flush_log_at_trx_commit') && v.has('sync_binlog')
      && v.number('innodb_flush_log_at_trx_commit') !== 1 && v.number('sync_binlog') !== 1,
  },
  {
    id: 'torn-pages', names: ['innodb_doublewrite', 'innodb_flush_log_at_trx_commit'], severity: 'warn',
    breaks: (v) => v.isOff('innodb_doublewrite') && v.number('innodb_flush_log_at_trx_commit') === 1,
  },
  {
    id: 'no-flush-at-all', names: ['innodb_flush_method', 'innodb_flush_log_at_trx_commit'], severity: 'refuse',
    breaks: (v) => v.is('innodb_flush_method', 'nosync', 'littlesync') && v.number('innodb_flush_log_at_trx_commit') === 1,
  },
  {
    id: 'flush-rarely', names: ['innodb_flush_log_at_timeout', 'innodb_flush_log_at_trx_commit'], severity: 'warn',
    breaks: (v) => v.number('innodb_flush_log_at_timeout') > 10 && [0, 2].includes(v.number('innodb_flush_log_at_trx_commit')),
  },
  {
    id: 'statement-isolation', names: ['binlog_format', 'transaction_isolation'], severity: 'refuse',
    breaks: (v) => v.is('binlog_format', 'STATEMENT') && v.is('transaction_isolation', 'READ-COMMITTED', 'READ-UNCOMMITTED'),
  },
  {
    id: 'statement-replicas', names: ['binlog_format'], severity: 'refuse',
    breaks: (v, { replicas }) => replicas > 0 && v.is('binlog_format', 'STATEMENT', 'MIXED'),
  },
  {
    id: 'statement-autoinc', names: ['binlog_format', 'innodb_autoinc_lock_mode'], severity: 'refuse',
    breaks: (v) => v.is('binlog_format', 'STATEMENT', 'MIXED') && v.number('innodb_autoinc_lock_mode') === 2,
  },
  {
    id: 'statement-creators', names: ['binlog_format', 'log_bin_trust_function_creators'], severity: 'warn',
    breaks: (v) => v.is('binlog_format', 'STATEMENT') && v.isOn('log_bin_trust_function_creators'),
  },
  {
    id: 'statement-unsafe-locks', names: ['binlog_format', 'innodb_locks_unsafe_for_binlog'], severity: 'refuse',
    breaks: (v) => v.is('binlog_format', 'STATEMENT', 'MIXED') && v.isOn('innodb_locks_unsafe_for_binlog'),
  },
  {
    id: 'partial-images', names: ['binlog_row_image', 'binlog_format'], severity: 'warn',
    breaks: (v) => v.is('binlog_row_image', 'MINIMAL', 'NOBLOB') && v.is('binlog_format', 'ROW'),
  },
  {
    id: 'partial-json', names: ['binlog_row_value_options', 'binlog_row_image'], severity: 'warn',
    breaks: (v) => v.holds('binlog_row_value_options', 'PARTIAL_JSON') && v.has('binlog_row_image') && !v.is('binlog_row_image', 'MINIMAL'),
  },
  {
    id: 'binlog-lost-quietly', names: ['binlog_error_action', 'sync_binlog'], severity: 'refuse',
    breaks: (v) => v.is('binlog_error_action', 'IGNORE_ERROR') && v.number('sync_binlog') === 1,
  },
  {
    id: 'writeset-statement', names: ['binlog_transaction_dependency_tracking', 'binlog_format'], severity: 'refuse',
    breaks: (v) => v.is('binlog_transaction_dependency_tracking', 'WRITESET', 'WRITESET_SESSION') && v.is('binlog_format', 'STATEMENT', 'MIXED'),
  },
  {
    id: 'writeset-no-extraction', names: ['binlog_transaction_dependency_tracking', 'transaction_write_set_extraction'], severity: 'refuse',
    breaks: (v) => v.is('binlog_transaction_dependency_tracking', 'WRITESET', 'WRITESET_SESSION') && v.isOff('transaction_write_set_extraction'),
  },
  {
    id: 'order-lost', names: ['binlog_order_commits', 'replica_preserve_commit_order'], severity: 'warn',
    breaks: (v) => v.isOff('binlog_order_commits') && v.isOn('replica_preserve_commit_order'),
  },
  {
    id: 'commit-delay', names: ['binlog_group_commit_sync_delay', 'binlog_group_commit_sync_no_delay_count'], severity: 'warn',
    breaks: (v) => v.number('binlog_group_commit_sync_delay') > 0 && v.number('binlog_group_commit_sync_no_delay_count') === 0,
  },
  {
    id: 'commit-delay-lock', names: ['binlog_group_commit_sync_delay', 'innodb_lock_wait_timeout'], severity: 'refuse',
    breaks: (v) => v.number('binlog_group_commit_sync_delay') >= v.number('innodb_lock_wait_timeout') * 1_000_000,
  },
  {
    id: 'expiry-twice', names: ['binlog_expire_logs_seconds', 'expire_logs_days'], severity: 'refuse',
    breaks: (v) => v.number('binlog_expire_logs_seconds') > 0 && v.number('expire_logs_days') > 0,
  },
  {
    id: 'expiry-short', names: ['binlog_expire_logs_seconds'], severity: 'warn',
    breaks: (v, { replicas }) => replicas > 0 && v.number('binlog_expire_logs_seconds') > 0 && v.number('binlog_expire_logs_seconds') < 86_400,
  },
  {
    id: 'expiry-never', names: ['binlog_expire_logs_auto_purge', 'binlog_expire_logs_seconds'], severity: 'warn',
    breaks: (v) => v.isOff('binlog_expire_logs_auto_purge') && v.number('binlog_expire_logs_seconds') > 0,
  },
  {
    id: 'checksum-binlog', names: ['binlog_checksum', 'source_verify_checksum'], severity: 'warn',
    breaks: (v) => v.is('binlog_checksum', 'NONE') && v.isOn('source_verify_checksum'),
  },
  {
    id: 'checksum-replica', names: ['binlog_checksum', 'replica_sql_verify_checksum'], severity: 'warn',
    breaks: (v) => v.is('binlog_checksum', 'NONE') && v.isOn('replica_sql_verify_checksum'),
  },
  {
    id: 'cache-above-most', names: ['binlog_cache_size', 'max_binlog_cache_size'], severity: 'refuse', bound: ['binlog_cache_size', 'max_binlog_cache_size'],
    breaks: (v) => v.number('binlog_cache_size') > v.number('max_binlog_cache_size'),
  },
  {
    id: 'statement-cache-above-most', names: ['binlog_stmt_cache_size', 'max_binlog_stmt_cache_size'], severity: 'refuse',
    bound: ['binlog_stmt_cache_size', 'max_binlog_stmt_cache_size'],
    breaks: (v) => v.number('binlog_stmt_cache_size') > v.number('max_binlog_stmt_cache_size'),
  },
  {
    id: 'event-above-packet', names: ['binlog_row_event_max_size', 'max_allowed_packet'], severity: 'refuse',
    bound: ['binlog_row_event_max_size', 'max_allowed_packet'],
    breaks: (v) => v.number('binlog_row_event_max_size') > v.number('max_allowed_packet'),
  },
] as const satisfies readonly ParameterRule[];
