import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import type { CallError, Result } from '../../api';
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
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const act = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const answer = await order();
    setBusy(false);
    if (answer.ok) putSync(answer.value);
    else setError(answer.error);
  };
  return (
    <>
      <Button variant={filled ? 'filled' : 'default'} loading={busy} disabled={!allowed} onClick={() => void act()}>{label}</Button>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
