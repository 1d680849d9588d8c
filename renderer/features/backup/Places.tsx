import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { CopyText } from '../../ui/CopyText';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatBytes } from '../../ui/format';
import { IconFolderPlus } from '../../ui/icons';
import { Section } from '../../ui/Page';
import { usePlaces } from './known-places';
import classes from './backup.module.css';

/** The folders whose backups are listed. */
export function Places(): ReactElement {
  const t = useText();
  const { places, error, busy, add, forget } = usePlaces();
  return (
    <Section title={t('backup.screen.places')} aside={<Button size="compact-sm" leftSection={<IconFolderPlus size={14} />} loading={busy} onClick={() => void add()}>{t('backup.screen.places.add')}</Button>}>
      <p className={classes.light}>{t('backup.screen.places.text')}</p>
      {error === null ? null : <ErrorNotice error={error} />}
      <ul className={classes.places}>
        {(places ?? []).map(({ path, isDefault, freeBytes }) => (
          <li key={path}>
            <CopyText value={path} what={t('backup.screen.show.folder')} />
            <span className={classes.light}>{isDefault ? t('backup.screen.places.default') : ''}</span>
            <span className={classes.room}>{freeBytes === null ? t('backup.screen.places.unread') : t('backup.screen.now.free', { size: formatBytes(t.language, freeBytes) })}</span>
            {isDefault ? null : <Button size="compact-xs" disabled={busy} aria-label={t('backup.screen.places.forget-what', { path })} onClick={() => void forget(path)}>{t('backup.screen.places.forget')}</Button>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
