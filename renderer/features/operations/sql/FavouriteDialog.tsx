import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { longestKeptName, longestRemembered } from '../../../../shared/domain/operations/sql/kept';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { say } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { StatusIcon } from '../../../ui/StatusBadge';
import { beginningOf } from './beginning';
import classes from './sql.module.css';

/** Gives a text a name, to have it again. */
export function FavouriteDialog({ instanceId, text, database, onClose, onKept }: {
  readonly instanceId: string; readonly text: string; readonly database: string; readonly onClose: () => void; readonly onKept: () => void;
}): ReactElement {
  const t = useText();
  const [name, setName] = useState('');
  const { busy, error, act } = useAct<'keep'>();
  const isTooLong = text.length > longestRemembered;
  const keep = (): void => void act('keep', () => api.sql.keepFavourite({ instanceId, name: name.trim(), text, database }), ({ hidden }) => {
    say({ key: hidden ? 'sql.history.hidden' : 'sql.history.kept' });
    onKept();
  });
  return (
    <FormModal title={t('sql.history.name')} size={520} busy={busy !== null} onClose={onClose}>
      <form className={classes.page} onSubmit={(event) => { event.preventDefault(); keep(); }}>
        <TextInput
          label={t('sql.history.favourite-name')} value={name} maxLength={longestKeptName} data-autofocus autoComplete="off" spellCheck={false}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <p className={classes.light}>{t('sql.history.replaces')}</p>
        <code className={classes.sql}>{beginningOf(text)}</code>
        {isTooLong ? <p className={classes.note}><StatusIcon tone="warn" /> {t('sql.history.too-long', { most: longestRemembered })}</p> : null}
        {error === null ? null : <ErrorNotice error={error} />}
        <div className={classes.bar}>
          <Button type="submit" variant="filled" loading={busy !== null} disabled={name.trim() === '' || isTooLong}>{t('sql.history.keep')}</Button>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
        </div>
      </form>
    </FormModal>
  );
}
