import { incidentGroupText } from '../../shared/domain/analysis/group-text';
import type { IncidentGroup } from '../../shared/domain/analysis/incident-groups';
import { useNow } from '../stores/clock';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { formatClock, formatExact } from './format';

const dayMs = 86_400_000;

/** What a region has many of, in one sentence, with times as their reader has them. */
export function useIncidentGroupText(): (group: IncidentGroup) => string {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const regions = useFleet((state) => state.regions);
  return (group) => incidentGroupText(t, group, regions.find(({ id }) => id === group.regionId)?.name ?? group.regionId,
    (at) => (now - at < dayMs ? formatClock(t.language, zone, at) : formatExact(t.language, zone, at)));
}
