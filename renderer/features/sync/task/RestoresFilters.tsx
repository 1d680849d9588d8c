import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { putSync } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';

/** Whether filters that are gone come back by themselves. */
export function RestoresFilters({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const [error, setError] = useState<CallError | null>(null);
  const set = async (on: boolean): Promise<void> => {
    const answer = await api.sync.setRestoresFilters({ id: sync.id, on });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) putSync(answer.value);
  };
  return (
    <>
      <Checkbox checked={sync.restoresFilters} onChange={(event) => void set(event.currentTarget.checked)} label={t('sync.filters.by-itself')} description={t('sync.filters.by-itself-text')} />
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
