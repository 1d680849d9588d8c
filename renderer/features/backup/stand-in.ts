import { isPartial } from '../../../shared/domain/analysis/standing';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { useFleet } from '../../stores/fleet';

/** The first standby, by name, that holds all of a primary's data and follows it now: taken there, a backup costs the primary nothing. Pure. */
export function standInFor({ role, instance }: InstanceView, instances: readonly InstanceView[]): InstanceView | null {
  if (role !== 'primary') return null;
  const found = instances.filter((other) =>
    other.sourceId === instance.id && other.role === 'standby' && other.health.state === 'reachable' && other.facts !== null && !isPartial(other)
    && (other.lag?.state === 'caught-up' || other.lag?.state === 'behind'));
  return found.sort((a, b) => a.instance.name.localeCompare(b.instance.name))[0] ?? null;
}

/** As {@link standInFor}, of the fleet as it is now. */
export function useStandInFor(view: InstanceView): InstanceView | null {
  return useFleet((state) => standInFor(view, state.instances));
}
