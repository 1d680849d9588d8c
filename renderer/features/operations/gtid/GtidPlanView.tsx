import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { GtidPlan, GtidPlannedStep, GtidPlanServer } from '../../../../shared/domain/operations/gtid-change';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { useText } from '../../../stores/language';
import { CopyButton } from '../../../ui/CopyText';
import { Fold } from '../../../ui/Fold';
import { IconChevronRight } from '../../../ui/icons';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusBadge, StatusIcon } from '../../../ui/StatusBadge';
import classes from './gtid.module.css';

/** A plan as people read it: where each server stands, what stands in the way, then the steps with their waits and ways back. */
export function GtidPlanView({
  plan, children,
}: {
  plan: GtidPlan;
  /** The user's choices; above the steps that follow from them. */
  children?: ReactNode;
}): ReactElement {
  const t = useText();
  const possible = isExecutable(plan);
  return (
    <>
      <Servers servers={plan.servers} />
      {possible ? null : <div role="status"><StatusBadge tone="bad">{t('gtid.dialog.refused')}</StatusBadge></div>}
      <Preconditions preconditions={plan.preconditions} />
      {possible ? plan.warnings.map((warning, index) => (
        <div key={index} className={classes.warning}><StatusIcon tone="warn" /> <span>{t.message(warning)}</span></div>
      )) : null}
      <ConfigLines servers={plan.servers} />
      {children}
      {plan.steps.length === 0 ? null : (
        <Fold title={t('gtid.dialog.steps')} aside={t('common.unit.steps', { n: plan.steps.length })} open={possible}>
          <ol className={classes.steps}>{plan.steps.map((step) => <PlannedStep key={step.id} step={step} />)}</ol>
        </Fold>
      )}
    </>
  );
}

/** Where each server stands, sources first. */
function Servers({ servers }: { servers: readonly GtidPlanServer[] }): ReactElement {
  const t = useText();
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('gtid.dialog.servers')}>
      <table className={classes.servers}>
        <thead>
          <tr>
            <th scope="col">{t('gtid.dialog.server')}</th>
            <th scope="col">{t('gtid.dialog.follows')}</th>
            <th scope="col">{t('gtid.dialog.version')}</th>
            <th scope="col">{t('gtid.dialog.mode')}</th>
            <th scope="col">{t('gtid.dialog.consistency')}</th>
            <th scope="col">{t('gtid.dialog.position')}</th>
          </tr>
        </thead>
        <tbody>
          {servers.map(({ instanceId, name, follows, now }) => (
            <tr key={instanceId}>
              <th scope="row">{name}</th>
              {now === null ? (
                <td colSpan={5}><StatusBadge tone="bad" plain>{t('gtid.dialog.away')}</StatusBadge></td>
              ) : (
                <>
                  <td>{follows.length === 0 ? <span className={classes.faint}>{t('gtid.dialog.source')}</span> : follows.join(', ')}</td>
                  <td className={classes.figure}>{now.version}</td>
                  <td><StatusBadge tone={now.mode === 'ON' ? 'good' : 'warn'} plain>{now.mode}</StatusBadge></td>
                  <td>{now.consistency}</td>
                  <td>{now.autoPosition === null ? <span className={classes.faint}>—</span> : t(now.autoPosition ? 'gtid.dialog.by-gtid' : 'gtid.dialog.by-position')}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What must stand in the option files, where the servers cannot keep the change (or make it) by themselves. */
export function ConfigLines({ servers }: { servers: readonly GtidPlanServer[] }): ReactElement {
  const t = useText();
  return (
    <>
      {servers.filter(({ configLines }) => configLines.length > 0).map(({ instanceId, name, configLines }) => {
        const what = t('gtid.dialog.config', { server: name });
        return (
          <div key={instanceId}>
            <div className={classes.configHead}>{what} <CopyButton text={configLines.join('\n')} what={what} /></div>
            <pre className={classes.config} tabIndex={0} aria-label={what}>{configLines.join('\n')}</pre>
          </div>
        );
      })}
    </>
  );
}

function PlannedStep({ step }: { step: GtidPlannedStep }): ReactElement {
  const t = useText();
  const [open, setOpen] = useState(false);
  const title = t.message(step.title);
  return (
    <li>
      <div className={classes.stepHead}>
        <span className={classes.stepTitle}>{title}</span>
        {step.sql.length === 0 ? null : (
          <UnstyledButton className={classes.sqlToggle} aria-expanded={open} aria-label={`${t('gtid.dialog.sql')}: ${title}`} onClick={() => setOpen(!open)}>
            {t('gtid.dialog.sql')} <IconChevronRight size={13} className={classes.chevron} data-open={open || undefined} aria-hidden />
          </UnstyledButton>
        )}
      </div>
      {step.wait === null ? null : <div className={classes.detail}><b>{t('gtid.dialog.wait')}</b>{t.message(step.wait)}</div>}
      {step.undoable ? <div className={classes.detail}><b>{t('gtid.dialog.back')}</b>{t.message(step.backText)}</div> : null}
      {open ? (
        <>
          <SqlBlock statements={step.sql} />
          {step.back.length === 0 ? null : (
            <>
              <div className={classes.detail}>{t('gtid.dialog.back-sql')}</div>
              <SqlBlock statements={step.back} />
            </>
          )}
        </>
      ) : null}
    </li>
  );
}
