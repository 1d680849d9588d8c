import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { Section } from '../../../ui/Page';
import { ProblemList } from '../../../ui/ProblemList';
import { StatusIcon } from '../../../ui/StatusBadge';
import { problemsOf } from './fleet-summary';
import classes from './FleetProblems.module.css';

const shownAtFirst = 6;

/** Problems of the fleet, worst first; notes only on demand. A quiet fleet says so and how it knows. */
export function FleetProblems(): ReactElement {
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
        <ProblemList problems={shown} opened={(problem, index) => index === 0 && problem.severity === 'critical'} />
      )}
      {rest > 0 || all ? (
        <Button variant="subtle" onClick={() => setAll(!all)}>
          {all ? t('fleet.problems.fewer') : t('fleet.problems.more', { n: rest })}
        </Button>
      ) : null}
    </Section>
  );
}
