import type { ReactElement } from 'react';
import type { Lag } from '../../shared/domain/fleet/lag';
import type { Translator } from '../../shared/i18n/translate';
import { useNow } from '../stores/clock';
import { useText } from '../stores/language';
import { useSettings } from '../stores/settings';
import { formatAgo, formatLagTime } from './format';
import { StatusBadge } from './StatusBadge';
import type { Tone } from './StatusBadge';

/** Facts older than this many polls lose their colour. */
const stalePolls = 5;

/** Whether a moment is so long ago that what was read then is shown as old. */
export function useIsOld(at: number | null): boolean {
  const now = useNow();
  const pollSeconds = useSettings((state) => state.settings.pollSeconds);
  return at === null || now - at > stalePolls * Math.max(pollSeconds, 1) * 1000;
}

/** What a lag means by colour. Not replicating is a risk, unknown is never healthy, old has no colour. */
export function lagTone(lag: Lag, warningSeconds: number, old: boolean): Tone {
  if (old) return 'mute';
  switch (lag.state) {
    case 'caught-up':
      return 'good';
    case 'behind':
      return lag.seconds !== null && lag.seconds >= warningSeconds ? 'warn' : 'good';
    case 'not-replicating':
      return 'bad';
    case 'unknown':
      return 'mute';
    default: {
      const unknown: never = lag.state;
      throw new Error(`Unknown lag state ${String(unknown)}`);
    }
  }
}

/** A lag in words: `caught up`, `0.04 s behind`, `12 transactions behind`, `not replicating`. */
export function lagText(t: Translator, lag: Lag): string {
  if (lag.state === 'not-replicating') return t('common.lag.not-replicating');
  if (lag.state === 'unknown') return t('common.lag.unknown');
  if (lag.state === 'caught-up') return t('common.lag.caught-up');
  const time = formatLagTime(t, lag);
  if (time !== null) return t('common.lag.behind', { time });
  const transactions = (lag.toReceive ?? 0) + (lag.toApply ?? 0);
  return transactions > 0 ? t('common.lag.behind-transactions', { n: transactions }) : t('common.lag.behind-unknown');
}

/** A lag behind a named server: `0.04 s behind orders-gz`, `caught up with orders-gz`. */
export function lagOfText(t: Translator, lag: Lag, name: string): string {
  if (lag.state === 'not-replicating') return t('common.lag.not-replicating-from', { name });
  if (lag.state === 'unknown') return t('common.lag.unknown-of', { name });
  const time = formatLagTime(t, lag);
  // Nothing is missing now; the figure is the delay with which the last transaction arrived, where it shows at all.
  if (time !== null && (lag.state === 'behind' || (lag.seconds ?? 0) >= 0.005)) return t('common.lag.behind-of', { time, name });
  if (lag.state === 'caught-up') return t('common.lag.caught-up-with', { name });
  return t('common.lag.behind-transactions-of', { n: (lag.toReceive ?? 0) + (lag.toApply ?? 0), name });
}

/** The figure of a lag alone, for narrow places: `0.04 s`, `caught up`, `12 trx`. */
export function lagFigure(t: Translator, lag: Lag): string {
  if (lag.state !== 'behind') return lagText(t, lag);
  return formatLagTime(t, lag) ?? t('common.lag.short-transactions', { n: (lag.toReceive ?? 0) + (lag.toApply ?? 0) });
}

/** A lag as icon, colour and words. `short` gives the figure alone where space is scarce (the tree). Old facts carry their age. */
export function LagBadge({ lag, short = false, plain = false }: { lag: Lag; short?: boolean; plain?: boolean }): ReactElement {
  const t = useText();
  const now = useNow();
  const warningSeconds = useSettings((state) => state.settings.lagWarningSeconds);
  const old = useIsOld(lag.standbyAt);
  const text = lagText(t, lag);
  const full = old ? t('common.lag.stale', { lag: text, ago: formatAgo(t, lag.standbyAt, now) }) : text;
  return (
    <StatusBadge tone={lagTone(lag, warningSeconds, old)} plain={plain} title={full}>
      {short ? lagFigure(t, lag) : full}
    </StatusBadge>
  );
}
