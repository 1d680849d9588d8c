import { Button, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ReadOnlyView } from '../../../../shared/domain/operations/read-only/read-only';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import classes from './read-only.module.css';

/** What the user notes of a read-only instance: its share of the reads, and the lag past which it is marked. */
export function NoteDialog({ one, onClose }: { one: ReadOnlyView; onClose: () => void }): ReactElement {
  const t = useText();
  const [weight, setWeight] = useState(one.weight);
  const [limit, setLimit] = useState<number | null>(one.lagLimitSeconds);
  const { busy, error, act } = useAct<'save'>();
  const dirty = weight !== one.weight || limit !== one.lagLimitSeconds;
  const save = (): void => void act('save', () => api.readOnly.note({ instanceId: one.instanceId, weight: weight.trim(), lagLimitSeconds: limit }), onClose);
  return (
    <FormModal title={t('readonly.note.title', { name: one.name })} size={460} busy={busy !== null} dirty={dirty} onClose={onClose}>
      <div className={classes.form}>
        <TextInput label={t('readonly.note.weight')} value={weight} maxLength={200} onChange={(event) => setWeight(event.currentTarget.value)} data-autofocus />
        <NumberInput label={t('readonly.note.limit')} value={limit ?? ''} min={1} max={31_536_000} allowDecimal={false} onChange={(value) => setLimit(typeof value === 'number' ? value : null)} />
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart>
        <Button onClick={onClose} disabled={busy !== null}>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy !== null} disabled={!dirty} onClick={save}>{t('readonly.note.save')}</Button>
      </DialogFoot>
    </FormModal>
  );
}
