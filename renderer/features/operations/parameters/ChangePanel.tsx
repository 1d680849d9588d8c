import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ParameterChange } from '../../../../shared/domain/operations/parameters/change';
import type { ParameterReport } from '../../../../shared/domain/operations/parameters/history';
import type { ParameterPlan } from '../../../../shared/domain/operations/parameters/plan';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { VariableName } from './VariableName';
import classes from './parameters.module.css';

interface Props {
  readonly instanceId: string;
  readonly changes: readonly ParameterChange[];
  readonly plan: ParameterPlan | null;
  readonly onPlan: (plan: ParameterPlan | null) => void;
  readonly onRemove: (name: string) => void;
  readonly onDone: () => void;
}

/** What is to be changed; then what would run and what takes it back; then what came of it. */
export function ChangePanel({ instanceId, changes, plan, onPlan, onRemove, onDone }: Props): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'plan' | 'execute'>();
  const [report, setReport] = useState<ParameterReport | null>(null);
  const preview = (): void => void act('plan', () => api.parameters.plan({ instanceId, changes }), onPlan);
  const execute = (accept: boolean): void => {
    if (plan === null) return;
    void act('execute', () => api.parameters.execute({ planId: plan.id, acceptWarnings: accept }), (done) => {
      setReport(done);
      onPlan(null);
      onDone();
    });
  };
  return (
    <aside className={classes.side} aria-label={t('parameters.changes')}>
      {plan !== null ? <PlanView key={plan.id} plan={plan} busy={busy === 'execute'} onExecute={execute} onBack={() => onPlan(null)} /> : report !== null && changes.length === 0 ? (
        <ReportView report={report} onClose={() => setReport(null)} />
      ) : (
        <>
          <h2>{t('parameters.changes')}</h2>
          {changes.length === 0 ? <p className={classes.light}>{t('parameters.changes.none')}</p> : (
            <ul className={classes.list}>
              {changes.map((one) => (
                <li key={one.name} className={classes.one}>
                  <span><b><VariableName>{one.name}</VariableName></b>{one.keep === 'forget' ? '' : ` = ${one.value}`}<br /><span className={classes.light}>{t(`parameters.keep.${one.keep}`)}</span></span>
                  <Button size="compact-xs" variant="default" aria-label={t('parameters.changes.remove', { name: one.name })} onClick={() => onRemove(one.name)}>✕</Button>
                </li>
              ))}
            </ul>
          )}
          <div className={classes.foot}>
            <Button variant="filled" disabled={changes.length === 0} loading={busy === 'plan'} onClick={preview}>{t('parameters.plan')}</Button>
          </div>
        </>
      )}
      {error === null ? null : <ErrorNotice error={error} />}
    </aside>
  );
}

interface PlanProps {
  readonly plan: ParameterPlan;
  readonly busy: boolean;
  readonly onExecute: (accept: boolean) => void;
  readonly onBack: () => void;
}

function PlanView({ plan, busy, onExecute, onBack }: PlanProps): ReactElement {
  const t = useText();
  const [accept, setAccept] = useState(false);
  const instance = useInstance(plan.instanceId);
  const region = useRegionName(instance?.instance.regionId ?? '');
  const warned = plan.preconditions.filter(({ status }) => status === 'warn');
  const warns = warned.length > 0;
  const sql = plan.steps.flatMap((step) => step.sql);
  return (
    <>
      <h2>{t('parameters.plan.sql', { name: plan.name, region })}</h2>
      <ul className={classes.notes}>{plan.steps.map((step) => <li key={step.id}>{t.message(step.title)}</li>)}</ul>
      {sql.length === 0 ? <p className={classes.light}>{t('parameters.plan.undo.none')}</p> : <SqlBlock statements={sql} />}
      <Preconditions preconditions={plan.preconditions} />
      {plan.optionLines.length === 0 ? null : (
        <>
          <h2>{t('parameters.plan.lines')}</h2>
          <pre className={classes.lines} tabIndex={0} aria-label={t('parameters.plan.lines')}>{plan.optionLines.join('\n')}</pre>
        </>
      )}
      {plan.warnings.length === 0 ? null : <ul className={classes.notes}>{plan.warnings.map((one, at) => <li key={at}>{t.message(one)}</li>)}</ul>}
      {plan.undoSql.length === 0 ? null : <><h2>{t('parameters.plan.undo')}</h2><SqlBlock statements={plan.undoSql} /></>}
      {plan.rescue === null ? null : <p className={classes.light}>{t.message(plan.rescue)}</p>}
      {warned.length === 0 ? null : (
        <ul className={classes.notes}>{warned.map((one) => <li key={one.id}><b>{t.message(one.title)}</b> {t.message(one.measured)}</li>)}</ul>
      )}
      {warns && isExecutable(plan) ? <Checkbox label={t('parameters.accept')} checked={accept} onChange={(event) => setAccept(event.currentTarget.checked)} /> : null}
      <div className={classes.foot}>
        <Button variant="default" disabled={busy} onClick={onBack} data-autofocus>{t('parameters.back')}</Button>
        <Button variant="filled" loading={busy} disabled={!isExecutable(plan) || (warns && !accept)} onClick={() => onExecute(accept)}>
          {t(plan.purpose === 'undo' ? 'parameters.undo.apply' : 'parameters.apply', { name: plan.name })}
        </Button>
      </div>
    </>
  );
}

/** How a set came out, in one sentence. */
function toneOf({ entry: { state, changes } }: ParameterReport): readonly [Tone, `parameters.report.${'done' | 'adjusted' | 'taken-back' | 'stuck'}`] {
  switch (state) {
    case 'taken-back':
      return ['warn', 'parameters.report.taken-back'];
    case 'stuck':
    case 'begun':
      return ['bad', 'parameters.report.stuck'];
    case 'done':
    case 'undone':
      return changes.some(({ outcome }) => outcome === 'adjusted') ? ['warn', 'parameters.report.adjusted'] : ['good', 'parameters.report.done'];
  }
}

function ReportView({ report, onClose }: { report: ParameterReport; onClose: () => void }): ReactElement {
  const t = useText();
  const [tone, text] = toneOf(report);
  const { entry, along, oldSessions } = report;
  return (
    <>
      <div role="status"><StatusBadge tone={tone}>{t(text, { server: entry.name })}</StatusBadge></div>
      <ul className={classes.list}>
        {entry.changes.map((one) => (
          <li key={one.name} className={classes.one}>
            <span><b>{one.name}</b> {one.before.value} → {one.after?.value ?? one.value}<br /><span className={classes.light}>{t(`parameters.outcome.${one.outcome}`)}</span></span>
          </li>
        ))}
      </ul>
      {entry.optionLines.length === 0 ? null : <pre className={classes.lines} tabIndex={0} aria-label={t('parameters.plan.lines')}>{entry.optionLines.join('\n')}</pre>}
      {along.length === 0 ? null : <p className={classes.light}>{t('parameters.report.along', { values: along.map((one) => `${one.name}: ${one.before} → ${one.after}`).join(' · ') })}</p>}
      {oldSessions.map((one) => <p key={one.name} className={classes.light}>{t('parameters.report.old-sessions', one)}</p>)}
      {entry.error === null ? null : <ErrorNotice error={entry.error} />}
      <div className={classes.foot}><Button variant="default" onClick={onClose}>{t('parameters.report.close')}</Button></div>
    </>
  );
}
