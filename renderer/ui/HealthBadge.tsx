import type { ReactElement } from 'react';
import { standingOf } from '../../shared/domain/analysis/standing';
import { standingText } from '../../shared/domain/analysis/standing-text';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useText } from '../stores/language';
import { useStandingClock } from '../stores/standing';
import { StatusBadge } from './StatusBadge';

/** How an instance stands, in one word or by its worst problem; how many more there are. */
export function HealthBadge({ view, plain = true }: { view: InstanceView; plain?: boolean }): ReactElement {
  const t = useText();
  const standing = standingOf(view, useStandingClock());
  return (
    <StatusBadge tone={standing.tone} plain={plain} title={t.message(standing.text)}>
      {standingText(t, standing)}
    </StatusBadge>
  );
}
