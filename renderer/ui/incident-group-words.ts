import type { IncidentGroup } from '../../shared/domain/analysis/incident-groups';
import { useNow } from '../stores/clock';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { formatClock, formatExact } from './format';
import { problemTitle } from './problem-text';

const dayMs = 86_400_000;
const oneEventMs = 10 * 60_000;

/** What a region has many of, in one sentence: `Region Shanghai: 100 of 125 cannot be reached since 12:03`. */
export function useIncidentGroupText(): (group: IncidentGroup) => string {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const regions = useFleet((state) => state.regions);
  return ({ code, of, regionId, affected, size, since, last, promotable, heard, incidents }) => {
    const region = regions.find(({ id }) => id === regionId)?.name ?? regionId;
    const timeOf = (at: number): string => (now - at < dayMs ? formatClock(t.language, zone, at) : formatExact(t.language, zone, at));
    const [first] = incidents;
    if (code !== 'unreachable' || since === null || last === null) {
      return t('incident.group.of', { region, n: affected, of: size, title: first === undefined ? code : problemTitle(t, first.cause.problem) });
    }
    // What began at quite other times is no one event.
    const when = last - since < oneEventMs ? t('incident.group.since', { time: timeOf(since) }) : t('incident.group.over', { time: timeOf(since), last: timeOf(last) });
    return of === 'primaries'
      ? t('incident.group.primaries', { region, n: incidents.length, promotable, heard, when })
      : t('incident.group.gone', { region, n: affected, of: size, when });
  };
}
