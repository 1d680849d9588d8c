import type { IncidentGroup } from '../../shared/domain/analysis/incident-groups';
import { useNow } from '../stores/clock';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { formatClock, formatExact } from './format';
import { problemTitle } from './problem-text';

const dayMs = 86_400_000;

/** What a region has many of, in one sentence: `Region Shanghai: 100 of 125 cannot be reached since 12:03`. */
export function useIncidentGroupText(): (group: IncidentGroup) => string {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const regions = useFleet((state) => state.regions);
  return ({ code, regionId, affected, of, since, incidents }) => {
    const region = regions.find(({ id }) => id === regionId)?.name ?? regionId;
    if (code === 'unreachable' && since !== null) {
      const time = now - since < dayMs ? formatClock(t.language, zone, since) : formatExact(t.language, zone, since);
      return t('incident.group.gone', { region, n: affected, of, time });
    }
    const [first] = incidents;
    return t('incident.group.of', { region, n: affected, of, title: first === undefined ? code : problemTitle(t, first.cause.problem) });
  };
}
