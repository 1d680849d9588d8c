import type { verification as en } from '../en/verification';

export const verification: Record<keyof typeof en, string> = {
  'verification.log.changed': '读取期间表结构有变更 (DDL)，将在新的位点重新比对：{tables}',
  'verification.log.threads': '等待中：主实例上有 {value} 条语句正在执行',
  'verification.log.lag': '等待中：灾备实例落后 {value} 秒',
};
