import type { ReactElement } from 'react';
import type { StatementPlan } from '../../../../shared/domain/operations/sql/explain';
import { useText } from '../../../stores/language';
import { CopyButton } from '../../../ui/CopyText';
import { Fold } from '../../../ui/Fold';
import { PlanTree } from '../../../ui/PlanTree';
import { StatusIcon } from '../../../ui/StatusBadge';
import { ResultGrid } from './ResultGrid';
import classes from './sql.module.css';

/** The plan of a statement, or why there is none. */
export function PlanReport({ told: { form, plan, text, rows, without } }: { readonly told: StatementPlan }): ReactElement {
  const t = useText();
  const title = t(`sql.explain.${form}`);
  if (without !== null) return <p className={classes.note} role="alert"><StatusIcon tone="warn" /> {t(`sql.explain.without.${without}`)}</p>;
  return (
    <section className={classes.report} aria-label={title}>
      <p className={classes.light}>{form === 'analyze' ? t('sql.explain.ran') : t('sql.explain.not-run')}</p>
      {plan === null ? null : <PlanTree plan={plan} />}
      {rows === null ? null : <ResultGrid result={rows} label={title} modes={{}} />}
      {text === '' ? null : (
        <Fold title={t('sql.explain.text')} open={plan === null}>
          <CopyButton text={text} what={t('sql.explain.text')} />
          <pre className={classes.sql} tabIndex={0} aria-label={t('sql.explain.text')}>{text}</pre>
        </Fold>
      )}
    </section>
  );
}
