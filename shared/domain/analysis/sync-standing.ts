import { isOld, linkStandingOf, type StandingClock, type StandingTone } from './standing';
import { linkText } from './standing-text';
import type { Lag } from '../fleet/lag';
import type { Problem } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';
import type { SyncTaskState, SyncTaskView } from '../sync/sync';
import type { MessageKey } from '../../i18n/en';
import type { Translator } from '../../i18n/translate';

/** How a sync task stands: a colour, a few words, and what is wrong with its link. */
export interface SyncStanding {
  readonly tone: StandingTone | 'busy' | 'calm';
  readonly key: MessageKey;
  readonly problem: Problem | null;
}

const linkWords = {
  'caught-up': 'sync.state.replicating', 'behind': 'sync.state.replicating', 'not-replicating': 'common.lag.not-replicating', 'unknown': 'common.lag.unknown',
} as const satisfies Record<Lag['state'], MessageKey>;

/** Whether nobody knows now what its link does: it stood, and the standby was not read just now. */
export function isSyncUnseen({ state }: Pick<SyncTaskView, 'state'>, standby: InstanceView | undefined, clock: StandingClock): boolean {
  if (state !== 'replicating' && state !== 'stopped') return false;
  return standby?.health.state !== 'reachable' || isOld(standby.facts?.sampledAt ?? null, clock);
}

/**
 * How a sync task stands, the same in the window and in the terminal. A link that stands is never better than its standby: what is wrong
 * there is said here. What it was doing when its standby was last seen is not what it does now: then it is unknown.
 */
export function syncStandingOf({ state }: Pick<SyncTaskView, 'state'>, standby: InstanceView | undefined, clock: StandingClock): SyncStanding {
  if (isSyncUnseen({ state }, standby, clock)) {
    return { tone: 'mute', key: standby?.paused == null ? 'sync.state.unseen' : 'sync.state.unwatched', problem: null };
  }
  if (state !== 'replicating' || standby?.lag == null) return { tone: syncTone(state), key: `sync.state.${state}`, problem: null };
  const { tone, problem } = linkStandingOf(standby, standby.lag, clock);
  return { tone, key: linkWords[standby.lag.state], problem };
}

export function syncStandingText(t: Translator, { key, problem }: Pick<SyncStanding, 'key' | 'problem'>): string {
  return linkText(t, { problem }, t(key));
}

/** What the state of a sync task means by colour. */
export function syncTone(state: SyncTaskState): SyncStanding['tone'] {
  switch (state) {
    case 'replicating':
      return 'good';
    case 'checking':
    case 'running':
    case 'pausing':
      return 'busy';
    case 'waiting':
    case 'paused':
    case 'interrupted':
      return 'warn';
    case 'failed':
    case 'stopped':
      return 'bad';
    case 'created':
    case 'cancelled':
    case 'superseded':
      return 'calm';
    default: {
      const unknown: never = state;
      throw new Error(`Unknown state of a sync task: ${String(unknown)}`);
    }
  }
}
