import { standingOf, type StandingClock } from '../../../../shared/domain/analysis/standing';
import type { Region } from '../../../../shared/domain/fleet/instance';
import { compareNames } from '../../../../shared/domain/fleet/names';
import type { InstanceView } from '../../../../shared/domain/fleet/view';

/** What is in a region, and how much of it needs a look. */
export interface RegionCounts {
  readonly id: string;
  readonly name: string;
  readonly servers: number;
  readonly critical: number;
  readonly warning: number;
  /** Nothing is known of them now. */
  readonly unknown: number;
}

/** The regions that have servers, the worst first; equals by name. Pure. */
export function regionCounts(regions: readonly Region[], instances: readonly InstanceView[], clock: StandingClock): readonly RegionCounts[] {
  const counts = new Map(regions.map(({ id, name }) => [id, { id, name, servers: 0, critical: 0, warning: 0, unknown: 0 }]));
  for (const view of instances) {
    const region = counts.get(view.instance.regionId);
    if (region === undefined) continue;
    region.servers += 1;
    const { tone, problem } = standingOf(view, clock);
    if (tone === 'bad') region.critical += 1;
    else if (tone === 'warn') region.warning += 1;
    else if (tone === 'mute' && problem === null) region.unknown += 1;
  }
  return [...counts.values()].filter(({ servers }) => servers > 0)
    .sort((a, b) => b.critical - a.critical || b.warning - a.warning || b.unknown - a.unknown || compareNames(a.name, b.name));
}
