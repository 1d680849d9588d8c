import type { audit as en } from '../en/audit';

/** Chinese texts of `audit`, the same keys as the English ones. */
export const audit: Record<keyof typeof en, string> = {
  'audit.title': '审计',
  'audit.sub': '谁、对哪台服务器、做了什么、结果如何。先记录后执行，逐行相连，只追加，不修改。',
  'audit.empty': '还没有任何操作',
  'audit.empty-text': '本程序做出的每项改动，以及拒绝的每项操作，都会记录在此。',
  'audit.at': '时间',
  'audit.actor': '操作者',
  'audit.front': '入口',
  'audit.action': '动作',
  'audit.target': '对象',
  'audit.outcome': '结果',
  'audit.detail': '详情',
  'audit.front.desktop': '桌面',
  'audit.front.terminal': '终端',
  'audit.outcome.begun': '已开始，无结束记录',
  'audit.outcome.done': '完成',
  'audit.outcome.refused': '被拒绝',
  'audit.outcome.failed': '失败',
  'audit.export-csv': '导出 CSV',
  'audit.export-json': '导出 JSON',
  'audit.proof.intact': '{entries} 条记录，链完整{old, plural, =0 {} other {（之前的 {old} 行旧记录由首条封存）}}',
  'audit.proof.end-unknown': '{entries} 条记录，链完整；缺少末尾登记，末尾若有缺失将无法发现',
  'audit.proof.cut-off': '{entries} 条记录，链被截断：缺失最后 {missing} 行',
  'audit.proof.broken': '{entries} 条记录，链在第 {line} 行断开：该行或之前的内容被改动过',
  'audit.search': '在审计日志中查找',
};
