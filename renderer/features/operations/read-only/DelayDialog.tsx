import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { delayBefore, type ReadOnlyView } from '../../../../shared/domain/operations/read-only/read-only';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { TimeText } from '../../../ui/TimeText';
import classes from './read-only.module.css';

/** Another delay for a read-only instance, and the way back to the one before. */
export function DelayDialog({ one, onClose }: { one: ReadOnlyView; onClose: () => void }): ReactElement {
  const t = useText();
  const [seconds, setSeconds] = useState<number | null>(one.delaySeconds);
  const { busy, error, act } = useAct<'set'>();
  const dirty = seconds !== one.delaySeconds;
  const before = delayBefore(one);
  const set = (to: number): void => void act('set', () => api.readOnly.setDelay({ instanceId: one.instanceId, seconds: to }), onClose);
  return (
    <FormModal title={t('readonly.delay.title', { name: one.name })} size={460} busy={busy !== null} dirty={dirty} onClose={onClose}>
      <div className={classes.form}>
        <NumberInput label={t('readonly.delay.seconds')} value={seconds ?? ''} min={0} max={2_147_483_647} allowDecimal={false} onChange={(value) => setSeconds(typeof value === 'number' ? value : null)} data-autofocus />
        <p className={classes.light}>{t('readonly.delay.text')}</p>
        {one.delayChanges.length === 0 ? null : (
          <section aria-label={t('readonly.delay.history')}>
            <h3>{t('readonly.delay.history')}</h3>
            <ul className={classes.changes}>
              {one.delayChanges.map(({ at, from, to }) => <li key={at}><TimeText at={at} show="exact" /> · {t('readonly.delay.changed', { from, to })}</li>)}
            </ul>
          </section>
        )}
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart>
        <Button onClick={onClose} disabled={busy !== null}>{t('common.cancel')}</Button>
        {before === null ? null : <Button onClick={() => set(before)} disabled={busy !== null}>{t('readonly.delay.undo', { seconds: before })}</Button>}
        <Button variant="filled" loading={busy !== null} disabled={!dirty || seconds === null} onClick={() => set(seconds ?? 0)}>
          {t('readonly.delay.set')}
        </Button>
      </DialogFoot>
    </FormModal>
  );
}
