import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import type { Result } from '../../api';
import { useAct } from '../../stores/act';
import { putSync } from '../../stores/tasks';
import { ErrorNotice } from '../../ui/ErrorNotice';

/** A button that orders something of a sync task; what goes wrong stands beneath it. */
export function SyncOrder({
  label, allowed, filled = false, order,
}: {
  label: string;
  allowed: boolean;
  filled?: boolean;
  order: () => Promise<Result<SyncTaskView>>;
}): ReactElement {
  const { busy, error, act } = useAct<'order'>();
  return (
    <>
      <Button variant={filled ? 'filled' : 'default'} loading={busy !== null} disabled={!allowed} onClick={() => void act('order', order, putSync)}>{label}</Button>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
