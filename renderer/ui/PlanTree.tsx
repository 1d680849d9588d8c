import type { ReactElement } from 'react';
import type { PlanNode } from '../../shared/domain/slow/plan';
import { useText } from '../stores/language';
import classes from './PlanTree.module.css';

/** What a server means to do for a statement, or did, each operation with its inputs beneath it. */
export function PlanTree({ plan }: { readonly plan: PlanNode }): ReactElement {
  const t = useText();
  return <ul className={classes.plan} aria-label={t('slow.plan')}><Node node={plan} /></ul>;
}

function Node({ node }: { readonly node: PlanNode }): ReactElement {
  const t = useText();
  const { kind, name, access, key, rows, filtered, cost, notes, condition, actual, children } = node;
  const facts = [
    ...(access === 'ALL' ? [t('slow.explain.full-scan')] : access === '' ? [] : [access]), ...(key === '' ? [] : [key]), ...(rows === null ? [] : [t('slow.explain.rows', { rows })]),
    ...(filtered === null || filtered >= 100 ? [] : [t('slow.explain.filtered', { filtered })]), ...(cost === null ? [] : [t('slow.explain.cost', { cost })]), ...notes,
  ];
  const measured = actual === undefined ? null
    : actual.loops === 0 ? t('slow.explain.never') : t('slow.explain.actual', { rows: actual.rows, loops: actual.loops, ms: actual.ms });
  return (
    <li>
      <span className={classes.node} data-scan={access === 'ALL' || undefined}>
        {kind === 'step' ? <b>{name}</b> : <b>{t(`slow.node.${kind}`)}</b>}{name === '' || kind === 'step' ? null : <code> {name}</code>}
        {facts.length === 0 ? null : <span className={classes.light}> · {facts.join(' · ')}</span>}
        {measured === null ? null : <span> · {measured}</span>}
      </span>
      {condition === '' ? null : <code className={classes.condition}>{condition}</code>}
      {children.length === 0 ? null : <ul>{children.map((child, index) => <Node key={index} node={child} />)}</ul>}
    </li>
  );
}
