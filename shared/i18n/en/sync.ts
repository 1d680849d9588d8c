import { syncEngine } from './sync-engine';

/** English texts of `sync`. Keys start with `sync.`; zh-CN holds the same keys. */
export const sync = {
  ...syncEngine,
} as const;
