import { useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseObjects } from '../../../shared/domain/fleet/view';
import type { ScopeDatabase } from '../../../shared/domain/scope/scope';
import { useText } from '../../stores/language';
import { useFeatures } from '../../stores/registry';
import classes from './backup.module.css';

interface Props {
  readonly objects: readonly DatabaseObjects[];
  readonly databases: readonly ScopeDatabase[];
  readonly onChange: (databases: readonly ScopeDatabase[]) => void;
}

/** Databases and tables to choose from, of a server or of a backup, and how many are chosen. */
export function ScopeChoice({ objects, databases, onChange }: Props): ReactElement | null {
  const t = useText();
  const { scopePicker: Picker } = useFeatures().slots;
  const [search, setSearch] = useState('');
  if (Picker === undefined) return null;
  return (
    <>
      <Picker objects={objects} chosen={databases} search={search} onSearch={setSearch} onChange={onChange} />
      <p className={classes.light} role="status">{databases.length === 0 ? t('backup.screen.now.nothing') : t('backup.screen.now.chosen', { databases: databases.length })}</p>
    </>
  );
}
