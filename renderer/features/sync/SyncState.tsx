import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { StatusBadge } from '../../ui/StatusBadge';
import { syncTone } from './sync-text';

/** State of a sync task. What a link was doing when its standby was last seen is not what it does now: then it is unknown. */
export function SyncState({ sync, plain = false }: { sync: SyncTaskView; plain?: boolean }): ReactElement {
  const t = useText();
  const seen = useInstance(sync.spec.standbyId)?.health.state === 'reachable';
  if (!seen && (sync.state === 'replicating' || sync.state === 'stopped')) return <StatusBadge tone="mute" plain={plain}>{t('sync.state.unseen')}</StatusBadge>;
  return <StatusBadge tone={syncTone(sync.state)} plain={plain}>{t(`sync.state.${sync.state}`)}</StatusBadge>;
}
