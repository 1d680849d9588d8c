import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ReadOnlyView } from '../../../../shared/domain/operations/read-only/read-only';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { putTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import classes from './read-only.module.css';

/** A table that the primary lost, from an instance that stands before the loss: into a database of its own on the primary. */
export function FishOut({ one, primary, locked }: { one: ReadOnlyView; primary: string; locked: boolean }): ReactElement {
  const t = useText();
  const [database, setDatabase] = useState('');
  const [table, setTable] = useState('');
  const [into, setInto] = useState<string | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const { busy, error, act } = useAct<'fish'>();
  const target = into ?? (database === '' ? '' : `${database}_bak`);
  const runs = one.applier === 'running';
  const ready = database !== '' && table !== '' && target !== '' && !runs && !locked;
  const fish = (): void => void act('fish', () => api.readOnly.fishOut({ instanceId: one.instanceId, database, table, into: target }), (task) => {
    putTask(task);
    setTold(t('readonly.fish.started', { table: `${database}.${table}`, primary, into: target }));
  });
  return (
    <section className={classes.section} aria-label={t('readonly.fish.title')}>
      <h2>{t('readonly.fish.title')}</h2>
      <p className={classes.light}>{t('readonly.fish.text')}</p>
      <form className={classes.bar} onSubmit={(event) => { event.preventDefault(); fish(); }}>
        <TextInput w={170} label={t('readonly.fish.database')} value={database} maxLength={64} onChange={(event) => setDatabase(event.currentTarget.value)} />
        <TextInput w={170} label={t('readonly.fish.table')} value={table} maxLength={64} onChange={(event) => setTable(event.currentTarget.value)} />
        <TextInput w={210} label={t('readonly.fish.into')} value={target} maxLength={64} onChange={(event) => setInto(event.currentTarget.value)} />
        <Button type="submit" mt="auto" variant="filled" loading={busy !== null} disabled={!ready}>{t('readonly.fish.go')}</Button>
        {runs ? <span className={classes.light}>{t('readonly.fish.runs')}</span> : null}
      </form>
      <div role="status">{told}</div>
      {error === null ? null : <ErrorNotice error={error} />}
    </section>
  );
}
