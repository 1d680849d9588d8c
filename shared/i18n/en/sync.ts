import { syncEngine } from './sync-engine';
import { syncScope } from './sync-scope';

/** English texts of `sync`. Keys start with `sync.`; zh-CN holds the same keys. */
export const sync = {
  ...syncEngine,
  ...syncScope,
} as const;
