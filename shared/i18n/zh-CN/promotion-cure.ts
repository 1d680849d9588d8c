import type { promotionCure as en } from '../en/promotion-cure';

/** 排除切换障碍。 */
export const promotionCure: Record<keyof typeof en, string> = {
  'promotion.precondition.cure-stands.title': '与所示情况一致',
  'promotion.precondition.cure-stands.remedy': '该障碍已不存在，或情况已变化。请重新读取切换方案。',
  'promotion.by-hand.locks': '{server}：已释放该操作的 {count} 个锁。',
  'promotion.by-hand.row-gone': '已从 {server} 的日志表中删除该操作的行。',
  'promotion.by-hand.row-stays': '尚不清楚由哪台服务器接受写入，因此该操作的行仍保留在 antipode.journal 中：确定之后请按 id {id} 删除。',
  'promotion.cure.in-commit': '{user}@{host} 的会话 {id} 停滞在提交阶段：若 binlog 所在磁盘已满，结束它可能导致整个服务器退出',
  'promotion.cure.gone': '已不存在',
  'promotion.cure.end-session': '结束 {server} 上的会话',
  'promotion.cure.turn-off': '关闭 {server} 上的该设置',
  'promotion.cure.end-delay': '取消 {server} 的延迟',
  'promotion.cure.start-thread': '启动 {server} 上的复制',
  'promotion.cure.button.end-session': '结束 {user} 的会话 {id}…',
  'promotion.cure.button.turn-off': '关闭 {variable}…',
  'promotion.cure.button.end-delay': '取消延迟…',
  'promotion.cure.button.start-thread': '{thread, select, receiver {启动接收线程…} other {启动应用线程…}}',
  'promotion.cure.reading': '正在读取 {server}…',
  'promotion.cure.found': '当前情况',
  'promotion.cure.runs': '将要执行',
  'promotion.cure.command': '对应的命令行',
  'promotion.cure.subject': '{server}（{region}）：此操作不做任何切换，完成后会重新读取切换方案。',
  'promotion.cure.warning.end-session': '{user}@{host} 的会话将被关闭，未提交的更改会回滚。',
  'promotion.cure.warning.end-delay': '被延迟的事务会立即应用。此后延迟不再能阻止误操作到达该灾备实例。',
  'promotion.cure.warning.offline-mode': '客户端将可以重新连接。切换之前，该服务器保持只读。',
};
