import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import {
  filterNamed, mostSavedFilters, renamedFilter, withFilter, withoutFilter, type FleetList, type SavedFilter,
} from '../../../../shared/domain/fleet/saved-filter';
import type { CallError } from '../../../api';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { showFleetList, useFleetListed } from '../../../stores/lists';
import { changeSettings, useSettings } from '../../../stores/settings';
import { closeDialog } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { IconCheck, IconPencil, IconTrash, IconX } from '../../../ui/icons';
import classes from './ManyDialog.module.css';

/** A list in words: what is in it, and in which order. */
function useListWords(): (list: FleetList) => string {
  const t = useText();
  const regions = useFleet((state) => state.regions);
  return ({ filter, regionId, search, column, grouping }) => {
    const region = regionId === null ? t('fleet.filter.every-region') : (regions.find(({ id }) => id === regionId)?.name ?? t('fleet.saved.region-gone'));
    const words = search.trim();
    return t('fleet.saved.present', {
      filter: t(`fleet.filter.${filter}`), region, search: words === '' ? t('fleet.saved.no-search') : t('fleet.saved.search', { words }),
      column: t(`fleet.table.${column}`), grouping: t(`sync.page.group.${grouping}`),
    });
  };
}

interface RowProps {
  readonly saved: SavedFilter;
  readonly all: readonly SavedFilter[];
  readonly onChange: (next: readonly SavedFilter[]) => Promise<boolean>;
}

/** One that is saved: applied, renamed, removed. */
function Row({ saved, all, onChange }: RowProps): ReactElement {
  const t = useText();
  const words = useListWords();
  const regions = useFleet((state) => state.regions);
  const isGone = saved.regionId !== null && !regions.some(({ id }) => id === saved.regionId);
  const [name, setName] = useState<string | null>(null);
  const renamed = name === null || name.trim() === '' ? null : renamedFilter(all, saved.name, name);
  const rename = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (renamed !== null && (await onChange(renamed))) setName(null);
  };
  if (name !== null) {
    return (
      <li className={classes.row}>
        <form className={classes.edit} onSubmit={(event) => void rename(event)}>
          <TextInput
            aria-label={t('fleet.saved.rename', { name: saved.name })} value={name} maxLength={64} autoFocus onChange={(event) => setName(event.currentTarget.value)}
            error={name.trim() !== '' && renamed === null ? t('fleet.saved.taken') : undefined}
          />
          <ActionIcon type="submit" disabled={renamed === null} aria-label={t('common.save')} title={t('common.save')}><IconCheck size={14} /></ActionIcon>
          <ActionIcon aria-label={t('common.cancel')} title={t('common.cancel')} onClick={() => setName(null)}><IconX size={14} /></ActionIcon>
        </form>
      </li>
    );
  }
  const apply = (): void => {
    showFleetList(saved);
    closeDialog();
  };
  return (
    <li className={classes.row}>
      <span className={classes.name} title={words(saved)}><bdi>{saved.name}</bdi>{isGone ? <span className={classes.note}> {t('fleet.saved.region-gone')}</span> : null}</span>
      <Button size="compact-xs" disabled={isGone} aria-label={t('fleet.saved.apply-what', { name: saved.name })} onClick={apply}>{t('fleet.saved.apply')}</Button>
      <ActionIcon aria-label={t('fleet.saved.rename', { name: saved.name })} title={t('common.rename')} onClick={() => setName(saved.name)}><IconPencil size={14} /></ActionIcon>
      <ActionIcon aria-label={t('fleet.saved.remove', { name: saved.name })} title={t('common.remove')} onClick={() => void onChange(withoutFilter(all, saved.name))}>
        <IconTrash size={14} />
      </ActionIcon>
    </li>
  );
}

/** Lists of instances under names: the present one is saved, those that are there are applied, renamed and removed. Kept with the settings. */
export function SavedFiltersDialog(): ReactElement {
  const t = useText();
  const all = useSettings((state) => state.settings.savedFilters);
  const listed = useFleetListed();
  const words = useListWords();
  const [name, setName] = useState('');
  const [error, setError] = useState<CallError | null>(null);
  const change = async (savedFilters: readonly SavedFilter[]): Promise<boolean> => {
    const failed = await changeSettings({ savedFilters });
    setError(failed);
    return failed === null;
  };
  const next = name.trim() === '' ? null : withFilter(all, name, listed);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (next !== null && (await change(next))) setName('');
  };
  const isFull = name.trim() !== '' && next === null;
  return (
    <FormModal title={t('fleet.saved.title')} size={560} dirty={name.trim() !== ''} onClose={closeDialog}>
      <div className={classes.form}>
        <p className={classes.note}>{words(listed)}</p>
        <form className={classes.edit} onSubmit={(event) => void save(event)}>
          <TextInput
            label={t('fleet.saved.name')} value={name} maxLength={64} data-autofocus onChange={(event) => setName(event.currentTarget.value)}
            error={isFull ? t('fleet.saved.full', { n: mostSavedFilters }) : undefined}
            description={filterNamed(all, name) === undefined ? undefined : t('fleet.saved.replaces')}
          />
          <Button type="submit" variant="filled" disabled={next === null}>{t('common.save')}</Button>
        </form>
        {all.length === 0 ? <p className={classes.note}>{t('fleet.saved.none')}</p> : (
          <ul className={classes.list}>{all.map((saved) => <Row key={saved.name} saved={saved} all={all} onChange={change} />)}</ul>
        )}
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart>
        <Button onClick={closeDialog}>{t('common.close')}</Button>
      </DialogFoot>
    </FormModal>
  );
}
