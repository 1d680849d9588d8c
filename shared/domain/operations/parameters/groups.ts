/** What variables are about, for people who look for one; in the order in which they are shown. */
export const parameterGroups = [
  'connections', 'memory', 'innodb', 'binlog', 'replication', 'statements', 'logging', 'security', 'language', 'files', 'performance-schema', 'other',
] as const;
export type ParameterGroup = (typeof parameterGroups)[number];

/** The first that fits. */
const patterns: readonly (readonly [ParameterGroup, RegExp])[] = [
  ['performance-schema', /^performance_schema/],
  ['security', new RegExp('^(?:ssl_|tls_|admin_ssl|admin_tls|validate_password|default_password|password_|sha256_|caching_sha2|mysql_native'
    + '|authentication_|auto_generate'
    + '|require_secure|secure_|local_infile|partial_revokes|mandatory_roles|activate_|check_proxy|default_authentication'
    + '|disconnect_on_expired|have_ssl|have_openssl'
    + '|keyring|old_passwords|persist_|generated_random|skip_show_database|log_bin_trust|automatic_sp|xa_detach)')],
  ['replication', new RegExp('^(?:replica_|slave_|relay_log|rpl_|source_|master_|report_|gtid_|enforce_gtid|group_replication|server_id'
    + '|server_uuid|log_replica|log_slave'
    + '|skip_replica|skip_slave|init_replica|init_slave|sync_relay|sync_master|sync_source|auto_increment|sql_replica|sql_slave|read_only'
    + '|super_read_only|max_relay|clone_)')],
  ['binlog', /^(?:binlog_|log_bin|sync_binlog|max_binlog|expire_logs|transaction_write_set|sql_log_bin)/],
  ['innodb', /^innodb_/],
  ['logging', /^(?:log_|general_log|slow_query|long_query|min_examined|expire|slow_launch)/],
  ['connections', new RegExp('^(?:max_connect|max_user_conn|connect_timeout|wait_timeout|interactive_timeout|net_|port$|socket$'
    + '|bind_address|admin_|mysqlx|back_log|thread_'
    + '|host_cache|skip_name|skip_networking|max_allowed|offline_mode|create_admin|init_connect|proxy_|protocol_|connection_'
    + '|global_connection|named_pipe|max_error)')],
  ['language', /^(?:character_set|collation|default_collation|lc_|time_zone|system_time|default_week|date_format|datetime_format|time_format|lower_case)/],
  ['memory', new RegExp('_buffer_size$|^(?:tmp_table|max_heap|temptable|internal_tmp|table_open|table_def|query_cache|key_|join_|sort_'
    + '|read_|open_files|stored_program'
    + '|schema_def|tablespace_def|max_length_for|max_sort|preload|bulk_insert|transaction_alloc|transaction_prealloc|query_alloc'
    + '|query_prealloc|range_alloc|parser_max)')],
  ['files', /(?:dir|_path|_file|_basename|_index)$|^(?:basedir|datadir|tmpdir|pid_file|core_file|large_)/],
  ['statements', new RegExp('^(?:sql_|optimizer|max_|min_|eq_range|range_opt|explain|transaction_|tx_|autocommit|foreign_key|unique_checks'
    + '|completion|lock_wait|default_storage'
    + '|default_tmp|div_|group_concat|event_sch|explicit_|show_|updatable|windowing|cte_|information_schema|histogram|low_priority|delay'
    + '|concurrent|ft_|big_tables|select_into'
    + '|print_|regexp|old|new$|disabled_storage|block_enc|end_markers|myisam|flush|tablespace|secondary|use_)')],
];

/** The group of a variable, by its name of today. */
export function groupOf(name: string): ParameterGroup {
  return patterns.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';
}
