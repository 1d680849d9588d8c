import { monitoringSeries } from './monitoring-series';

/** `{series, select, …}` over the names of all series: the problem of a threshold names its series in the words of the charts. */
const seriesName = `{series, select, ${Object.entries(monitoringSeries)
  .flatMap(([key, text]) => (key.endsWith('.name') ? [`${key.split('.')[2] ?? ''} {${text}}`] : [])).join(' ')} other {{series}}}`;
const unit = '{unit, select, per_second {/s} bytes_per_second { B/s} bytes { B} share { %} seconds { s} milliseconds { ms} other {}}';

/** English texts of `monitoring`. Keys start with `monitoring.` or are its problem; zh-CN holds the same keys. */
export const monitoring = {
  ...monitoringSeries,
  'monitoring.group.load': 'Load',
  'monitoring.group.connections': 'Connections',
  'monitoring.group.rows': 'Row operations',
  'monitoring.group.innodb': 'InnoDB input and output',
  'monitoring.group.buffer_pool': 'Buffer pool',
  'monitoring.group.redo': 'Logs',
  'monitoring.group.locks': 'Locks',
  'monitoring.group.temporary': 'Temporary tables and sorts',
  'monitoring.group.network': 'Network',
  'monitoring.group.replication': 'Replication',
  'monitoring.unit.per_second': '/s',
  'monitoring.unit.bytes_per_second': 'B/s',
  'monitoring.unit.bytes': 'B',
  'monitoring.unit.count': '',
  'monitoring.unit.share': '%',
  'monitoring.unit.seconds': 's',
  'monitoring.unit.milliseconds': 'ms',
  'monitoring.absent.privilege': 'Not readable: the account lacks a right. {grant}',
  'monitoring.absent.version': 'Only from MySQL {since} on',
  'monitoring.absent.not-told': 'This server does not tell it',
  'monitoring.absent.not-replica': 'It follows no other server',
  'monitoring.absent.not-logging': 'The binary log is off or may not be read',
  'monitoring.absent.not-read': 'Not read yet',
  'monitoring.mark.promotion.done': '{name}: switched to primary',
  'monitoring.mark.promotion.undone': '{name}: switch to primary undone',
  'monitoring.mark.promotion.failed': '{name}: switch to primary failed',
  'monitoring.mark.task': '{name}',
  'monitoring.mark.restart': 'Server restarted',
  'monitoring.notice.damaged': 'What was kept of the values of {name} could not be read and was put aside as {file}. Recording has begun anew.',
  'monitoring.notice.unwritten': 'Values of {name} are not kept at present: {error}',
  'monitoring.terminal.series': 'series',
  'monitoring.terminal.now': 'now',
  'monitoring.terminal.min': 'least',
  'monitoring.terminal.avg': 'mean',
  'monitoring.terminal.max': 'greatest',
  'monitoring.terminal.last': 'latest',
  'monitoring.terminal.unit': 'unit',
  'monitoring.terminal.nothing': '{name}: nothing was kept in that time. Values are kept while the desktop program runs.',
  'monitoring.terminal.written': '{file}: {count, plural, one {# instance} other {# instances}}, {missing} not readable',
  'problems.threshold-crossed.title': `${seriesName} {when, select, above {above} other {below}} the limit`,
  'problems.threshold-crossed.meaning': `${seriesName}: {value, number}${unit}. The limit is {limit, number}${unit}, and it has been past it for more than {seconds} s.`,
  'problems.threshold-crossed.cure': '{series, select, threads_running {See what runs: SHOW PROCESSLIST, and the slow queries of this instance. Locks, a slow disk or a new statement are the usual causes.} refused_full {Clients are turned away. Close idle connections, or raise max_connections.} aborted_clients {Clients vanish: see their logs, the network, wait_timeout and max_allowed_packet.} buffer_pool_hit {More is read than memory holds: look for statements that scan large tables, or enlarge innodb_buffer_pool_size.} row_lock_waiting {Find the session that holds the locks (performance_schema.data_locks, sys.innodb_lock_waits) and let it end.} history_length {A transaction has been open for long: find it in information_schema.INNODB_TRX and end it.} redo_waits {Enlarge innodb_log_buffer_size, or see whether the disk of the redo log is slow.} lag_seconds {See what its applier does: a large transaction, a table without a key, a lock, or too few workers.} other {Look at the charts around this moment. If this is how the instance always is, change the threshold.}}',
};
