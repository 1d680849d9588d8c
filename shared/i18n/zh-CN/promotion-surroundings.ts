import type { promotionSurroundings as en } from '../en/promotion-surroundings';

/** 切换时关注并带过去的周边设置：事件、半同步复制、其他副本。 */
export const promotionSurroundings: Record<keyof typeof en, string> = {
  'promotion.dialog.events': '在新主实例上启用的事件',
  'promotion.dialog.events-text': '无法得知这些事件在原主实例上是否启用：有意禁用的事件经复制后看起来与其他事件一样。未勾选的保持禁用。',
  'promotion.precondition.events-known.title': '事件在原主实例上的状态已知',
  'promotion.precondition.events-known.remedy': '无法得知这些事件在原主实例上是否启用。除非您选择（命令行：--enable-event），否则保持禁用。',
};
