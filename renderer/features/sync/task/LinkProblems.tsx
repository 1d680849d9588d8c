import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { Section } from '../../../ui/Page';
import { ProblemList } from '../../../ui/ProblemList';
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
      <ProblemList problems={problems} opened={(_problem, index) => index === 0} />
    </Section>
  );
}
