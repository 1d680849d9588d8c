import type { ParameterRule } from './values';

/** What a replica, this one after a switch or those that follow it, could not go on with. */
export const replicationRules = [
  {
    id: 'packet-above-replica', names: ['max_allowed_packet', 'replica_max_allowed_packet'], severity: 'refuse',
    bound: ['max_allowed_packet', 'replica_max_allowed_packet'],
    breaks: (v) => v.number('max_allowed_packet') > v.number('replica_max_allowed_packet'),
  },
  {
    id: 'pending-below-packet', names: ['replica_pending_jobs_size_max', 'max_allowed_packet', 'replica_parallel_workers'], severity: 'warn',
    breaks: (v) => v.number('replica_parallel_workers') > 0 && v.number('replica_pending_jobs_size_max') < v.number('max_allowed_packet'),
  },
  {
    id: 'relay-space', names: ['relay_log_space_limit', 'max_relay_log_size', 'max_binlog_size'], severity: 'refuse',
    breaks: (v) => {
      const file = v.number('max_relay_log_size') > 0 ? v.number('max_relay_log_size') : v.number('max_binlog_size');
      return v.number('relay_log_space_limit') > 0 && v.number('relay_log_space_limit') < 2 * file;
    },
  },
  {
    id: 'workers-unordered', names: ['replica_parallel_workers', 'replica_preserve_commit_order'], severity: 'warn',
    breaks: (v) => v.number('replica_parallel_workers') > 1 && v.isOff('replica_preserve_commit_order'),
  },
  {
    id: 'order-by-database', names: ['replica_preserve_commit_order', 'replica_parallel_type', 'replica_parallel_workers'], severity: 'refuse',
    breaks: (v) => v.isOn('replica_preserve_commit_order') && v.is('replica_parallel_type', 'DATABASE') && v.number('replica_parallel_workers') > 0,
  },
  {
    id: 'order-without-log', names: ['replica_preserve_commit_order', 'log_replica_updates', 'replica_parallel_workers'], severity: 'warn',
    breaks: (v) => v.isOn('replica_preserve_commit_order') && v.isOff('log_replica_updates') && v.number('replica_parallel_workers') > 0,
  },
  {
    id: 'updates-not-logged', names: ['log_replica_updates', 'gtid_mode'], severity: 'refuse',
    breaks: (v) => v.isOff('log_replica_updates') && v.isOn('gtid_mode'),
  },
  {
    id: 'position-in-file', names: ['relay_log_info_repository', 'relay_log_recovery'], severity: 'warn',
    breaks: (v) => v.is('relay_log_info_repository', 'FILE') && v.isOn('relay_log_recovery'),
  },
  {
    id: 'relay-not-recovered', names: ['relay_log_recovery', 'sync_relay_log'], severity: 'warn',
    breaks: (v) => v.isOff('relay_log_recovery') && v.has('sync_relay_log') && v.number('sync_relay_log') !== 1,
  },
  {
    id: 'purge-recovery', names: ['relay_log_purge', 'relay_log_recovery'], severity: 'warn',
    breaks: (v) => v.isOff('relay_log_purge') && v.isOn('relay_log_recovery'),
  },
  {
    id: 'idempotent', names: ['replica_exec_mode', 'replica_skip_errors'], severity: 'refuse',
    breaks: (v) => v.is('replica_exec_mode', 'IDEMPOTENT'),
  },
  {
    id: 'no-retries', names: ['replica_transaction_retries', 'innodb_lock_wait_timeout'], severity: 'warn',
    breaks: (v) => v.number('replica_transaction_retries') === 0 && v.number('innodb_lock_wait_timeout') < 120,
  },
  {
    id: 'lossy-types', names: ['replica_type_conversions', 'sql_mode'], severity: 'warn',
    breaks: (v) => v.holds('replica_type_conversions', 'ALL_LOSSY') && v.holds('sql_mode', 'STRICT_TRANS_TABLES'),
  },
  {
    id: 'net-timeouts', names: ['replica_net_timeout', 'net_write_timeout'], severity: 'warn',
    breaks: (v) => v.number('replica_net_timeout') < 2 || v.number('net_write_timeout') < 2,
  },
  {
    id: 'semisync-short', names: ['rpl_semi_sync_source_enabled', 'rpl_semi_sync_source_wait_for_replica_count'], severity: 'refuse',
    breaks: (v, { replicas }) => v.isOn('rpl_semi_sync_source_enabled') && v.number('rpl_semi_sync_source_wait_for_replica_count') > Math.max(1, replicas),
  },
  {
    id: 'semisync-nobody', names: ['rpl_semi_sync_source_enabled', 'rpl_semi_sync_source_timeout'], severity: 'warn',
    breaks: (v, { replicas }) => v.isOn('rpl_semi_sync_source_enabled') && replicas === 0 && v.number('rpl_semi_sync_source_timeout') > 1000,
  },
  {
    id: 'semisync-after-commit', names: ['rpl_semi_sync_source_enabled', 'rpl_semi_sync_source_wait_point'], severity: 'warn',
    breaks: (v) => v.isOn('rpl_semi_sync_source_enabled') && v.is('rpl_semi_sync_source_wait_point', 'AFTER_COMMIT'),
  },
  {
    id: 'auto-increment', names: ['auto_increment_offset', 'auto_increment_increment'], severity: 'refuse',
    bound: ['auto_increment_offset', 'auto_increment_increment'],
    breaks: (v) => v.number('auto_increment_offset') > v.number('auto_increment_increment'),
  },
  {
    id: 'keys-unchecked', names: ['foreign_key_checks', 'unique_checks'], severity: 'refuse',
    breaks: (v) => v.isOff('foreign_key_checks') || v.isOff('unique_checks'),
  },
  {
    id: 'engine-not-transactional', names: ['default_storage_engine', 'enforce_gtid_consistency'], severity: 'refuse',
    breaks: (v) => v.isOn('enforce_gtid_consistency') && v.has('default_storage_engine') && !v.is('default_storage_engine', 'InnoDB'),
  },
  {
    id: 'engine-disabled', names: ['default_storage_engine', 'disabled_storage_engines'], severity: 'refuse',
    breaks: (v) => v.holds('disabled_storage_engines', v.text('default_storage_engine') ?? '—'),
  },
] as const satisfies readonly ParameterRule[];
