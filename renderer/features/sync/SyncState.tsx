import type { ReactElement } from 'react';
import { isOld, linkStandingOf } from '../../../shared/domain/analysis/standing';
import type { Lag } from '../../../shared/domain/fleet/lag';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useStandingClock } from '../../stores/standing';
import { problemTitle } from '../../ui/problem-text';
import { StatusBadge } from '../../ui/StatusBadge';
import { syncTone } from './sync-text';

const words = {
  'caught-up': 'sync.state.replicating', 'behind': 'sync.state.replicating', 'not-replicating': 'common.lag.not-replicating', 'unknown': 'common.lag.unknown',
} as const satisfies Record<Lag['state'], string>;

/**
 * State of a sync task. A link that stands is never better than its standby: what is wrong there is said here. What it was
 * doing when its standby was last seen is not what it does now: then it is unknown.
 */
export function SyncState({ sync, plain = false }: { sync: SyncTaskView; plain?: boolean }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const standby = useInstance(sync.spec.standbyId);
  const stands = sync.state === 'replicating' || sync.state === 'stopped';
  const isSeen = standby?.health.state === 'reachable' && !isOld(standby.facts?.sampledAt ?? null, clock);
  if (stands && !isSeen) {
    const unseen = t(standby?.paused == null ? 'sync.state.unseen' : 'sync.state.unwatched');
    return <StatusBadge tone="mute" plain={plain} title={unseen}>{unseen}</StatusBadge>;
  }
  const link = sync.state === 'replicating' && standby?.lag != null ? linkStandingOf(standby, standby.lag, clock) : null;
  const state = t(link === null ? `sync.state.${sync.state}` : words[link.lag.state]);
  if (link === null) return <StatusBadge tone={syncTone(sync.state)} plain={plain} title={state}>{state}</StatusBadge>;
  const whole = link.problem === null ? state : t('common.lag.but', { lag: state, problem: problemTitle(t, link.problem) });
  return <StatusBadge tone={link.tone} plain={plain} title={whole}>{whole}</StatusBadge>;
}
