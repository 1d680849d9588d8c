import type { FleetState } from '../../shared/domain/analysis/incremental';
import type { Topology } from '../../shared/domain/fleet/topology';
import type { FleetChange, InstanceView } from '../../shared/domain/fleet/view';
import { sameData } from '../../shared/domain/same-data';

/** What to tell of a topology: readings move the lag of some links, and seldom more. Links that were not looked at again are the same objects. */
export function topologyChange(before: Topology, now: Topology): Pick<FleetChange, 'topology' | 'links'> {
  const sameIds = before.links.length === now.links.length && before.links.every((link, at) => link === now.links[at] || link.id === now.links[at]?.id);
  if (!sameIds || !sameData(before.unregistered, now.unregistered)) return { topology: now };
  const links = now.links.filter((link, at) => link !== before.links[at] && !sameData(before.links[at], link));
  return links.length === 0 ? {} : { links };
}

/** Of those that were looked at again, each in its place; where the fleet is another one, of all. */
export function viewsChanged(
  before: readonly InstanceView[], now: readonly InstanceView[], { looked, places }: FleetState,
): { readonly views: readonly InstanceView[]; readonly removed: readonly string[] } {
  if (looked !== null) {
    const at = [...looked].map((id) => places.get(id) ?? -1).sort((one, other) => one - other);
    return { views: at.flatMap((place) => (now[place] === undefined || sameData(before[place], now[place]) ? [] : [now[place]])), removed: [] };
  }
  const old = new Map(before.map((view) => [view.instance.id, view]));
  const present = new Set(now.map((view) => view.instance.id));
  return {
    views: now.filter((view) => !sameData(old.get(view.instance.id), view)),
    removed: [...old.keys()].filter((id) => !present.has(id)),
  };
}
