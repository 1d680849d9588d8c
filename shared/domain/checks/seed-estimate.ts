import type { SeedChoice } from '../sync/sync';

/** Bytes of table data a second, cautiously; a copy runs through SQL and across regions, a clone moves files. */
const RATE: Record<Exclude<SeedChoice, 'auto'>, number> = { copy: 8 * 1024 * 1024, clone: 50 * 1024 * 1024, adopt: Infinity };

/** A cautious estimate of how long the first copy takes, seconds. `auto` counts as the slowest. */
export function estimateSeedSeconds(seed: SeedChoice, bytes: number): number {
  return Math.ceil(bytes / RATE[seed === 'auto' ? 'copy' : seed]);
}
