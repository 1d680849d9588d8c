import { Button, UnstyledButton } from '@mantine/core';
import { useId, useState } from 'react';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Problem } from '../../shared/domain/fleet/problem';
import { useFeatures } from '../app/registry';
import { useFleet, useRegionName } from '../stores/fleet';
import { useText } from '../stores/language';
import { openInstance } from '../stores/ui';
import { IconChevronRight } from './icons';
import { Section } from './Page';
import { RoleIcon } from './RoleIcon';
import { StatusIcon, toneOf } from './StatusBadge';
import { problemCure, problemMeaning, problemTitle } from './problem-text';
import { problemsOf } from './summary';
import classes from './ProblemList.module.css';

const shownAtFirst = 6;

/** One problem: severity, title and where; opened, what it means and the cure. */
export function ProblemRow({
  view, problem, withInstance, initiallyOpen = false,
}: {
  view: InstanceView;
  problem: Problem;
  withInstance: boolean;
  initiallyOpen?: boolean;
}): ReactElement {
  const t = useText();
  const [open, setOpen] = useState(initiallyOpen);
  const panel = useId();
  const Cure = useFeatures().slots.problemCure;
  const region = useRegionName(view.instance.regionId);
  const meaning = problemMeaning(t, problem);
  const cure = problemCure(t, problem);
  return (
    <li className={classes.item} data-severity={problem.severity}>
      <div className={classes.line}>
        <UnstyledButton className={classes.head} aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
          <StatusIcon tone={toneOf(problem.severity)} size={15} note={problem.severity === 'info'} />
          <span className={classes.severity} data-tone={toneOf(problem.severity)}>
            {t(`common.severity.${problem.severity}`)}
          </span>
          <span className={classes.title}>{problemTitle(t, problem)}</span>
          <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden />
        </UnstyledButton>
        {withInstance ? (
          <UnstyledButton className={classes.where} onClick={() => openInstance(view.instance.id)}>
            <RoleIcon role={view.role} size={12} label />
            <span className={classes.instance}>{view.instance.name}</span>
            <span className={classes.region}>{region}</span>
          </UnstyledButton>
        ) : null}
      </div>
      <div id={panel} hidden={!open} className={classes.more}>
        {meaning === null ? null : <p>{meaning}</p>}
        {cure === null ? null : (
          <p>
            <b>{t('fleet.problem.cure')}</b> {cure}
          </p>
        )}
        {open && Cure !== undefined ? <Cure instanceId={view.instance.id} problem={problem} /> : null}
      </div>
    </li>
  );
}

/** Problems of the fleet, worst first; notes only on demand. A quiet fleet says so and how it knows. */
export function ProblemList(): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const [all, setAll] = useState(false);
  const problems = problemsOf(instances);
  const urgent = problems.filter(({ problem }) => problem.severity !== 'info');
  const notes = problems.length - urgent.length;
  const shown = all ? problems : urgent.slice(0, shownAtFirst);
  const rest = problems.length - shown.length;
  return (
    <Section title={t('fleet.problems')} aside={notes > 0 && !all ? <span>{t('fleet.problems.notes', { n: notes })}</span> : undefined}>
      {shown.length === 0 ? (
        <div className={classes.quiet}>
          <StatusIcon tone="good" size={15} /> {t('fleet.problems.none')}
        </div>
      ) : (
        <ul className={classes.list}>
          {shown.map(({ view, problem }, index) => (
            <ProblemRow key={`${view.instance.id}/${problem.code}/${index}`} view={view} problem={problem} withInstance initiallyOpen={index === 0 && problem.severity === 'critical'} />
          ))}
        </ul>
      )}
      {rest > 0 || all ? (
        <Button variant="subtle" onClick={() => setAll(!all)}>
          {all ? t('fleet.problems.fewer') : t('fleet.problems.more', { n: rest })}
        </Button>
      ) : null}
    </Section>
  );
}
