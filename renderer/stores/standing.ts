import { useSyncExternalStore } from 'react';
import { incidentsOf, type Incident } from '../../shared/domain/analysis/incident';
import { isOld, staleAfterMs, type StandingClock } from '../../shared/domain/analysis/standing';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { onTick, tickedAt, useNow } from './clock';
import { useFleet } from './fleet';
import { useSettings } from './settings';

interface Known {
  readonly instances: readonly InstanceView[];
  readonly key: string;
  readonly clock: StandingClock;
  /** Until when it has been found to hold. */
  checkedAt: number;
}
let known: Known | null = null;

/** Which readings are old at a moment, as one text. */
const oldKey = (instances: readonly InstanceView[], clock: StandingClock): string =>
  instances.filter(({ facts }) => isOld(facts?.sampledAt ?? null, clock)).map(({ instance }) => instance.id).join(' ');

/** The clock stays the same object until a reading arrives or becomes old: what is drawn by it changes then, and not with every second. */
function standingClock(): StandingClock {
  const { instances } = useFleet.getState();
  const clock: StandingClock = { now: tickedAt(), staleAfterMs: staleAfterMs(useSettings.getState().settings.pollSeconds) };
  if (known !== null && known.clock.staleAfterMs === clock.staleAfterMs) {
    // Of one moment it says the same whatever was read since: who draws by it is given those readings themselves.
    if (known.clock.now === clock.now) return known.clock;
    if (known.instances === instances) {
      if (known.checkedAt === clock.now) return known.clock;
      if (known.key === oldKey(instances, clock)) {
        known.checkedAt = clock.now;
        return known.clock;
      }
    }
  }
  known = { instances, key: oldKey(instances, clock), clock, checkedAt: clock.now };
  return clock;
}

function listen(listener: () => void): () => void {
  const stops = [onTick(listener), useFleet.subscribe(listener), useSettings.subscribe(listener)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** The clock by which standings are drawn. */
export function useStandingClock(): StandingClock {
  return useSyncExternalStore(listen, standingClock);
}

let told: { readonly instances: readonly InstanceView[]; readonly now: number; readonly incidents: readonly Incident[] } | null = null;

/** The incidents of the fleet, by the second: what nobody saw grows. Concluded once for everybody who shows them. */
export function useIncidents(): readonly Incident[] {
  const now = useNow();
  const instances = useFleet((state) => state.instances);
  const pollSeconds = useSettings((state) => state.settings.pollSeconds);
  if (told?.instances !== instances || told.now !== now) {
    told = { instances, now, incidents: incidentsOf(instances, { now, staleAfterMs: staleAfterMs(pollSeconds) }) };
  }
  return told.incidents;
}
