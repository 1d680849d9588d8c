import type { ReactElement } from 'react';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { linkStandingOf } from '../../../../shared/domain/analysis/standing';
import { problemTitle } from '../../../ui/problem-text';
import type { HeadLag, Lag } from '../../../../shared/domain/fleet/lag';
import { useFeatures } from '../../../stores/registry';
import { useNow } from '../../../stores/clock';
import { useFleet } from '../../../stores/fleet';
import { gapMs, gapsOf } from '../../../stores/gaps';
import { lagHistory, silenceMs } from '../../../stores/lag-history';
import { useNumber, useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { Figure } from '../../../ui/Figure';
import { formatAgo, formatBytes, formatDuration, formatLagTime } from '../../../ui/format';
import { lagOfText, lagText, useIsOld } from '../../../ui/LagBadge';
import { Sparkline } from '../../../ui/Sparkline';
import { StatusBadge, StatusIcon } from '../../../ui/StatusBadge';
import classes from './LagBand.module.css';

const windowMs = 10 * 60_000;

function headline(lag: Lag, time: string | null, text: string): string {
  return lag.state === 'behind' && time !== null ? time : text;
}

/** Behind a replica: how far behind that one, and behind the primary at the head, each in words of its own. */
function Chain({ view, lag, head }: { view: InstanceView; lag: Lag; head: HeadLag }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const names = useFleet((state) => state.byId);
  const ends = [{ id: view.sourceId ?? '', lag }, { id: head.headId, lag: head.lag }];
  return (
    <ul className={classes.chain} aria-label={t('fleet.lag.chain')}>
      {ends.map((end) => (
        <li key={end.id}>
          <StatusBadge tone={linkStandingOf(view, end.lag, clock).tone} plain>
            {lagOfText(t, end.lag, names.get(end.id)?.instance.name ?? t('common.not-known'))}
          </StatusBadge>
        </li>
      ))}
    </ul>
  );
}

/** The one question of a standby's page: how far behind, can I switch? Old figures carry their age and lose their colour. */
export function LagBand({ view, lag }: { view: InstanceView; lag: Lag }): ReactElement {
  const t = useText();
  const number = useNumber();
  const now = useNow();
  const old = useIsOld(lag.standbyAt);
  const sourceOld = useIsOld(lag.sourceAt);
  const { slots } = useFeatures();
  const Forecast = slots.switchForecast;
  const link = linkStandingOf(view, lag, useStandingClock());
  const { tone } = link;
  const time = formatLagTime(t, lag);
  const points = lagHistory.read(view.instance.id, now);
  const known = points.filter(({ seconds }) => !Number.isNaN(seconds));
  const gaps = gapsOf(points.map(({ at, seconds }) => ({ at, value: seconds })), now, silenceMs);
  const unknownMs = gapMs(gaps, now - windowMs);
  const peak = t('common.duration.s', { n: number(Math.max(...known.map(({ seconds }) => seconds)), 2) });
  const gap = formatDuration(t, unknownMs);
  const past = known.length === 0 ? t('fleet.lag.past-none') : unknownMs > 0 ? t('fleet.lag.past-gap', { peak, gap }) : t('fleet.lag.past', { peak });
  const count = (value: number | null): string => (value === null ? '–' : number(value));
  return (
    <section className={classes.band} data-tone={tone} aria-label={t('common.lag')}>
      <div className={classes.row}>
        <div className={classes.main}>
          <div className={classes.headline} data-tone={tone}>
            <StatusIcon tone={tone} size={22} />
            <span>{headline(lag, time, lagText(t, lag))}</span>
            {lag.state === 'behind' && time !== null ? <span className={classes.word}>{t('fleet.lag.behind')}</span> : null}
          </div>
          {link.problem === null ? null : <div className={classes.but} data-tone={tone}>{problemTitle(t, link.problem)}</div>}
          <div className={classes.note}>
            {old ? t('common.as-of', { ago: formatAgo(t, lag.standbyAt, now) }) : lag.measure === null ? t('fleet.lag.no-measure') : t(`fleet.lag.measure.${lag.measure}`)}
          </div>
          {view.head === null ? null : <Chain view={view} lag={lag} head={view.head} />}
        </div>
        <Figure
          value={count(lag.toReceive)}
          label={
            <>
              {t('fleet.lag.to-receive')}
              {lag.sourceAt === null ? (
                <div className={classes.faint}>{t('fleet.lag.source-unseen')}</div>
              ) : sourceOld ? (
                <div className={classes.faint}>{t('fleet.lag.source-seen', { ago: formatAgo(t, lag.sourceAt, now) })}</div>
              ) : null}
            </>
          }
          {...(sourceOld ? { tone: 'mute' as const } : {})}
        />
        <Figure value={count(lag.toApply)} label={t('fleet.lag.to-apply')} {...(old ? { tone: 'mute' as const } : {})} />
        {lag.bytes === null ? null : <Figure value={formatBytes(t.language, lag.bytes)} label={t('fleet.lag.bytes')} {...(old ? { tone: 'mute' as const } : {})} />}
        <div className={classes.past}>
          <Sparkline points={points} gaps={gaps} from={now - windowMs} to={now} label={past} />
          <div className={classes.note}>{past}</div>
        </div>
      </div>
      {Forecast === undefined ? null : (
        <div className={classes.forecast}>
          <Forecast instanceId={view.instance.id} />
        </div>
      )}
    </section>
  );
}
