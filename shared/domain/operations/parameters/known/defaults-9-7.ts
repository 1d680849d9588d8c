/** What a server of 9.7 has where nobody set anything, as it printed it itself; what it derives from its machine or other settings is left out. */
export const defaults97 = `
activate_all_roles_on_login=OFF | activate_mandatory_roles=ON | admin_address= | admin_port=33062 | admin_ssl_ca= | admin_ssl_capath= |
admin_ssl_cert= | admin_ssl_cipher= | admin_ssl_crl= | admin_ssl_crlpath= | admin_ssl_key= | admin_tls_ciphersuites= |
admin_tls_version=TLSv1.2,TLSv1.3 | authentication_policy=*,, | auto_generate_certs=ON | auto_increment_increment=1 | auto_increment_offset=1 |
autocommit=ON | automatic_sp_privileges=ON | big_tables=OFF | bind_address=* | binlog_cache_size=32768 | binlog_checksum=CRC32 |
binlog_direct_non_transactional_updates=OFF | binlog_encryption=OFF | binlog_error_action=ABORT_SERVER | binlog_expire_logs_auto_purge=ON |
binlog_expire_logs_seconds=2592000 | binlog_format=ROW | binlog_group_commit_sync_delay=0 | binlog_group_commit_sync_no_delay_count=0 |
binlog_gtid_simple_recovery=ON | binlog_max_flush_queue_time=0 | binlog_order_commits=ON | binlog_rotate_encryption_master_key_at_startup=OFF |
binlog_row_event_max_size=8192 | binlog_row_image=FULL | binlog_row_metadata=MINIMAL | binlog_row_value_options= | binlog_rows_query_log_events=OFF |
binlog_stmt_cache_size=32768 | binlog_transaction_compression=OFF | binlog_transaction_compression_level_zstd=3 |
binlog_transaction_dependency_history_size=10000000 | block_encryption_mode=aes-128-ecb | bulk_insert_buffer_size=8388608 |
character_set_client=utf8mb4 | character_set_connection=utf8mb4 | character_set_database=utf8mb4 | character_set_filesystem=binary |
character_set_results=utf8mb4 | character_set_server=utf8mb4 | check_proxy_users=OFF | collation_connection=utf8mb4_0900_ai_ci |
collation_database=utf8mb4_0900_ai_ci | collation_server=utf8mb4_0900_ai_ci | completion_type=NO_CHAIN | concurrent_insert=AUTO | connect_timeout=10 |
connection_memory_chunk_size=8192 | connection_memory_limit=18446744073709551615 | connection_memory_status_limit=18446744073709551615 |
create_admin_listener_thread=OFF | cte_max_recursion_depth=1000 | default_collation_for_utf8mb4=utf8mb4_0900_ai_ci | default_password_lifetime=0 |
default_storage_engine=InnoDB | default_table_encryption=OFF | default_tmp_storage_engine=InnoDB | default_week_format=0 | delay_key_write=ON |
delayed_insert_limit=100 | delayed_insert_timeout=300 | delayed_queue_size=1000 | disabled_storage_engines= | disconnect_on_expired_password=ON |
div_precision_increment=4 | enable_cascade_triggers=OFF | enable_secondary_engine_statistics=ON | end_markers_in_json=OFF |
enforce_gtid_consistency=ON | eq_range_index_dive_limit=200 | event_scheduler=ON | explain_format=TREE | explain_json_format_version=2 |
explicit_defaults_for_timestamp=ON | external_table_secondary_storage_engine= | external_table_storage_engine= | flush=OFF | flush_time=0 |
ft_max_word_len=84 | ft_min_word_len=4 | ft_query_expansion_limit=20 | general_log=OFF | generated_random_password_length=20 |
global_connection_memory_limit=18446744073709551615 | global_connection_memory_status_limit=18446744073709551615 |
global_connection_memory_tracking=OFF | group_concat_max_len=1024 | group_replication_consistency=BEFORE_ON_PRIMARY_FAILOVER |
gtid_executed_compression_period=0 | gtid_mode=ON | histogram_generation_max_mem_size=20000000 | information_schema_stats_expiry=86400 | init_connect= |
init_replica= | init_slave= | innodb_adaptive_flushing=ON | innodb_adaptive_flushing_lwm=10 | innodb_adaptive_hash_index_parts=8 |
innodb_adaptive_max_sleep_delay=150000 | innodb_api_bk_commit_interval=5 | innodb_api_disable_rowlock=OFF | innodb_api_enable_binlog=OFF |
innodb_api_enable_mdl=OFF | innodb_api_trx_level=0 | innodb_autoextend_increment=64 | innodb_autoinc_lock_mode=2 |
innodb_buffer_pool_dump_at_shutdown=ON | innodb_buffer_pool_dump_now=OFF | innodb_buffer_pool_dump_pct=25 | innodb_buffer_pool_filename=ib_buffer_pool |
innodb_buffer_pool_in_core_file=OFF | innodb_buffer_pool_load_abort=OFF | innodb_buffer_pool_load_at_startup=ON | innodb_buffer_pool_load_now=OFF |
innodb_buffer_pool_size=134217728 | innodb_change_buffer_max_size=5 | innodb_change_buffering=all | innodb_checksum_algorithm=crc32 |
innodb_cmp_per_index_enabled=OFF | innodb_commit_concurrency=0 | innodb_compression_failure_threshold_pct=5 | innodb_compression_level=6 |
innodb_compression_pad_pct_max=50 | innodb_concurrency_tickets=5000 | innodb_ddl_buffer_size=1048576 | innodb_ddl_threads=4 |
innodb_deadlock_detect=ON | innodb_dedicated_server=OFF | innodb_default_row_format=dynamic | innodb_disable_sort_file_cache=OFF |
innodb_doublewrite=ON | innodb_doublewrite_batch_size=0 | innodb_doublewrite_files=2 | innodb_doublewrite_pages=128 | innodb_extend_and_initialize=ON |
innodb_fast_shutdown=1 | innodb_file_per_table=ON | innodb_fill_factor=100 | innodb_flush_log_at_timeout=1 | innodb_flush_log_at_trx_commit=1 |
innodb_flush_neighbors=0 | innodb_flush_sync=ON | innodb_flushing_avg_loops=30 | innodb_force_load_corrupted=OFF | innodb_force_recovery=0 |
innodb_fsync_threshold=0 | innodb_ft_aux_table= | innodb_ft_cache_size=8000000 | innodb_ft_enable_diag_print=OFF | innodb_ft_enable_stopword=ON |
innodb_ft_max_token_size=84 | innodb_ft_min_token_size=3 | innodb_ft_num_word_optimize=2000 | innodb_ft_result_cache_limit=2000000000 |
innodb_ft_server_stopword_table= | innodb_ft_sort_pll_degree=2 | innodb_ft_total_cache_size=640000000 | innodb_ft_user_stopword_table= |
innodb_idle_flush_pct=100 | innodb_io_capacity=10000 | innodb_lock_wait_timeout=50 | innodb_log_buffer_size=67108864 | innodb_log_checksums=ON |
innodb_log_compressed_pages=ON | innodb_log_spin_cpu_abs_lwm=80 | innodb_log_spin_cpu_pct_hwm=50 | innodb_log_wait_for_flush_spin_hwm=400 |
innodb_log_write_ahead_size=8192 | innodb_lru_scan_depth=1024 | innodb_max_dirty_pages_pct=90.000000 | innodb_max_dirty_pages_pct_lwm=10.000000 |
innodb_max_purge_lag=0 | innodb_max_purge_lag_delay=0 | innodb_max_undo_log_size=1073741824 | innodb_native_foreign_keys=OFF |
innodb_old_blocks_pct=37 | innodb_old_blocks_time=1000 | innodb_online_alter_log_max_size=134217728 | innodb_optimize_fulltext_only=OFF |
innodb_page_size=16384 | innodb_print_all_deadlocks=OFF | innodb_print_ddl_logs=OFF | innodb_purge_batch_size=300 |
innodb_purge_rseg_truncate_frequency=128 | innodb_random_read_ahead=OFF | innodb_read_ahead_threshold=56 | innodb_read_only=OFF |
innodb_redo_log_archive_dirs= | innodb_redo_log_encrypt=OFF | innodb_replication_delay=0 | innodb_rollback_on_timeout=OFF |
innodb_rollback_segments=128 | innodb_segment_reserve_factor=12.500000 | innodb_sort_buffer_size=1048576 | innodb_spin_wait_delay=6 |
innodb_spin_wait_pause_multiplier=50 | innodb_stats_auto_recalc=ON | innodb_stats_include_delete_marked=OFF | innodb_stats_method=nulls_equal |
innodb_stats_on_metadata=OFF | innodb_stats_persistent=ON | innodb_stats_persistent_sample_pages=20 | innodb_stats_transient_sample_pages=8 |
innodb_status_output=OFF | innodb_status_output_locks=OFF | innodb_strict_mode=ON | innodb_sync_array_size=1 | innodb_sync_spin_loops=30 |
innodb_table_locks=ON | innodb_thread_concurrency=0 | innodb_thread_sleep_delay=10000 | innodb_undo_directory=./ | innodb_undo_log_encrypt=OFF |
innodb_undo_log_truncate=ON | innodb_use_fdatasync=ON | innodb_validate_tablespace_paths=ON | innodb_write_io_threads=4 | interactive_timeout=28800 |
internal_tmp_mem_storage_engine=TempTable | join_buffer_size=262144 | keep_files_on_create=OFF | key_buffer_size=8388608 | keyring_operations=ON |
lc_messages=en_US | lc_time_names=en_US | local_infile=OFF | lock_wait_timeout=31536000 | log_bin_trust_function_creators=OFF |
log_error_services=log_filter_internal; log_sink_internal | log_error_suppression_list= | log_error_verbosity=2 | log_output=FILE |
log_queries_not_using_indexes=OFF | log_raw=OFF | log_replica_updates=ON | log_slave_updates=ON | log_slow_admin_statements=OFF | log_slow_extra=OFF |
log_slow_replica_statements=OFF | log_slow_slave_statements=OFF | log_statements_unsafe_for_binlog=ON | log_throttle_queries_not_using_indexes=0 |
log_timestamps=UTC | long_query_time=10.000000 | low_priority_updates=OFF | mandatory_roles= | master_verify_checksum=OFF |
max_allowed_packet=67108864 | max_binlog_cache_size=18446744073709547520 | max_binlog_size=1073741824 |
max_binlog_stmt_cache_size=18446744073709547520 | max_connect_errors=100 | max_connections=151 | max_delayed_threads=20 | max_error_count=1024 |
max_execution_time=0 | max_heap_table_size=16777216 | max_insert_delayed_threads=20 | max_join_size=18446744073709551615 |
max_length_for_sort_data=4096 | max_points_in_geometry=65536 | max_prepared_stmt_count=16382 | max_relay_log_size=0 |
max_seeks_for_key=18446744073709551615 | max_sort_length=1024 | max_sp_recursion_depth=0 | max_user_connections=0 |
max_write_lock_count=18446744073709551615 | min_examined_row_limit=0 | myisam_data_pointer_size=6 | myisam_max_sort_file_size=9223372036853727232 |
myisam_mmap_size=18446744073709551615 | myisam_recover_options=OFF | myisam_sort_buffer_size=8388608 | myisam_stats_method=nulls_unequal |
myisam_use_mmap=OFF | net_buffer_length=16384 | net_read_timeout=30 | net_retry_count=10 | net_write_timeout=60 | ngram_token_size=2 |
offline_mode=OFF | old_alter_table=OFF | optimizer_max_subgraph_pairs=100000 | optimizer_prune_level=1 | optimizer_search_depth=62 |
optimizer_trace=enabled=off,one_line=off | optimizer_trace_features=greedy_search=on,range_optimizer=on,dynamic_range=on,repeated_subselect=on |
optimizer_trace_limit=1 | optimizer_trace_offset=-1 | parser_max_mem_size=18446744073709551615 | partial_revokes=OFF | password_history=0 |
password_require_current=OFF | password_reuse_interval=0 | performance_schema=ON | persist_only_admin_x509_subject= |
persist_sensitive_variables_in_plaintext=ON | persisted_globals_load=ON | preload_buffer_size=32768 | print_identified_with_as_hex=OFF | profiling=OFF |
profiling_history_size=15 | protocol_compression_algorithms=zlib,zstd,uncompressed | query_alloc_block_size=8192 | query_prealloc_size=8192 |
range_alloc_block_size=4096 | range_optimizer_max_mem_size=8388608 | read_buffer_size=131072 | read_only=OFF | read_rnd_buffer_size=262144 |
regexp_stack_limit=8000000 | regexp_time_limit=32 | relay_log_purge=ON | relay_log_recovery=OFF | relay_log_space_limit=0 | replica_allow_batching=ON |
replica_allow_higher_version_source=ON | replica_checkpoint_group=512 | replica_checkpoint_period=300 | replica_compressed_protocol=OFF |
replica_exec_mode=STRICT | replica_max_allowed_packet=1073741824 | replica_net_timeout=60 | replica_parallel_workers=4 |
replica_pending_jobs_size_max=134217728 | replica_preserve_commit_order=ON | replica_skip_errors=OFF | replica_sql_verify_checksum=ON |
replica_transaction_retries=10 | replica_type_conversions= | replication_optimize_for_static_plugin_config=OFF |
replication_sender_observe_commit_only=OFF | require_secure_transport=OFF | restrict_fk_on_non_standard_key=ON | rpl_read_size=8192 |
rpl_stop_replica_timeout=31536000 | rpl_stop_slave_timeout=31536000 | schema_definition_cache=256 | secondary_engine_cost_threshold=100000.000000 |
select_into_buffer_size=131072 | select_into_disk_sync=OFF | select_into_disk_sync_delay=0 | server_id_bits=32 | session_track_gtids=OFF |
session_track_schema=ON | session_track_state_change=OFF |
session_track_system_variables=time_zone,autocommit,character_set_client,character_set_results,character_set_connection |
session_track_transaction_info=OFF | set_operations_buffer_size=262144 | show_create_table_verbosity=OFF |
show_gipk_in_create_table_and_information_schema=ON | skip_external_locking=ON | skip_name_resolve=OFF | skip_networking=OFF | skip_replica_start=OFF |
skip_show_database=OFF | skip_slave_start=OFF | slave_allow_batching=ON | slave_checkpoint_group=512 | slave_checkpoint_period=300 |
slave_compressed_protocol=OFF | slave_exec_mode=STRICT | slave_max_allowed_packet=1073741824 | slave_net_timeout=60 | slave_parallel_workers=4 |
slave_pending_jobs_size_max=134217728 | slave_preserve_commit_order=ON | slave_skip_errors=OFF | slave_sql_verify_checksum=ON |
slave_transaction_retries=10 | slave_type_conversions= | slow_launch_time=2 | slow_query_log=OFF | sort_buffer_size=262144 |
source_verify_checksum=OFF | sql_auto_is_null=OFF | sql_big_selects=ON | sql_buffer_result=OFF | sql_generate_invisible_primary_key=OFF |
sql_log_off=OFF | sql_mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION |
sql_notes=ON | sql_quote_show_create=ON | sql_replica_skip_counter=0 | sql_require_primary_key=OFF | sql_safe_updates=OFF |
sql_select_limit=18446744073709551615 | sql_slave_skip_counter=0 | sql_warnings=OFF | stored_program_cache=256 | stored_program_definition_cache=256 |
super_read_only=OFF | sync_binlog=1 | sync_master_info=10000 | sync_relay_log=10000 | sync_relay_log_info=10000 | sync_source_info=10000 |
table_encryption_privilege_check=OFF | table_open_cache=4000 | table_open_cache_triggers=524288 | tablespace_definition_cache=256 |
temptable_max_mmap=0 | terminology_use_previous=NONE | thread_handling=one-thread-per-connection | time_zone=SYSTEM | tmp_table_size=16777216 |
transaction_alloc_block_size=8192 | transaction_isolation=REPEATABLE-READ | transaction_prealloc_size=4096 | transaction_read_only=OFF |
unique_checks=ON | updatable_views_with_limit=YES | wait_timeout=28800 | windowing_use_high_precision=ON | xa_detach_on_prepare=ON
`;
