/** Settings of which clients notice after a switch that the new primary has others. */
export const noticedAfterSwitch = [
  'innodb_flush_log_at_trx_commit', 'sync_binlog', 'max_connections', 'innodb_buffer_pool_size', 'binlog_row_image', 'group_concat_max_len',
  'innodb_lock_wait_timeout', 'wait_timeout', 'max_allowed_packet', 'sql_mode', 'time_zone', 'system_time_zone',
  'explicit_defaults_for_timestamp', 'default_storage_engine',
  'log_bin_trust_function_creators', 'require_secure_transport', 'default_password_lifetime', 'offline_mode',
] as const;

/** The same for what text is taken for. */
export const charactersNoticed = ['character_set_server', 'collation_server', 'character_set_database', 'init_connect'] as const;

/** The replication group that a server is set up for; empty: none. */
export const groupName = 'group_replication_group_name';
