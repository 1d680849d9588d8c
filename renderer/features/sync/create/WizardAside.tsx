import type { ReactElement } from 'react';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { IconCheck } from '../../../ui/icons';
import { scopeText } from '../sync-text';
import { wizardSteps } from './wizard';
import type { Draft, WizardStep } from './wizard';
import classes from './WizardAside.module.css';

/** Beside each step: all of them, and what was chosen so far. */
export function WizardAside({ step, draft }: { step: WizardStep; draft: Draft }): ReactElement {
  const t = useText();
  const at = wizardSteps.indexOf(step);
  return (
    <nav className={classes.aside} aria-label={t('sync.wizard.title')}>
      <ol className={classes.steps}>
        {wizardSteps.map((one, index) => (
          <li key={one} data-state={index < at ? 'done' : index === at ? 'current' : 'next'} aria-current={index === at ? 'step' : undefined}>
            <span className={classes.number} aria-hidden>{index < at ? <IconCheck size={12} /> : index + 1}</span>
            {t(`sync.wizard.step.${one}`)}
          </li>
        ))}
      </ol>
      <Summary draft={draft} knowsScope={at >= 1} />
    </nav>
  );
}

function Summary({ draft, knowsScope }: { draft: Draft; knowsScope: boolean }): ReactElement {
  const t = useText();
  const source = useInstance(draft.sourceId)?.instance.name;
  const standby = useInstance(draft.standbyId)?.instance.name;
  return (
    <div className={classes.summary}>
      <h3>{t('sync.wizard.summary')}</h3>
      <dl>
        <dt>{t('sync.wizard.source')}</dt>
        <dd>{source ?? '—'}</dd>
        <dt>{t('sync.wizard.standby')}</dt>
        <dd>{standby ?? '—'}</dd>
        <dt>{t('sync.wizard.scope')}</dt>
        <dd>{knowsScope ? scopeText(t, draft.scope) : '—'}</dd>
      </dl>
    </div>
  );
}
