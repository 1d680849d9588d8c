import type { VersionTriple } from '../fleet/version';

/** Groups of series, in the order in which a page shows them. */
export const seriesGroups = ['load', 'connections', 'rows', 'innodb', 'buffer_pool', 'redo', 'locks', 'temporary', 'network', 'replication'] as const;
export type SeriesGroup = (typeof seriesGroups)[number];

/** `share`: percent, 0 to 100. */
type SeriesUnit = 'per_second' | 'bytes_per_second' | 'bytes' | 'count' | 'share' | 'seconds' | 'milliseconds';

/**
 * How a value is made of the raw values of one reading or of two.
 * `rate`: counters, their growth per second. `gauge`: as it stands. `share`: part of a whole in percent, of what was counted between two
 * readings or, `now`, of what stands; `rest`: what the part leaves of it. `mean`: growth of a total for each one counted.
 * `facts`: taken from what the fleet reads anyway, see {@link FactName}.
 */
export type Measure =
  | { readonly kind: 'rate'; readonly of: readonly string[]; readonly own?: 'questions' | 'selects' }
  | { readonly kind: 'gauge'; readonly of: string; readonly ownThread?: true }
  | { readonly kind: 'share'; readonly part: string; readonly of: string; readonly over: 'interval' | 'now'; readonly rest?: true }
  | { readonly kind: 'mean'; readonly total: string; readonly count: string }
  | { readonly kind: 'facts'; readonly fact: FactName };

export type FactName = 'lagSeconds' | 'lagTransactions' | 'lagBytes' | 'toReceive' | 'toApply' | 'applyRate' | 'relayLogBytes' | 'binlogRate';

interface Definition {
  readonly group: SeriesGroup;
  readonly unit: SeriesUnit;
  /** Which way is good; `neutral`: it says nothing by itself. */
  readonly good: 'low' | 'high' | 'neutral';
  readonly measure: Measure;
  /** The first version that has it. */
  readonly since?: VersionTriple;
  /** Only where the server follows another. */
  readonly replica?: true;
}

const rate = (...of: readonly string[]): Measure => ({ kind: 'rate', of });
const gauge = (of: string): Measure => ({ kind: 'gauge', of });
const fact = (name: FactName): Measure => ({ kind: 'facts', fact: name });

const writes = [
  'Com_insert', 'Com_insert_select', 'Com_update', 'Com_update_multi', 'Com_delete', 'Com_delete_multi', 'Com_replace', 'Com_replace_select', 'Com_load',
];

/**
 * Every series, as data. Names of raw values are those of SHOW GLOBAL STATUS; `metric.` stands before a counter of
 * information_schema.INNODB_METRICS, `checkpoint_age` is put together from what the version tells of its redo log.
 * Manual: "Server Status Variables", "InnoDB INFORMATION_SCHEMA Metrics Table". Texts: `monitoring.series.<id>.name` and `.meaning`.
 */
const definitions = {
  qps: { group: 'load', unit: 'per_second', good: 'neutral', measure: { kind: 'rate', of: ['Questions'], own: 'questions' } },
  tps: { group: 'load', unit: 'per_second', good: 'neutral', measure: rate('Com_commit', 'Com_rollback', 'Com_xa_commit', 'Com_xa_rollback') },
  write_transactions: { group: 'load', unit: 'per_second', good: 'neutral', measure: rate('Binlog_cache_use', 'Binlog_stmt_cache_use') },
  reads: { group: 'load', unit: 'per_second', good: 'neutral', measure: { kind: 'rate', of: ['Com_select', 'Qcache_hits'], own: 'selects' } },
  writes: { group: 'load', unit: 'per_second', good: 'neutral', measure: rate(...writes) },
  slow_statements: { group: 'load', unit: 'per_second', good: 'low', measure: rate('Slow_queries') },
  full_joins: { group: 'load', unit: 'per_second', good: 'low', measure: rate('Select_full_join') },

  connections: { group: 'connections', unit: 'count', good: 'low', measure: gauge('Threads_connected') },
  threads_running: { group: 'connections', unit: 'count', good: 'low', measure: { kind: 'gauge', of: 'Threads_running', ownThread: true } },
  new_connections: { group: 'connections', unit: 'per_second', good: 'neutral', measure: rate('Connections') },
  aborted_clients: { group: 'connections', unit: 'per_second', good: 'low', measure: rate('Aborted_clients') },
  aborted_connects: { group: 'connections', unit: 'per_second', good: 'low', measure: rate('Aborted_connects') },
  refused_full: { group: 'connections', unit: 'per_second', good: 'low', measure: rate('Connection_errors_max_connections') },

  rows_read: { group: 'rows', unit: 'per_second', good: 'neutral', measure: rate('Innodb_rows_read') },
  rows_inserted: { group: 'rows', unit: 'per_second', good: 'neutral', measure: rate('Innodb_rows_inserted') },
  rows_updated: { group: 'rows', unit: 'per_second', good: 'neutral', measure: rate('Innodb_rows_updated') },
  rows_deleted: { group: 'rows', unit: 'per_second', good: 'neutral', measure: rate('Innodb_rows_deleted') },

  innodb_reads: { group: 'innodb', unit: 'per_second', good: 'neutral', measure: rate('Innodb_data_reads') },
  innodb_writes: { group: 'innodb', unit: 'per_second', good: 'neutral', measure: rate('Innodb_data_writes') },
  innodb_fsyncs: { group: 'innodb', unit: 'per_second', good: 'neutral', measure: rate('Innodb_data_fsyncs') },
  innodb_read_bytes: { group: 'innodb', unit: 'bytes_per_second', good: 'neutral', measure: rate('Innodb_data_read') },
  innodb_written_bytes: { group: 'innodb', unit: 'bytes_per_second', good: 'neutral', measure: rate('Innodb_data_written') },

  buffer_pool_hit: {
    group: 'buffer_pool', unit: 'share', good: 'high',
    measure: { kind: 'share', part: 'Innodb_buffer_pool_reads', of: 'Innodb_buffer_pool_read_requests', over: 'interval', rest: true },
  },
  buffer_pool_dirty: {
    group: 'buffer_pool', unit: 'share', good: 'low',
    measure: { kind: 'share', part: 'Innodb_buffer_pool_pages_dirty', of: 'Innodb_buffer_pool_pages_total', over: 'now' },
  },
  buffer_pool_free: {
    group: 'buffer_pool', unit: 'share', good: 'neutral',
    measure: { kind: 'share', part: 'Innodb_buffer_pool_pages_free', of: 'Innodb_buffer_pool_pages_total', over: 'now' },
  },
  buffer_pool_waits: { group: 'buffer_pool', unit: 'per_second', good: 'low', measure: rate('Innodb_buffer_pool_wait_free') },

  redo_rate: { group: 'redo', unit: 'bytes_per_second', good: 'neutral', measure: rate('Innodb_os_log_written') },
  checkpoint_age: { group: 'redo', unit: 'bytes', good: 'low', measure: gauge('checkpoint_age') },
  redo_waits: { group: 'redo', unit: 'per_second', good: 'low', measure: rate('Innodb_log_waits') },
  history_length: { group: 'redo', unit: 'count', good: 'low', measure: gauge('metric.trx_rseg_history_len') },
  binlog_rate: { group: 'redo', unit: 'bytes_per_second', good: 'neutral', measure: fact('binlogRate') },

  row_lock_waits: { group: 'locks', unit: 'per_second', good: 'low', measure: rate('Innodb_row_lock_waits') },
  row_lock_wait_time: {
    group: 'locks', unit: 'milliseconds', good: 'low', measure: { kind: 'mean', total: 'Innodb_row_lock_time', count: 'Innodb_row_lock_waits' },
  },
  row_lock_waiting: { group: 'locks', unit: 'count', good: 'low', measure: gauge('Innodb_row_lock_current_waits') },
  deadlocks: { group: 'locks', unit: 'per_second', good: 'low', measure: rate('metric.lock_deadlocks') },
  table_lock_waits: { group: 'locks', unit: 'per_second', good: 'low', measure: rate('Table_locks_waited') },

  tmp_tables: { group: 'temporary', unit: 'per_second', good: 'neutral', measure: rate('Created_tmp_tables') },
  tmp_disk_tables: { group: 'temporary', unit: 'per_second', good: 'low', measure: rate('Created_tmp_disk_tables') },
  sort_merge_passes: { group: 'temporary', unit: 'per_second', good: 'low', measure: rate('Sort_merge_passes') },

  bytes_received: { group: 'network', unit: 'bytes_per_second', good: 'neutral', measure: rate('Bytes_received') },
  bytes_sent: { group: 'network', unit: 'bytes_per_second', good: 'neutral', measure: rate('Bytes_sent') },

  lag_seconds: { group: 'replication', unit: 'seconds', good: 'low', measure: fact('lagSeconds'), replica: true },
  lag_transactions: { group: 'replication', unit: 'count', good: 'low', measure: fact('lagTransactions'), replica: true },
  lag_bytes: { group: 'replication', unit: 'bytes', good: 'low', measure: fact('lagBytes'), replica: true },
  to_receive: { group: 'replication', unit: 'count', good: 'low', measure: fact('toReceive'), replica: true },
  to_apply: { group: 'replication', unit: 'count', good: 'low', measure: fact('toApply'), replica: true },
  apply_rate: { group: 'replication', unit: 'per_second', good: 'neutral', measure: fact('applyRate'), replica: true },
  relay_log_bytes: { group: 'replication', unit: 'bytes', good: 'low', measure: fact('relayLogBytes'), replica: true },
} as const satisfies Record<string, Definition>;

export type SeriesId = keyof typeof definitions;

/** One series: what it is, and how it is made. */
export interface Series extends Definition {
  readonly id: SeriesId;
}

/** All series, in the order in which they are shown and kept. */
export const series: readonly Series[] = Object.entries(definitions).map(([id, definition]) => ({ id: id as SeriesId, ...definition }));
export const seriesIds: readonly SeriesId[] = series.map(({ id }) => id);


const byId: ReadonlyMap<string, Series> = new Map(series.map((one) => [one.id, one]));

export function isSeriesId(text: string): text is SeriesId {
  return byId.has(text);
}

/** The definition of a series. */
export function seriesOf(id: SeriesId): Series {
  return { id, ...definitions[id] };
}

/** Where its values come from, as a statement with the names it reads; the same in every language. */
export function sourceOf({ measure }: Series): string {
  if (measure.kind === 'facts') return measure.fact === 'binlogRate' ? 'SHOW BINARY LOG STATUS: Position' : 'SHOW REPLICA STATUS, gtid_executed';
  const names = rawNamesOf(measure);
  if (names.includes('checkpoint_age')) return 'SHOW GLOBAL STATUS: Innodb_redo_log_*; SHOW ENGINE INNODB STATUS: LOG';
  const metrics = names.filter((name) => name.startsWith('metric.')).map((name) => name.slice('metric.'.length));
  return metrics.length > 0 ? `information_schema.INNODB_METRICS: ${metrics.join(', ')}` : `SHOW GLOBAL STATUS: ${names.join(', ')}`;
}

/** The raw values that a measure is made of. */
export function rawNamesOf(measure: Measure): readonly string[] {
  switch (measure.kind) {
    case 'rate':
      return measure.of;
    case 'gauge':
      return [measure.of];
    case 'share':
      return [measure.part, measure.of];
    case 'mean':
      return [measure.total, measure.count];
    case 'facts':
      return [];
  }
}

/** The raw values of all series, each once. */
export const rawNames: readonly string[] = [...new Set(series.flatMap(({ measure }) => rawNamesOf(measure)))];
