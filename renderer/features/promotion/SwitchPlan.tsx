import type { ReactElement } from 'react';
import { lossText } from '../../../shared/domain/promotion/loss';
import { planOutlookOf, type PlanOutlook } from '../../../shared/domain/promotion/plan-outlook';
import type { PromotionPlan, SourceVerdict } from '../../../shared/domain/promotion/promotion';
import { useFleet } from '../../stores/fleet';
import { useNumber, useText, useTimeZone } from '../../stores/language';
import { BeforeAfterTable } from '../../ui/BeforeAfterTable';
import { Figure } from '../../ui/Figure';
import { Fold } from '../../ui/Fold';
import { formatDuration, formatExact } from '../../ui/format';
import { Preconditions } from '../../ui/Preconditions';
import { SqlBlock } from '../../ui/SqlBlock';
import { StatusBadge, StatusIcon } from '../../ui/StatusBadge';
import type { Tone } from '../../ui/StatusBadge';
import { lossTone } from './loss-tone';
import { CureButtons } from './CureButtons';
import { SwitchBlocked } from './SwitchBlocked';
import classes from './switch.module.css';

const verdictTones: Record<SourceVerdict, Tone> = { 'source-alive': 'warn', 'source-dead': 'bad', 'unreachable-only-from-here': 'warn', 'replication-broken': 'warn', 'unknown': 'mute' };

/** A plan as people read it: what is at risk first, then what changes, what was checked, what will run. */
export function SwitchPlan({ plan, onCured }: { plan: PromotionPlan; onCured: () => void }): ReactElement {
  const t = useText();
  const outlook = planOutlookOf(plan);
  return (
    <>
      <SwitchBlocked plan={plan} failing={outlook.failing} onCured={onCured} />
      <RiskBand plan={plan} outlook={outlook} />
      {plan.warnings.map((warning, index) => (
        <div key={index} className={classes.warning}><StatusIcon tone="warn" /> {t.message(warning)}</div>
      ))}
      <BeforeAfterTable rows={plan.beforeAfter.map((row) => ({ what: t.message(row.what), before: row.before, after: row.after === '?' ? t('common.not-known') : row.after }))} />
      {plan.evidence.length === 0 ? null : <Evidence plan={plan} />}
      {plan.candidates.length < 2 ? null : <Candidates plan={plan} />}
      <Preconditions
        preconditions={plan.preconditions.filter(({ status }) => status !== 'fail')}
        more={({ status, cures }) => (status === 'warn' && cures !== undefined ? <CureButtons plan={plan} cures={cures} onCured={onCured} /> : null)}
      />
      {plan.blockers.length === 0 ? null : <Blockers blockers={plan.blockers} />}
      <Steps steps={plan.steps} />
    </>
  );
}

/** The figures that matter most: time without writes, and what is lost. */
function RiskBand({ plan, outlook }: { plan: PromotionPlan; outlook: PlanOutlook }): ReactElement {
  const t = useText();
  const number = useNumber();
  const zone = useTimeZone();
  const { loss, promotionKind, createdAt } = plan;
  const unseenSeconds = loss.stated.unseenFrom === null ? null : Math.max(0, createdAt - loss.stated.unseenFrom) / 1000;
  if (promotionKind === 'planned') {
    return (
      <div className={classes.band}>
        <Figure size="lg" value={outlook.outageMs === null ? '—' : `≈ ${number(outlook.outageMs)}`} {...(outlook.outageMs === null ? {} : { unit: t('common.unit.ms') })} label={t('promotion.dialog.forecast')} />
        <Figure size="lg" value={outlook.atRisk === null ? '—' : number(outlook.atRisk)} label={t('promotion.dialog.at-risk')} {...(outlook.atRisk === null ? {} : { tone: 'good' as const })} />
        <Figure size="lg" value={outlook.toApply === null ? '—' : number(outlook.toApply)} label={t('promotion.dialog.not-applied')} />
        {outlook.failing.length === 0 ? null : <p className={classes.bandText}>{t('incident.plan-no-forecast')}</p>}
      </div>
    );
  }
  return (
    <div className={classes.band} data-danger={loss.notReceived === null || loss.stated.count > 0 || undefined}>
      <Figure size="lg" value={loss.notReceived === null ? '?' : number(loss.notReceived)} label={t('promotion.dialog.not-received')} tone={lossTone(loss.stated, loss.notReceived)} />
      <Figure size="lg" value={number(loss.notApplied)} label={t('promotion.dialog.not-applied')} tone={plan.discardReceived && loss.notApplied > 0 ? 'bad' : 'mute'} />
      {unseenSeconds === null ? null : <Figure size="lg" value={formatDuration(t, unseenSeconds * 1000)} label={t('promotion.dialog.blind')} tone={unseenSeconds > 5 ? 'warn' : 'mute'} />}
      <p className={classes.bandText}>{t.message(lossText(loss.stated, (at) => formatExact(t.language, zone, at)))}</p>
    </div>
  );
}

function Candidates({ plan }: { plan: PromotionPlan }): ReactElement {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const regions = useFleet((state) => state.regions);
  return (
    <Fold title={t('promotion.dialog.candidates')} open>
      <ol className={classes.lines}>
        {plan.candidates.map((candidate) => {
          const view = byId.get(candidate.instanceId);
          const region = regions.find((one) => one.id === view?.instance.regionId)?.name ?? '';
          return (
            <li key={candidate.instanceId}>
              <b>{t('common.in-region', { name: view?.instance.name ?? candidate.instanceId, region })}</b> {t('promotion.dialog.behind-best', { n: candidate.behindBest })}
              {candidate.instanceId === plan.standbyId ? ` · ${t('promotion.dialog.this-one')}` : null}
              {candidate.isPartial ? ` · ${t('promotion.measured.scope-partial')}` : null}
              {candidate.problems.length === 0 ? null : <span className={classes.remedy}>{candidate.problems.join(' · ')}</span>}
            </li>
          );
        })}
      </ol>
    </Fold>
  );
}

/** What every witness says about the source. */
function Evidence({ plan: { evidence, verdict, promotionKind } }: { plan: PromotionPlan }): ReactElement {
  const t = useText();
  const tone = promotionKind === 'planned' && verdict === 'source-alive' ? 'good' : verdictTones[verdict];
  return (
    <Fold
      title={t('promotion.dialog.evidence')}
      aside={<StatusBadge tone={tone} plain>{t(`promotion.verdict.${verdict}`)}</StatusBadge>}
      open={promotionKind === 'emergency'}
    >
      <ul className={classes.lines}>
        {evidence.map((item, index) => (
          <li key={index}><b>{item.witness}</b> {t.message(item.text)}</li>
        ))}
      </ul>
    </Fold>
  );
}

/** The sessions that the fence closes. */
function Blockers({ blockers }: Pick<PromotionPlan, 'blockers'>): ReactElement {
  const t = useText();
  return (
    <Fold title={t('promotion.dialog.blockers')} aside={t('promotion.dialog.blockers-text', { n: blockers.length })}>
      <ul className={classes.lines}>
        {blockers.map(({ kind, connectionId, user, host, seconds, statement }) => (
          <li key={`${kind}/${connectionId}`}>
            <b>{t(`promotion.blocker.${kind}`)}</b> {user}@{host} · {formatDuration(t, seconds * 1000)} <code className={classes.statement}>{statement}</code>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function Steps({ steps }: Pick<PromotionPlan, 'steps'>): ReactElement {
  const t = useText();
  return (
    <Fold title={t('promotion.dialog.steps')} aside={t('common.unit.steps', { n: steps.length })}>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <li key={step.id} data-no-return={step.pointOfNoReturn || undefined}>
            {step.pointOfNoReturn ? <div className={classes.noReturn}>{t('common.step.no-return')}</div> : null}
            {t.message(step.title)}
            <SqlBlock statements={step.sql} />
          </li>
        ))}
      </ol>
    </Fold>
  );
}
