import type { lab as en } from '../en/lab';

/** Chinese texts of `lab`, the same keys as the English ones. */
export const lab: Record<keyof typeof en, string> = {
  // the panel in the window
  'lab.panel.title': '练习环境',
  'lab.panel.text': '在本机运行三台 MySQL 服务器，分属三个虚拟地域，并带有示例数据。可以先在这里试用全部功能，不会影响您自己的服务器。',
  'lab.panel.program': 'MySQL 服务器程序',
  'lab.panel.no-program': '本机未找到 MySQL 服务器程序（mysqld）。请选择一个程序以使用练习环境。',
  'lab.panel.choose': '选择其他程序…',
  'lab.panel.sample': '包含示例数据',
  'lab.panel.up': '启动三台服务器',
  'lab.panel.up-again': '重新启动服务器',
  'lab.panel.down': '停止服务器',
  'lab.panel.remove': '移除练习环境',
  'lab.panel.remove-text': '将停止练习服务器、删除其数据，并从实例清单中移除。您自己的服务器保持不变。',
  'lab.panel.port': '端口 {port}',
  'lab.panel.running': '运行中',
  'lab.panel.stopped': '已停止',
  // what the lab is busy with
  'lab.busy.starting': '正在启动练习服务器…',
  'lab.busy.stopping': '正在停止练习服务器…',
  'lab.busy.removing': '正在移除练习环境…',
  'lab.progress.create': '正在创建服务器 {name}（已完成 {done}/{total}）',
  'lab.progress.start': '正在启动服务器 {name}（已启动 {done}/{total}）',
  'lab.progress.stop': '服务器 {name} 已停止（{done}/{total}）',
  'lab.progress.sample': '正在向 {name} 写入示例数据：表 {table}，{done}/{total}',
};
