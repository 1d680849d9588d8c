import type { monitoring as source } from '../en/monitoring';
import { monitoringSeries } from './monitoring-series';

/** 各指标名称的 `{series, select, …}`：阈值问题与图表用同一名称。 */
const seriesName = `{series, select, ${Object.entries(monitoringSeries)
  .flatMap(([key, text]) => (key.endsWith('.name') ? [`${key.split('.')[2] ?? ''} {${text}}`] : [])).join(' ')} other {{series}}}`;
const unit = '{unit, select, per_second {/秒} bytes_per_second { B/秒} bytes { B} share { %} seconds { 秒} milliseconds { 毫秒} other {}}';

/** `monitoring` 的中文文本，与英文键一致。 */
export const monitoring: Record<keyof typeof source, string> = {
  ...monitoringSeries,
  'monitoring.group.load': '负载',
  'monitoring.group.connections': '连接',
  'monitoring.group.rows': '行操作',
  'monitoring.group.innodb': 'InnoDB 读写',
  'monitoring.group.buffer_pool': '缓冲池',
  'monitoring.group.redo': '日志',
  'monitoring.group.locks': '锁',
  'monitoring.group.temporary': '临时表与排序',
  'monitoring.group.network': '网络',
  'monitoring.group.replication': '复制',
  'monitoring.unit.per_second': '/秒',
  'monitoring.unit.bytes_per_second': 'B/秒',
  'monitoring.unit.bytes': 'B',
  'monitoring.unit.count': '',
  'monitoring.unit.share': '%',
  'monitoring.unit.seconds': '秒',
  'monitoring.unit.milliseconds': '毫秒',
  'monitoring.absent.privilege': '无法读取：账号缺少权限。{grant}',
  'monitoring.absent.version': 'MySQL {since} 起才提供',
  'monitoring.absent.not-told': '该服务器不提供此项',
  'monitoring.absent.not-replica': '本实例未跟随其他服务器',
  'monitoring.absent.not-logging': 'binlog 未开启或无权读取',
  'monitoring.absent.not-read': '尚未读取',
  'monitoring.mark.promotion.done': '{name}：切换为主实例',
  'monitoring.mark.promotion.undone': '{name}：切换已撤销',
  'monitoring.mark.promotion.failed': '{name}：切换失败',
  'monitoring.mark.task': '{name}',
  'monitoring.mark.restart': '服务器重启',
  'monitoring.notice.damaged': '{name} 已保存的监控数据无法读取，已另存为 {file}，并重新开始记录。',
  'monitoring.notice.unwritten': '目前无法保存 {name} 的监控数据：{error}',
  'monitoring.terminal.series': '指标',
  'monitoring.terminal.now': '当前',
  'monitoring.terminal.min': '最小',
  'monitoring.terminal.avg': '平均',
  'monitoring.terminal.max': '最大',
  'monitoring.terminal.last': '最新',
  'monitoring.terminal.unit': '单位',
  'monitoring.terminal.nothing': '{name}：该时段没有保存的数据。桌面程序运行时才会保存。',
  'monitoring.terminal.written': '{file}：{count} 个实例，其中 {missing} 个无法读取',
  'problems.threshold-crossed.title': `${seriesName}{when, select, above {高于} other {低于}}阈值`,
  'problems.threshold-crossed.meaning': `${seriesName}：{value, number}${unit}，阈值为 {limit, number}${unit}，已持续超过 {seconds} 秒。`,
  'problems.threshold-unknown.title': `${seriesName}：是否仍{when, select, above {高于} other {低于}}阈值未知`,
  'problems.threshold-unknown.meaning': `自 {since} 起未再取得该服务器的数值。${seriesName}最后一次为 {value, number}${unit}，已越过阈值 {limit, number}${unit}。`,
  'problems.threshold-unknown.cure': '请在其“监控”标签页查看取不到数值的原因。能登录却不响应的服务器往往已停滞：请检查其进程与磁盘。',
  'problems.threshold-crossed.cure': '{series, select, threads_running {用 SHOW PROCESSLIST 和本实例的慢查询查看正在执行什么；常见原因是锁、磁盘变慢或新上线的语句。} refused_full {客户端正被拒绝：关闭空闲连接，或调大 max_connections。} aborted_clients {客户端异常消失：检查其日志、网络、wait_timeout 与 max_allowed_packet。} buffer_pool_hit {读取量超出内存：查找扫描大表的语句，或调大 innodb_buffer_pool_size。} row_lock_waiting {找出持锁会话（performance_schema.data_locks、sys.innodb_lock_waits）并使其结束。} history_length {有长事务未结束：在 information_schema.INNODB_TRX 中找到并结束它。} redo_waits {调大 innodb_log_buffer_size，或检查重做日志所在磁盘是否变慢。} lag_seconds {查看应用线程在做什么：大事务、无主键的表、锁等待，或并行线程过少。} other {查看该时刻前后的图表；如果本实例一贯如此，请调整阈值。}}',
};
