import { UnstyledButton } from '@mantine/core';
import { useId, useState } from 'react';
import type { ReactElement } from 'react';
import { actFor } from '../../shared/domain/analysis/act';
import { markedTitle } from '../../shared/domain/analysis/standing-text';
import type { InstanceProblem } from '../../shared/domain/analysis/incident';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Problem } from '../../shared/domain/fleet/problem';
import { useRegionName } from '../stores/fleet';
import { useText } from '../stores/language';
import { useFeatures } from '../stores/registry';
import { openInstance } from '../stores/ui';
import { IconChevronRight } from './icons';
import { ProblemActButton } from './ProblemAct';
import { RoleIcon } from './RoleIcon';
import { StatusIcon, toneOf } from './StatusBadge';
import { problemCure, problemMeaning, problemTitle } from './problem-text';
import { ProblemWord } from './QuietNote';
import { NameParts } from './LongText';
import classes from './ProblemList.module.css';

export type { InstanceProblem } from '../../shared/domain/analysis/incident';

/** Problems of several instances, each with its own; `opened` says which are open at first. */
export function ProblemList({
  problems, opened,
}: {
  problems: readonly InstanceProblem[];
  opened: (problem: Problem, index: number) => boolean;
}): ReactElement {
  return (
    <ul className={classes.list}>
      {problems.map(({ view, problem }, index) => (
        <ProblemRow key={`${view.instance.id}/${problem.code}/${index}`} view={view} problem={problem} withInstance initiallyOpen={opened(problem, index)} />
      ))}
    </ul>
  );
}

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
  const act = actFor(view, problem);
  // On its own page an instance has the button for most of it anyway.
  const isOffered = act !== null && (withInstance || act.kind === 'register' || (act.kind === 'fence' && view.role !== 'fenced'));
  return (
    <li className={classes.item} data-severity={problem.severity}>
      <div className={classes.line}>
        <UnstyledButton className={classes.head} aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
          <StatusIcon tone={toneOf(problem.severity)} size={15} note={problem.severity === 'info'} />
          <span className={classes.severity} data-tone={toneOf(problem.severity)}>
            {t(`common.severity.${problem.severity}`)}
          </span>
          <span className={classes.title}>{markedTitle(t, problemTitle(t, problem), problem)}</span>
          <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden />
        </UnstyledButton>
        {withInstance ? (
          <UnstyledButton className={classes.where} onClick={() => openInstance(view.instance.id)}>
            <RoleIcon role={view.role} size={12} label />
            <span className={classes.instance}><NameParts>{view.instance.name}</NameParts></span>
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
        {open && isOffered ? <div><ProblemActButton act={act} /></div> : null}
        {open ? <ProblemWord instanceId={view.instance.id} problem={problem} /> : null}
        {open && Cure !== undefined ? <Cure instanceId={view.instance.id} problem={problem} /> : null}
      </div>
    </li>
  );
}
