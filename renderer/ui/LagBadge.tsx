import type { ReactElement } from 'react';
import { isOld, linkStandingOf, staleAfterMs, type LinkStanding } from '../../shared/domain/analysis/standing';
import { linkText } from '../../shared/domain/analysis/standing-text';
import type { Lag } from '../../shared/domain/fleet/lag';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Translator } from '../../shared/i18n/translate';
import { useNow } from '../stores/clock';
import { useText } from '../stores/language';
import { useSettings } from '../stores/settings';
import { useStandingClock } from '../stores/standing';
import { formatAgo, formatLagTime } from './format';
import { StatusBadge } from './StatusBadge';

/** Whether a moment is so long ago that what was read then is shown as old. */
export function useIsOld(at: number | null): boolean {
  const now = useNow();
  const pollSeconds = useSettings((state) => state.settings.pollSeconds);
  return isOld(at, { now, staleAfterMs: staleAfterMs(pollSeconds) });
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

/**
 * The figure of a link alone, for narrow places: `0.04 s`, `caught up`, `12 trx`. Where something is wrong with what it
 * carries, nothing is caught up: its state in a word stands there.
 */
export function linkFigure(t: Translator, { lag, problem, tone }: LinkStanding): string {
  if (lag.state === 'caught-up' && problem !== null) return t(`common.state.${tone}`);
  if (lag.state !== 'behind') return lagText(t, lag);
  return formatLagTime(t, lag) ?? t('common.lag.short-transactions', { n: (lag.toReceive ?? 0) + (lag.toApply ?? 0) });
}

interface LagBadgeProps {
  /** The replica. */
  readonly view: InstanceView;
  /** Of which of its links; its own lag where it is not given. */
  readonly lag?: Lag | null;
  /** The figure alone, where space is scarce (the tree). */
  readonly short?: boolean;
  readonly plain?: boolean;
}

/** How a link of a replica stands, as icon, colour and words. Old facts carry their age. Nothing where there is no link. */
export function LagBadge({ view, lag = view.lag, short = false, plain = false }: LagBadgeProps): ReactElement | null {
  const t = useText();
  const now = useNow();
  const clock = useStandingClock();
  if (lag === null) return null;
  const link = linkStandingOf(view, lag, clock);
  const text = isOld(lag.standbyAt, clock) ? t('common.lag.stale', { lag: lagText(t, lag), ago: formatAgo(t, lag.standbyAt, now) }) : lagText(t, lag);
  const full = linkText(t, link, text);
  return (
    <StatusBadge tone={link.tone} plain={plain} title={full}>
      {short ? linkFigure(t, link) : full}
    </StatusBadge>
  );
}
