import { Button, Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatBytes } from '../../ui/format';
import { IconFolderPlus } from '../../ui/icons';
import type { Places } from './known-places';
import classes from './backup.module.css';

interface PlaceProps {
  readonly places: Places;
  /** null: the program's own. */
  readonly chosen: string | null;
  readonly onChoose: (path: string | null) => void;
}

/** The folder that it goes to, with the room that is there. */
export function PlaceChoice({ places: { places, error, busy, add }, chosen, onChoose }: PlaceProps): ReactElement {
  const t = useText();
  const own = places?.find(({ isDefault }) => isDefault)?.path ?? '';
  const room = (bytes: number | null): string => (bytes === null ? t('backup.screen.now.free-unknown') : t('backup.screen.now.free', { size: formatBytes(t.language, bytes) }));
  const choose = (path: string | null): void => onChoose(path === own ? null : path);
  return (
    <div className={classes.group}>
      <div className={classes.row}>
        <Select
          className={classes.grow} label={t('backup.screen.now.place')} description={t('backup.screen.now.place-text')} disabled={places === null}
          value={chosen ?? own} data={(places ?? []).map(({ path, freeBytes }) => ({ value: path, label: `${path} · ${room(freeBytes)}` }))} onChange={choose}
        />
        <Button leftSection={<IconFolderPlus size={14} />} loading={busy} onClick={() => void add().then((path) => { if (path !== null) choose(path); })}>{t('backup.screen.now.add-place')}</Button>
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
    </div>
  );
}
