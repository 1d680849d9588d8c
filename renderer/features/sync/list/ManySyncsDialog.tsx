import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { api } from '../../../api';
import { useText } from '../../../stores/language';
import { choose } from '../../../stores/lists';
import type { DialogProps } from '../../../stores/registry';
import { withAll } from '../../../stores/selection';
import { putSync, useTasks } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { FormModal } from '../../../ui/FormModal';
import { useMany } from '../../../ui/many';
import { ManyResults } from '../../../ui/ManyResults';
import { asSeen, isSameAct, manySyncParts } from './many-syncs';
import classes from './SyncPage.module.css';

/**
 * Pauses or resumes many sync tasks, each by itself: one that refuses keeps none of the others. Which of them take it, and which do not, is
 * said before; what came of each stays to be read, and those that refused stay chosen.
 */
export function ManySyncsDialog({ dialog: { syncIds, act } }: DialogProps<'many-syncs'>): ReactElement {
  const t = useText();
  const syncs = useTasks((state) => state.syncs);
  const { outcomes, busy, run, stop } = useMany();
  // As they were when it was begun: a task that is paused takes no pause any more.
  const [begun, setBegun] = useState<ReturnType<typeof manySyncParts> | null>(null);
  const parts = begun ?? manySyncParts(syncIds, syncs, act);
  const isOver = outcomes.size > 0 && !busy;
  const agreed = new Map(parts.take.map(({ id, state }) => [id, state]));
  const order = async (id: string): Promise<Awaited<ReturnType<typeof api.sync.pause>> | 'changed'> => {
    const then = agreed.get(id);
    if (then === undefined || !isSameAct(then, useTasks.getState().syncs.get(id), act)) return 'changed';
    const answer = await (act === 'pause' ? api.sync.pause({ id }) : api.sync.resume({ id }));
    if (answer.ok) putSync(answer.value);
    return answer;
  };
  const perform = async (): Promise<void> => {
    setBegun(parts);
    const found = await run(parts.take.map(({ id }) => id), order);
    choose('sync', (before) => withAll(before, [...found].flatMap(([id, { kind }]) => (kind === 'done' ? [id] : [])), false));
  };
  const title = t(`sync.many.${act}.title`, { n: parts.take.length });
  return (
    <FormModal title={title} size={620} busy={busy} dirty={false} onClose={closeDialog}>
      {act === 'pause' && parts.linked > 0 && outcomes.size === 0 ? <p className={classes.meaning}>{t('sync.many.pause.linked', { n: parts.linked })}</p> : null}
      <ManyResults
        title={t(`sync.many.${act}.what`, { n: parts.take.length })} outcomes={asSeen(outcomes, syncs, act)}
        items={parts.take.map(({ id, name, state }) => ({ id, name, note: t(`sync.state.${state}`) }))}
        left={parts.left.map(({ id, name, state }) => ({ id, name, reason: state === null ? t('sync.many.gone') : t('sync.many.not-now', { state: t(`sync.state.${state}`) }) }))}
      />
      <DialogFoot apart>
        {busy ? <Button onClick={stop}>{t('common.many.stop')}</Button> : (
          <Button onClick={closeDialog} data-autofocus {...(isOver ? { variant: 'filled' } : {})}>{t(isOver ? 'common.close' : 'common.cancel')}</Button>
        )}
        {isOver ? null : (
          <Button variant="filled" loading={busy} disabled={parts.take.length === 0} onClick={() => void perform()}>{title}</Button>
        )}
      </DialogFoot>
    </FormModal>
  );
}
