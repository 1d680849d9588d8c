import type { transfer as en } from '../en/transfer';

export const transfer: Record<keyof typeof en, string> = {
  'transfer.also': '一并转移',
  'transfer.also.none': '选择更多实例…',
  'transfer.moves': '将转移的实例',
  'transfer.follows': '随 {name} 转移',
  'transfer.nothing': '没有需要转移的实例。',
  'transfer.refused.follows': '它随其主实例转移：请选择主实例。',
  'transfer.refused.fenced': '该实例已被隔离：比对之前不做任何更改。',
  'transfer.refused.unknown': '无法确定其角色。',
  'transfer.left.removed': '已不在清单中',
  'transfer.left.moved-on': '之后又被转移：保持不动',
  'transfer.left.project-gone': '原项目已不存在：保持不动',
  'transfer.history': '转移记录',
  'transfer.history.none': '此处尚无转移记录。',
  'transfer.history.to': '转移到“{project}”：{names}',
  'transfer.history.undone': '已撤销',
  'transfer.undo': '撤销',
  'transfer.terminal.removed': '项目“{name}”已删除。',
  'transfer.terminal.done': '{n, plural, =0 {没有需要转移的实例。} other {已转移 # 个实例。撤销：project undo {id}}}',
};
