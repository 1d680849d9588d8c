import type { ParameterRule } from './values';

const mib = 1024 * 1024;
const gib = 1024 * mib;
/** What InnoDB keeps for changes: one size from 8.0.30 on, a number of files before. */
const redoOf = (v: Parameters<ParameterRule['breaks']>[0]): number => (
  v.number('innodb_redo_log_capacity') > 0 ? v.number('innodb_redo_log_capacity') : v.number('innodb_log_file_size') * v.number('innodb_log_files_in_group'));

/** Sizes and limits of InnoDB, and what is kept in memory. */
export const innodbRules = [
  {
    id: 'redo-above-most', names: ['innodb_log_file_size', 'innodb_log_files_in_group'], severity: 'refuse',
    breaks: (v) => v.number('innodb_log_file_size') * v.number('innodb_log_files_in_group') > 512 * gib,
  },
  {
    id: 'redo-named-twice', names: ['innodb_redo_log_capacity', 'innodb_log_file_size'], severity: 'warn',
    breaks: (v) => v.number('innodb_redo_log_capacity') > 0 && v.number('innodb_redo_log_capacity') !== 104_857_600
      && v.number('innodb_log_file_size') !== 50_331_648 && v.has('innodb_log_file_size'),
  },
  {
    id: 'redo-buffer', names: ['innodb_log_buffer_size', 'innodb_redo_log_capacity', 'innodb_log_file_size'], severity: 'refuse',
    breaks: (v) => v.number('innodb_log_buffer_size') > redoOf(v),
  },
  {
    id: 'redo-blob', names: ['max_allowed_packet', 'innodb_redo_log_capacity', 'innodb_log_file_size'], severity: 'warn',
    breaks: (v) => v.number('max_allowed_packet') * 10 > redoOf(v),
  },
  {
    id: 'pool-chunks', names: ['innodb_buffer_pool_size', 'innodb_buffer_pool_chunk_size', 'innodb_buffer_pool_instances'], severity: 'warn',
    breaks: (v) => v.number('innodb_buffer_pool_size') % (v.number('innodb_buffer_pool_chunk_size') * v.number('innodb_buffer_pool_instances')) > 0,
  },
  {
    id: 'pool-instances', names: ['innodb_buffer_pool_instances', 'innodb_buffer_pool_size'], severity: 'warn',
    breaks: (v) => v.number('innodb_buffer_pool_instances') > 1 && v.number('innodb_buffer_pool_size') < gib,
  },
  {
    id: 'pool-dedicated', names: ['innodb_dedicated_server', 'innodb_buffer_pool_size'], severity: 'warn',
    breaks: (v) => v.isOn('innodb_dedicated_server') && v.has('innodb_buffer_pool_size'),
  },
  {
    id: 'io-capacity', names: ['innodb_io_capacity', 'innodb_io_capacity_max'], severity: 'refuse', bound: ['innodb_io_capacity', 'innodb_io_capacity_max'],
    breaks: (v) => v.number('innodb_io_capacity') > v.number('innodb_io_capacity_max'),
  },
  {
    id: 'dirty-pages', names: ['innodb_max_dirty_pages_pct_lwm', 'innodb_max_dirty_pages_pct'], severity: 'refuse',
    bound: ['innodb_max_dirty_pages_pct_lwm', 'innodb_max_dirty_pages_pct'],
    breaks: (v) => v.number('innodb_max_dirty_pages_pct_lwm') > v.number('innodb_max_dirty_pages_pct'),
  },
  {
    id: 'page-cleaners', names: ['innodb_page_cleaners', 'innodb_buffer_pool_instances'], severity: 'warn',
    breaks: (v) => v.number('innodb_page_cleaners') > v.number('innodb_buffer_pool_instances'),
  },
  {
    id: 'write-ahead', names: ['innodb_log_write_ahead_size', 'innodb_page_size'], severity: 'refuse',
    breaks: (v) => v.number('innodb_log_write_ahead_size') > v.number('innodb_page_size'),
  },
  {
    id: 'undo-truncate', names: ['innodb_undo_log_truncate', 'innodb_undo_tablespaces'], severity: 'warn',
    breaks: (v) => v.isOn('innodb_undo_log_truncate') && v.number('innodb_undo_tablespaces') < 2,
  },
  {
    id: 'deadlock-wait', names: ['innodb_deadlock_detect', 'innodb_lock_wait_timeout'], severity: 'warn',
    breaks: (v) => v.isOff('innodb_deadlock_detect') && v.number('innodb_lock_wait_timeout') > 10,
  },
  {
    id: 'half-rollback', names: ['innodb_rollback_on_timeout', 'innodb_lock_wait_timeout', 'autocommit'], severity: 'warn',
    breaks: (v) => v.isOff('autocommit') && v.isOff('innodb_rollback_on_timeout'),
  },
  {
    id: 'token-size', names: ['innodb_ft_min_token_size', 'innodb_ft_max_token_size'], severity: 'refuse',
    bound: ['innodb_ft_min_token_size', 'innodb_ft_max_token_size'],
    breaks: (v) => v.number('innodb_ft_min_token_size') > v.number('innodb_ft_max_token_size'),
  },
  {
    id: 'word-length', names: ['ft_min_word_len', 'ft_max_word_len'], severity: 'refuse', bound: ['ft_min_word_len', 'ft_max_word_len'],
    breaks: (v) => v.number('ft_min_word_len') > v.number('ft_max_word_len'),
  },
  {
    id: 'large-prefix', names: ['innodb_large_prefix', 'innodb_file_format'], severity: 'warn',
    breaks: (v) => v.isOn('innodb_large_prefix') && v.is('innodb_file_format', 'Antelope'),
  },
  {
    id: 'temporary-tables', names: ['tmp_table_size', 'max_heap_table_size', 'internal_tmp_mem_storage_engine'], severity: 'warn',
    breaks: (v) => v.number('tmp_table_size') > v.number('max_heap_table_size') && !v.is('internal_tmp_mem_storage_engine', 'TempTable'),
  },
  {
    id: 'temptable-ram', names: ['temptable_max_ram', 'tmp_table_size'], severity: 'warn',
    breaks: (v) => v.number('tmp_table_size') > v.number('temptable_max_ram'),
  },
  {
    id: 'memory-of-sessions', severity: 'warn',
    names: ['max_connections', 'sort_buffer_size', 'join_buffer_size', 'read_buffer_size', 'read_rnd_buffer_size', 'thread_stack', 'innodb_buffer_pool_size'],
    breaks: (v) => {
      const buffers = ['sort_buffer_size', 'join_buffer_size', 'read_buffer_size', 'read_rnd_buffer_size', 'thread_stack'];
      const each = buffers.reduce((sum, name) => sum + v.number(name), 0);
      return each * v.number('max_connections') > Math.max(8 * gib, 2 * v.number('innodb_buffer_pool_size'));
    },
  },
  {
    id: 'memory-of-temporary-tables', names: ['max_connections', 'tmp_table_size', 'temptable_max_ram'], severity: 'warn',
    breaks: (v) => !v.has('temptable_max_ram') && v.number('max_connections') * v.number('tmp_table_size') > 256 * gib,
  },
  {
    id: 'query-cache', names: ['query_cache_type', 'query_cache_size'], severity: 'warn',
    breaks: (v) => v.is('query_cache_type', 'OFF', '0') && v.number('query_cache_size') > 16 * mib,
  },
  {
    id: 'query-cache-limit', names: ['query_cache_limit', 'query_cache_size'], severity: 'refuse',
    breaks: (v) => v.number('query_cache_size') > 0 && v.number('query_cache_limit') > v.number('query_cache_size'),
  },
  {
    id: 'open-files', names: ['open_files_limit', 'max_connections', 'table_open_cache'], severity: 'warn',
    breaks: (v) => v.number('open_files_limit') > 0 && v.number('open_files_limit') < 10 + v.number('max_connections') + 2 * v.number('table_open_cache'),
  },
  {
    id: 'cache-instances', names: ['table_open_cache_instances', 'table_open_cache'], severity: 'refuse',
    breaks: (v) => v.number('table_open_cache_instances') > v.number('table_open_cache'),
  },
] as const satisfies readonly ParameterRule[];
