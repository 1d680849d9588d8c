import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { putSync } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { CopyRateInput } from '../CopyRateInput';

/** The speed limit of a first copy, changed in place while the copy is ahead, under way or paused. */
export function CopyRate({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const limit = sync.spec.copyRateMb;
  const [draft, setDraft] = useState<{ readonly rate: number | null } | null>(null);
  const { busy, error, act } = useAct<'save'>();
  const save = (rate: number | null): Promise<void> =>
    act('save', () => api.sync.setCopyRate({ id: sync.id, copyRateMb: rate }), (saved) => {
      putSync(saved);
      setDraft(null);
    });
  if (draft === null || !sync.can.setCopyRate) {
    return (
      <Group gap={10}>
        <span>{limit === undefined ? t('sync.wizard.copy-rate-none') : t('sync.task.copy-rate', { rate: limit })}</span>
        {sync.can.setCopyRate ? (
          <Button size="compact-xs" aria-label={t('sync.task.copy-rate-change')} onClick={() => setDraft({ rate: limit ?? null })}>
            {t('sync.task.change')}
          </Button>
        ) : null}
      </Group>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save(draft.rate);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setDraft(null);
      }}
    >
      <CopyRateInput value={draft.rate} focused onChange={(rate) => setDraft({ rate })} />
      <Group gap={8} mt={6}>
        <Button type="submit" size="compact-sm" variant="filled" loading={busy !== null}>{t('common.save')}</Button>
        <Button size="compact-sm" disabled={busy !== null} onClick={() => setDraft(null)}>{t('common.cancel')}</Button>
      </Group>
      {error === null ? null : <ErrorNotice error={error} />}
    </form>
  );
}
