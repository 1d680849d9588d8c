import { linkStandingOf, worstTone, type StandingClock, type StandingTone } from '../../../../shared/domain/analysis/standing';
import type { LinkState, SyncLink } from '../../../../shared/domain/fleet/topology';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { Translator } from '../../../../shared/i18n/translate';
import { problemTitle } from '../../../ui/problem-text';

/** What a link means by colour: the worst of its state and of how its replica stands. */
export function linkTone({ state, lag }: SyncLink, replica: InstanceView | undefined, clock: StandingClock): StandingTone {
  const own = stateTone(state);
  return replica === undefined ? own : worstTone([own, linkStandingOf(replica, lag, clock).tone]);
}

function stateTone(state: LinkState): StandingTone {
  switch (state) {
    case 'healthy':
      return 'good';
    case 'lagging':
    case 'connecting':
      return 'warn';
    case 'broken':
    case 'stopped':
      return 'bad';
    case 'not-synchronised':
    case 'unknown':
      return 'mute';
    default: {
      const unknown: never = state;
      throw new Error(`Unknown link state ${String(unknown)}`);
    }
  }
}

/** Whether transactions come over it. */
export const carriesData = (state: LinkState): boolean => state === 'healthy' || state === 'lagging';

/**
 * The state of a link in words that go with its colour. What it did when its replica was last seen is not what it does now: then it is
 * unknown; and it is never better than its replica.
 */
export function linkWords(t: Translator, { state, lag }: SyncLink, replica: InstanceView | undefined, clock: StandingClock): string {
  const word = t(`fleet.link-state.${state}`);
  if (replica === undefined || state === 'not-synchronised') return word;
  const { tone, problem } = linkStandingOf(replica, lag, clock);
  if (tone === 'mute' || replica.health.state !== 'reachable') return t('fleet.link-state.unknown');
  if (!carriesData(state)) return word;
  return problem === null ? word : t('common.lag.but', { lag: word, problem: problemTitle(t, problem) });
}
