/**
 * The least and the most that a server of 5.7 takes of a number. It tells neither: 5.7.22 was started with a number far below and one far above for each
 * option and `--verbose --help`, and printed what it makes of them. The same way gives what 8.0.15 says itself in performance_schema.variables_info. What
 * depends on the machine is left out; −1 stands for the server's own choice.
 */
export const ranges57 = `
auto_increment_increment=1..65535 | auto_increment_offset=1..65535 | back_log=-1..65535 | binlog_cache_size=4096..18446744073709551615 |
binlog_group_commit_sync_delay=0..1000000 | binlog_group_commit_sync_no_delay_count=0..100000 | binlog_max_flush_queue_time=0..100000 |
binlog_stmt_cache_size=4096..18446744073709551615 | binlog_transaction_dependency_history_size=1..1000000 |
bulk_insert_buffer_size=0..18446744073709551615 | connect_timeout=2..31536000 | default_password_lifetime=0..65535 | default_week_format=0..7 |
delayed_insert_limit=1..18446744073709551615 | delayed_insert_timeout=1..31536000 | delayed_queue_size=1..18446744073709551615 |
div_precision_increment=0..30 | eq_range_index_dive_limit=0..4294967295 | expire_logs_days=0..99 | flush_time=0..31536000 | ft_max_word_len=10..84 |
ft_min_word_len=1..84 | ft_query_expansion_limit=0..1000 | group_concat_max_len=4..18446744073709551615 |
gtid_executed_compression_period=0..4294967295 | host_cache_size=-1..65536 | innodb_adaptive_flushing_lwm=0..70 |
innodb_adaptive_hash_index_parts=1..512 | innodb_adaptive_max_sleep_delay=0..1000000 | innodb_api_bk_commit_interval=1..1073741824 |
innodb_api_trx_level=0..3 | innodb_autoextend_increment=1..1000 | innodb_autoinc_lock_mode=0..2 |
innodb_buffer_pool_chunk_size=1048576..9223372036854775807 | innodb_buffer_pool_dump_pct=1..100 | innodb_buffer_pool_instances=0..64 |
innodb_buffer_pool_size=5242880..9223372036854775807 | innodb_change_buffer_max_size=0..50 | innodb_commit_concurrency=0..1000 |
innodb_compression_failure_threshold_pct=0..100 | innodb_compression_level=0..9 | innodb_compression_pad_pct_max=0..75 |
innodb_concurrency_tickets=1..18446744073709551615 | innodb_fast_shutdown=0..2 | innodb_fill_factor=10..100 | innodb_flush_log_at_timeout=0..2700 |
innodb_flush_log_at_trx_commit=0..2 | innodb_flush_neighbors=0..2 | innodb_flushing_avg_loops=1..1000 | innodb_force_recovery=0..6 |
innodb_ft_cache_size=1600000..80000000 | innodb_ft_max_token_size=10..84 | innodb_ft_min_token_size=0..16 | innodb_ft_num_word_optimize=1000..10000 |
innodb_ft_result_cache_limit=1000000..4294967295 | innodb_ft_sort_pll_degree=1..16 | innodb_ft_total_cache_size=32000000..1600000000 |
innodb_io_capacity=100..18446744073709551615 | innodb_io_capacity_max=100..18446744073709551615 | innodb_lock_wait_timeout=1..1073741824 |
innodb_log_buffer_size=262144..9223372036854775807 | innodb_log_file_size=4194304..9223372036854775807 | innodb_log_files_in_group=2..100 |
innodb_log_write_ahead_size=512..16384 | innodb_lru_scan_depth=100..18446744073709551615 | innodb_max_dirty_pages_pct=0..99.999 |
innodb_max_dirty_pages_pct_lwm=0..99.999 | innodb_max_purge_lag=0..18446744073709551615 | innodb_max_purge_lag_delay=0..10000000 |
innodb_max_undo_log_size=10485760..18446744073709551615 | innodb_old_blocks_pct=5..95 | innodb_old_blocks_time=0..4294967295 |
innodb_online_alter_log_max_size=65536..18446744073709551615 | innodb_open_files=-1..9223372036854775807 | innodb_page_cleaners=1..64 |
innodb_page_size=4096..65536 | innodb_purge_batch_size=1..5000 | innodb_purge_rseg_truncate_frequency=1..128 | innodb_purge_threads=1..32 |
innodb_read_ahead_threshold=0..64 | innodb_read_io_threads=1..64 | innodb_replication_delay=0..18446744073709551615 |
innodb_rollback_segments=1..128 | innodb_sort_buffer_size=65536..67108864 | innodb_spin_wait_delay=0..18446744073709551615 |
innodb_stats_persistent_sample_pages=1..18446744073709551615 | innodb_stats_sample_pages=1..18446744073709551615 |
innodb_stats_transient_sample_pages=1..18446744073709551615 | innodb_sync_array_size=1..1024 | innodb_sync_spin_loops=0..18446744073709551615 |
innodb_thread_concurrency=0..1000 | innodb_thread_sleep_delay=0..1000000 | innodb_undo_logs=1..128 | innodb_undo_tablespaces=0..95 |
innodb_write_io_threads=1..64 | interactive_timeout=1..31536000 | join_buffer_size=128..18446744073709551615 |
key_buffer_size=0..18446744073709551615 | key_cache_age_threshold=100..18446744073709551615 | key_cache_block_size=512..16384 |
key_cache_division_limit=1..100 | lock_wait_timeout=1..31536000 | log_error_verbosity=1..3 |
log_throttle_queries_not_using_indexes=0..18446744073709551615 | log_warnings=0..18446744073709551615 | long_query_time=0..31536000 |
max_allowed_packet=1024..1073741824 | max_binlog_cache_size=4096..18446744073709551615 | max_binlog_size=4096..1073741824 |
max_binlog_stmt_cache_size=4096..18446744073709551615 | max_connect_errors=1..18446744073709551615 | max_connections=1..100000 |
max_delayed_threads=0..16384 | max_digest_length=0..1048576 | max_error_count=0..65535 | max_execution_time=0..18446744073709551615 |
max_heap_table_size=16384..18446744073709551615 | max_join_size=1..18446744073709551615 | max_length_for_sort_data=4..8388608 |
max_points_in_geometry=3..1048576 | max_prepared_stmt_count=0..1048576 | max_relay_log_size=0..1073741824 |
max_seeks_for_key=1..18446744073709551615 | max_sort_length=4..8388608 | max_sp_recursion_depth=0..255 | max_tmp_tables=1..18446744073709551615 |
max_user_connections=0..4294967295 | max_write_lock_count=1..18446744073709551615 | metadata_locks_cache_size=1..1048576 |
metadata_locks_hash_instances=1..1024 | min_examined_row_limit=0..18446744073709551615 | multi_range_count=1..18446744073709551615 |
myisam_data_pointer_size=2..7 | myisam_max_sort_file_size=0..9223372036854775807 | myisam_mmap_size=7..18446744073709551615 |
myisam_repair_threads=1..18446744073709551615 | myisam_sort_buffer_size=4096..18446744073709551615 | net_buffer_length=1024..1048576 |
net_read_timeout=1..31536000 | net_retry_count=1..18446744073709551615 | net_write_timeout=1..31536000 | ngram_token_size=1..10 | old_passwords=0..2 |
optimizer_prune_level=0..1 | optimizer_search_depth=0..62 | optimizer_trace_limit=0..9223372036854775807 |
optimizer_trace_max_mem_size=0..18446744073709551615 | optimizer_trace_offset=-9223372036854775808..9223372036854775807 |
parser_max_mem_size=10000000..18446744073709551615 | performance_schema_accounts_size=-1..1048576 | performance_schema_digests_size=-1..1048576 |
performance_schema_events_stages_history_long_size=-1..1048576 | performance_schema_events_stages_history_size=-1..1024 |
performance_schema_events_statements_history_long_size=-1..1048576 | performance_schema_events_statements_history_size=-1..1024 |
performance_schema_events_transactions_history_long_size=-1..1048576 | performance_schema_events_transactions_history_size=-1..1024 |
performance_schema_events_waits_history_long_size=-1..1048576 | performance_schema_events_waits_history_size=-1..1024 |
performance_schema_hosts_size=-1..1048576 | performance_schema_max_cond_classes=-1..256 | performance_schema_max_cond_instances=-1..1048576 |
performance_schema_max_digest_length=-1..1048576 | performance_schema_max_file_classes=-1..256 | performance_schema_max_file_handles=-1..1048576 |
performance_schema_max_file_instances=-1..1048576 | performance_schema_max_index_stat=-1..1048576 | performance_schema_max_memory_classes=-1..1024 |
performance_schema_max_metadata_locks=-1..104857600 | performance_schema_max_mutex_classes=-1..256 |
performance_schema_max_mutex_instances=-1..104857600 | performance_schema_max_prepared_statements_instances=-1..1048576 |
performance_schema_max_program_instances=-1..1048576 | performance_schema_max_rwlock_classes=-1..256 |
performance_schema_max_rwlock_instances=-1..104857600 | performance_schema_max_socket_classes=-1..256 |
performance_schema_max_socket_instances=-1..1048576 | performance_schema_max_sql_text_length=-1..1048576 |
performance_schema_max_stage_classes=-1..256 | performance_schema_max_statement_classes=-1..256 | performance_schema_max_statement_stack=-1..256 |
performance_schema_max_table_handles=-1..1048576 | performance_schema_max_table_instances=-1..1048576 |
performance_schema_max_table_lock_stat=-1..1048576 | performance_schema_max_thread_classes=-1..256 |
performance_schema_max_thread_instances=-1..1048576 | performance_schema_session_connect_attrs_size=-1..1048576 |
performance_schema_setup_actors_size=-1..1048576 | performance_schema_setup_objects_size=-1..1048576 | performance_schema_users_size=-1..1048576 |
preload_buffer_size=1024..1073741824 | profiling_history_size=0..100 | query_alloc_block_size=1024..4294966272 |
query_cache_limit=0..18446744073709551615 | query_cache_min_res_unit=0..18446744073709551615 | query_prealloc_size=8192..18446744073709551615 |
range_alloc_block_size=4096..4294966272 | range_optimizer_max_mem_size=0..18446744073709551615 | read_buffer_size=8192..2147479552 |
read_rnd_buffer_size=1..2147483647 | relay_log_space_limit=0..18446744073709551615 | rpl_stop_slave_timeout=2..31536000 |
slave_checkpoint_group=32..524280 | slave_checkpoint_period=1..4294967295 | slave_max_allowed_packet=1024..1073741824 |
slave_net_timeout=1..31536000 | slave_parallel_workers=0..1024 | slave_pending_jobs_size_max=1024..18446744073709551615 |
slave_transaction_retries=0..18446744073709551615 | slow_launch_time=0..31536000 | sort_buffer_size=32768..18446744073709551615 |
stored_program_cache=16..524288 | sync_binlog=0..4294967295 | sync_master_info=0..4294967295 | sync_relay_log=0..4294967295 |
sync_relay_log_info=0..4294967295 | table_definition_cache=-1..524288 | table_open_cache=1..524288 | table_open_cache_instances=1..64 |
thread_cache_size=-1..16384 | thread_stack=131072..18446744073709551615 | tmp_table_size=1024..18446744073709551615 |
transaction_alloc_block_size=1024..131072 | transaction_prealloc_size=1024..131072 | wait_timeout=1..31536000
`;
