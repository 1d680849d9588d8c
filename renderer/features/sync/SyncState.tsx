import type { ReactElement } from 'react';
import { syncStandingOf, syncStandingText } from '../../../shared/domain/analysis/sync-standing';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useStandingClock } from '../../stores/standing';
import { StatusBadge } from '../../ui/StatusBadge';

/** State of a sync task: a link that stands is never better than its standby. */
export function SyncState({ sync, plain = false }: { sync: SyncTaskView; plain?: boolean }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const standing = syncStandingOf(sync, useInstance(sync.spec.standbyId), clock);
  const text = syncStandingText(t, standing);
  return <StatusBadge tone={standing.tone} plain={plain} title={text}>{text}</StatusBadge>;
}
