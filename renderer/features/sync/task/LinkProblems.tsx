import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { Section } from '../../../ui/Page';
import { ProblemRow } from '../../../ui/ProblemList';
import listClasses from '../../../ui/ProblemList.module.css';
import { linkProblems } from './link-problems';

/** What is wrong with the link that a task owns, each with its meaning and its cure; nothing where nothing is. */
export function LinkProblems({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const source = useInstance(sync.spec.sourceId);
  const standby = useInstance(sync.spec.standbyId);
  const problems = linkProblems(source, standby);
  if (problems.length === 0) return null;
  return (
    <Section title={t('fleet.problems')}>
      <ul className={listClasses.list}>
        {problems.map(({ view, problem }, index) => (
          <ProblemRow key={`${view.instance.id}/${problem.code}/${index}`} view={view} problem={problem} withInstance initiallyOpen={index === 0} />
        ))}
      </ul>
    </Section>
  );
}
