/** What a server of 5.6 has where nobody set anything, as it printed it itself; what it derives from its machine or other settings is left out. */
export const defaults56 = `
auto_increment_increment=1 | auto_increment_offset=1 | autocommit=ON | automatic_sp_privileges=ON | avoid_temporal_upgrade=OFF | big_tables=OFF |
bind_address=* | binlog_cache_size=32768 | binlog_checksum=CRC32 | binlog_direct_non_transactional_updates=OFF | binlog_error_action=IGNORE_ERROR |
binlog_format=STATEMENT | binlog_gtid_simple_recovery=OFF | binlog_max_flush_queue_time=0 | binlog_order_commits=ON | binlog_row_image=FULL |
binlog_rows_query_log_events=OFF | binlog_stmt_cache_size=32768 | binlogging_impossible_mode=IGNORE_ERROR | block_encryption_mode=aes-128-ecb |
bulk_insert_buffer_size=8388608 | character_set_client=latin1 | character_set_connection=latin1 | character_set_database=latin1 |
character_set_filesystem=binary | character_set_results=latin1 | character_set_server=latin1 | collation_connection=latin1_swedish_ci |
collation_database=latin1_swedish_ci | collation_server=latin1_swedish_ci | completion_type=NO_CHAIN | concurrent_insert=AUTO | connect_timeout=10 |
default_storage_engine=InnoDB | default_tmp_storage_engine=InnoDB | default_week_format=0 | delay_key_write=ON | delayed_insert_limit=100 |
delayed_insert_timeout=300 | delayed_queue_size=1000 | disconnect_on_expired_password=ON | div_precision_increment=4 | end_markers_in_json=OFF |
enforce_gtid_consistency=OFF | eq_range_index_dive_limit=10 | event_scheduler=OFF | expire_logs_days=0 | explicit_defaults_for_timestamp=OFF |
flush=OFF | flush_time=0 | foreign_key_checks=ON | ft_max_word_len=84 | ft_min_word_len=4 | ft_query_expansion_limit=20 | general_log=OFF |
group_concat_max_len=1024 | gtid_mode=OFF | ignore_builtin_innodb=OFF | ignore_db_dirs= | init_connect= | init_slave= | innodb_adaptive_flushing=ON |
innodb_adaptive_flushing_lwm=10 | innodb_adaptive_max_sleep_delay=150000 | innodb_additional_mem_pool_size=8388608 | innodb_api_bk_commit_interval=5 |
innodb_api_disable_rowlock=OFF | innodb_api_enable_binlog=OFF | innodb_api_enable_mdl=OFF | innodb_api_trx_level=0 | innodb_autoextend_increment=64 |
innodb_autoinc_lock_mode=1 | innodb_buffer_pool_dump_at_shutdown=OFF | innodb_buffer_pool_dump_now=OFF | innodb_buffer_pool_filename=ib_buffer_pool |
innodb_buffer_pool_load_abort=OFF | innodb_buffer_pool_load_at_startup=OFF | innodb_buffer_pool_load_now=OFF | innodb_buffer_pool_size=134217728 |
innodb_change_buffer_max_size=25 | innodb_change_buffering=all | innodb_checksum_algorithm=innodb | innodb_checksums=ON |
innodb_cmp_per_index_enabled=OFF | innodb_commit_concurrency=0 | innodb_compression_failure_threshold_pct=5 | innodb_compression_level=6 |
innodb_compression_pad_pct_max=50 | innodb_concurrency_tickets=5000 | innodb_disable_sort_file_cache=OFF | innodb_doublewrite=ON |
innodb_fast_shutdown=1 | innodb_file_format=Antelope | innodb_file_format_check=ON | innodb_file_format_max=Antelope | innodb_file_per_table=ON |
innodb_flush_log_at_timeout=1 | innodb_flush_log_at_trx_commit=1 | innodb_flush_neighbors=1 | innodb_flushing_avg_loops=30 |
innodb_force_load_corrupted=OFF | innodb_force_recovery=0 | innodb_ft_aux_table= | innodb_ft_cache_size=8000000 | innodb_ft_enable_diag_print=OFF |
innodb_ft_enable_stopword=ON | innodb_ft_max_token_size=84 | innodb_ft_min_token_size=3 | innodb_ft_num_word_optimize=2000 |
innodb_ft_result_cache_limit=2000000000 | innodb_ft_server_stopword_table= | innodb_ft_sort_pll_degree=2 | innodb_ft_total_cache_size=640000000 |
innodb_ft_user_stopword_table= | innodb_io_capacity=200 | innodb_large_prefix=OFF | innodb_lock_wait_timeout=50 | innodb_locks_unsafe_for_binlog=OFF |
innodb_log_buffer_size=8388608 | innodb_log_compressed_pages=ON | innodb_log_file_size=50331648 | innodb_log_files_in_group=2 |
innodb_lru_scan_depth=1024 | innodb_max_dirty_pages_pct=75 | innodb_max_dirty_pages_pct_lwm=0 | innodb_max_purge_lag=0 | innodb_max_purge_lag_delay=0 |
innodb_mirrored_log_groups=1 | innodb_old_blocks_pct=37 | innodb_old_blocks_time=1000 | innodb_online_alter_log_max_size=134217728 |
innodb_optimize_fulltext_only=OFF | innodb_page_size=16384 | innodb_print_all_deadlocks=OFF | innodb_purge_batch_size=300 |
innodb_random_read_ahead=OFF | innodb_read_ahead_threshold=56 | innodb_read_only=OFF | innodb_replication_delay=0 | innodb_rollback_on_timeout=OFF |
innodb_rollback_segments=128 | innodb_sort_buffer_size=1048576 | innodb_spin_wait_delay=6 | innodb_stats_auto_recalc=ON |
innodb_stats_method=nulls_equal | innodb_stats_on_metadata=OFF | innodb_stats_persistent=ON | innodb_stats_persistent_sample_pages=20 |
innodb_stats_sample_pages=8 | innodb_stats_transient_sample_pages=8 | innodb_status_output=OFF | innodb_status_output_locks=OFF |
innodb_strict_mode=OFF | innodb_support_xa=ON | innodb_sync_array_size=1 | innodb_sync_spin_loops=30 | innodb_table_locks=ON |
innodb_thread_concurrency=0 | innodb_thread_sleep_delay=10000 | innodb_undo_directory=. | innodb_undo_logs=128 | innodb_undo_tablespaces=0 |
innodb_use_sys_malloc=ON | innodb_write_io_threads=4 | interactive_timeout=28800 | join_buffer_size=262144 | keep_files_on_create=OFF |
key_buffer_size=8388608 | lc_messages=en_US | lc_time_names=en_US | local_infile=ON | lock_wait_timeout=31536000 | log_bin_trust_function_creators=OFF |
log_bin_use_v1_row_events=OFF | log_output=FILE | log_queries_not_using_indexes=OFF | log_slave_updates=OFF | log_slow_admin_statements=OFF |
log_slow_slave_statements=OFF | log_throttle_queries_not_using_indexes=0 | log_warnings=1 | long_query_time=10.000000 | low_priority_updates=OFF |
master_info_repository=FILE | master_verify_checksum=OFF | max_allowed_packet=4194304 | max_binlog_cache_size=18446744073709547520 |
max_binlog_size=1073741824 | max_binlog_stmt_cache_size=18446744073709547520 | max_connect_errors=100 | max_connections=151 | max_delayed_threads=20 |
max_error_count=64 | max_heap_table_size=16777216 | max_insert_delayed_threads=20 | max_join_size=18446744073709551615 | max_length_for_sort_data=1024 |
max_prepared_stmt_count=16382 | max_relay_log_size=0 | max_seeks_for_key=18446744073709551615 | max_sort_length=1024 | max_sp_recursion_depth=0 |
max_tmp_tables=32 | max_user_connections=0 | max_write_lock_count=18446744073709551615 | metadata_locks_cache_size=1024 |
metadata_locks_hash_instances=8 | min_examined_row_limit=0 | multi_range_count=256 | myisam_data_pointer_size=6 |
myisam_max_sort_file_size=9223372036853727232 | myisam_mmap_size=18446744073709551615 | myisam_recover_options=OFF | myisam_repair_threads=1 |
myisam_sort_buffer_size=8388608 | myisam_stats_method=nulls_unequal | myisam_use_mmap=OFF | net_buffer_length=16384 | net_read_timeout=30 |
net_retry_count=10 | net_write_timeout=60 | new=OFF | old=OFF | old_alter_table=OFF | old_passwords=0 | optimizer_prune_level=1 |
optimizer_search_depth=62 | optimizer_trace=enabled=off,one_line=off |
optimizer_trace_features=greedy_search=on,range_optimizer=on,dynamic_range=on,repeated_subselect=on | optimizer_trace_limit=1 |
optimizer_trace_offset=-1 | performance_schema=ON | preload_buffer_size=32768 | profiling=OFF | profiling_history_size=15 |
query_alloc_block_size=8192 | query_cache_limit=1048576 | query_cache_min_res_unit=4096 | query_cache_size=1048576 | query_cache_type=OFF |
query_cache_wlock_invalidate=OFF | query_prealloc_size=8192 | range_alloc_block_size=4096 | read_buffer_size=131072 | read_only=OFF |
read_rnd_buffer_size=262144 | relay_log_info_repository=FILE | relay_log_purge=ON | relay_log_recovery=OFF | relay_log_space_limit=0 |
rpl_stop_slave_timeout=31536000 | secure_auth=ON | server_id_bits=32 | show_old_temporals=OFF | simplified_binlog_gtid_recovery=OFF |
skip_external_locking=ON | skip_name_resolve=OFF | skip_networking=OFF | skip_show_database=OFF | slave_allow_batching=OFF |
slave_checkpoint_group=512 | slave_checkpoint_period=300 | slave_compressed_protocol=OFF | slave_exec_mode=STRICT |
slave_max_allowed_packet=1073741824 | slave_net_timeout=3600 | slave_parallel_workers=0 | slave_pending_jobs_size_max=16777216 |
slave_rows_search_algorithms=TABLE_SCAN,INDEX_SCAN | slave_skip_errors=OFF | slave_sql_verify_checksum=ON | slave_transaction_retries=10 |
slave_type_conversions= | slow_launch_time=2 | slow_query_log=OFF | sort_buffer_size=262144 | sql_auto_is_null=OFF | sql_big_selects=ON |
sql_buffer_result=OFF | sql_log_off=OFF | sql_mode=NO_ENGINE_SUBSTITUTION | sql_notes=ON | sql_quote_show_create=ON | sql_safe_updates=OFF |
sql_select_limit=18446744073709551615 | sql_slave_skip_counter=0 | sql_warnings=OFF | storage_engine=InnoDB | stored_program_cache=256 | sync_binlog=0 |
sync_frm=ON | sync_master_info=10000 | sync_relay_log=10000 | sync_relay_log_info=10000 | table_open_cache=2000 | thread_concurrency=10 |
thread_handling=one-thread-per-connection | time_zone=SYSTEM | timed_mutexes=OFF | tmp_table_size=16777216 | transaction_alloc_block_size=8192 |
transaction_prealloc_size=4096 | tx_isolation=REPEATABLE-READ | tx_read_only=OFF | unique_checks=ON | updatable_views_with_limit=YES |
wait_timeout=28800
`;
