import { syncEngine } from './sync-engine';
import { syncScope } from './sync-scope';
import { syncSkip } from './sync-skip';

/** English texts of `sync`. Keys start with `sync.`; zh-CN holds the same keys. */
export const sync = {
  ...syncEngine,
  ...syncScope,
  ...syncSkip,
} as const;
