import type { desktop as en } from '../en/desktop';

/** Chinese texts of `desktop`, the same keys as the English ones. */
export const desktop: Record<keyof typeof en, string> = {
  'desktop.fault': '程序出现未预期的错误，已捕获并写入日志：{detail}。正在服务器上执行的操作继续进行。',
  'desktop.menu.file': '文件',
  'desktop.menu.hide': '隐藏 Antipode',
  'desktop.menu.quit': '退出',
  'desktop.menu.edit': '编辑',
  'desktop.menu.undo': '撤消',
  'desktop.menu.redo': '重做',
  'desktop.menu.cut': '剪切',
  'desktop.menu.copy': '复制',
  'desktop.menu.paste': '粘贴',
  'desktop.menu.selectAll': '全选',
  'desktop.menu.view': '视图',
  'desktop.menu.actualSize': '实际大小',
  'desktop.menu.zoomIn': '放大',
  'desktop.menu.zoomOut': '缩小',
  'desktop.menu.fullScreen': '全屏',
  'desktop.menu.reload': '重新加载',
  'desktop.menu.devTools': '开发者工具',
  'desktop.start.failed': 'Antipode 无法启动',
  'desktop.start.folder': '数据文件夹：{folder}',
  'desktop.quit.title': '还有 {count} 个操作正在执行',
  'desktop.quit.detail': '{names}\n\n现在退出，操作会中途停下。服务器仍处于安全状态，下次启动时会说明进展，并可选择继续执行或撤销。',
  'desktop.quit.stay': '继续运行',
  'desktop.quit.leave': '仍然退出',
};
