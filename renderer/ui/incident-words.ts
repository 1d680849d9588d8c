import { incidentText, type IncidentText } from '../../shared/domain/analysis/standing-text';
import type { Incident } from '../../shared/domain/analysis/incident';
import { useNow } from '../stores/clock';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { formatClock, formatDuration, formatExact } from './format';

const dayMs = 86_400_000;

/** Incidents in this window's words: today's moments by the clock, others with their day. */
export function useIncidentText(): (incident: Incident) => IncidentText {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const byId = useFleet((state) => state.byId);
  return (incident) => incidentText(t, incident, {
    byId,
    clock: (at) => (now - at < dayMs ? formatClock(t.language, zone, at) : formatExact(t.language, zone, at)),
    duration: (ms) => formatDuration(t, ms),
  });
}
