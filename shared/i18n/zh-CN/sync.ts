import type { sync as en } from '../en/sync';
import { syncEngine } from './sync-engine';
import { syncScope } from './sync-scope';
import { syncSkip } from './sync-skip';

/** Chinese texts of `sync`, the same keys as the English ones. */
export const sync: Record<keyof typeof en, string> = {
  ...syncEngine,
  ...syncScope,
  ...syncSkip,
};
