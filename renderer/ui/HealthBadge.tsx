import type { ReactElement } from 'react';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useText } from '../stores/language';
import { StatusBadge } from './StatusBadge';
import { problemTitle } from './problem-text';
import { instanceTone, worstSeverity } from './instance-tone';

/** State of an instance in one word, or its worst problem; how many more there are. */
export function HealthBadge({ view, plain = true }: { view: InstanceView; plain?: boolean }): ReactElement {
  const t = useText();
  const tone = instanceTone(view);
  if (view.health.state === 'unknown') {
    return (
      <StatusBadge tone="mute" plain={plain}>
        {t('common.state.not-read')}
      </StatusBadge>
    );
  }
  const worst = worstSeverity(view.problems);
  const first = view.problems.find((problem) => problem.severity === worst && problem.severity !== 'info');
  if (first === undefined) {
    return (
      <StatusBadge tone={tone} plain={plain}>
        {t(view.health.state === 'unreachable' ? 'common.state.unreachable' : 'common.state.good')}
      </StatusBadge>
    );
  }
  const more = view.problems.filter((problem) => problem.severity !== 'info').length - 1;
  const title = problemTitle(t, first);
  return (
    <StatusBadge tone={tone} plain={plain} title={title}>
      {more > 0 ? t('fleet.health.more', { title, n: more }) : title}
    </StatusBadge>
  );
}
