import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { api } from '../../../api';
import type { CallError, Result } from '../../../api';
import { loadFleet, useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { closeDialog } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { IconCheck, IconPencil, IconTrash, IconX } from '../../../ui/icons';
import classes from './GroupsDialog.module.css';

interface GroupsProps {
  readonly title: string;
  /** What stands there while there is none. */
  readonly none: string;
  readonly addLabel: string;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly used: (id: string) => number;
  readonly add: (name: string) => Promise<Result<unknown>>;
  readonly rename: (id: string, name: string) => Promise<Result<unknown>>;
  readonly remove: (id: string) => Promise<Result<unknown>>;
  /** Told whether something is typed that is not kept yet. */
  readonly onEntered: (entered: boolean) => void;
}

function Groups({ title, none, addLabel, groups, used, add, rename, remove, onEntered }: GroupsProps): ReactElement {
  const t = useText();
  const [name, setName] = useState('');
  const [editing, setEditing] = useState<{ id: string; name: string } | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const isEntered = name.trim() !== '' || (editing !== null && groups.some((group) => group.id === editing.id && group.name !== editing.name));
  useEffect(() => onEntered(isEntered), [isEntered, onEntered]);
  const run = async (act: () => Promise<Result<unknown>>): Promise<boolean> => {
    const answer = await act();
    setError(answer.ok ? null : answer.error);
    void loadFleet();
    return answer.ok;
  };
  const submitNew = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() !== '' && (await run(() => add(name.trim())))) setName('');
  };
  const submitRename = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (editing !== null && (await run(() => rename(editing.id, editing.name.trim())))) setEditing(null);
  };
  return (
    <section className={classes.section} aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      {groups.length > 0 ? null : <p className={classes.none}>{none}</p>}
      <ul className={classes.list}>
        {groups.map((group) => {
          const n = used(group.id);
          return (
            <li key={group.id} className={classes.row}>
              {editing?.id === group.id ? (
                <form className={classes.edit} onSubmit={(event) => void submitRename(event)}>
                  <TextInput aria-label={t('fleet.groups.rename', { name: group.name })} value={editing.name} onChange={(event) => setEditing({ id: group.id, name: event.currentTarget.value })} maxLength={64} autoFocus />
                  <ActionIcon type="submit" aria-label={t('common.save')} title={t('common.save')}>
                    <IconCheck size={14} />
                  </ActionIcon>
                  <ActionIcon aria-label={t('common.cancel')} title={t('common.cancel')} onClick={() => setEditing(null)}>
                    <IconX size={14} />
                  </ActionIcon>
                </form>
              ) : (
                <>
                  <span className={classes.name}>{group.name}</span>
                  <span className={classes.count}>{t('fleet.instances', { n })}</span>
                  <ActionIcon aria-label={t('fleet.groups.rename', { name: group.name })} title={t('common.rename')} onClick={() => setEditing(group)}>
                    <IconPencil size={14} />
                  </ActionIcon>
                  <ActionIcon aria-label={t('fleet.groups.remove', { name: group.name })} title={n > 0 ? t('fleet.groups.in-use') : t('common.remove')} disabled={n > 0} onClick={() => void run(() => remove(group.id))}>
                    <IconTrash size={14} />
                  </ActionIcon>
                </>
              )}
            </li>
          );
        })}
      </ul>
      <form className={classes.edit} onSubmit={(event) => void submitNew(event)}>
        <TextInput aria-label={addLabel} placeholder={t('fleet.groups.new-name')} value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={64} />
        <Button type="submit" disabled={name.trim() === ''}>
          {addLabel}
        </Button>
      </form>
      {error === null ? null : <ErrorNotice error={error} />}
    </section>
  );
}

/** Regions and projects: add, rename, remove the unused. */
export function GroupsDialog(): ReactElement {
  const t = useText();
  const { regions, projects, instances } = useFleet();
  const [entered, setEntered] = useState({ regions: false, projects: false });
  const onRegions = useCallback((now: boolean) => setEntered((before) => ({ ...before, regions: now })), []);
  const onProjects = useCallback((now: boolean) => setEntered((before) => ({ ...before, projects: now })), []);
  return (
    <FormModal title={t('fleet.groups.title')} size={760} dirty={entered.regions || entered.projects} onClose={closeDialog}>
      <div className={classes.columns}>
        <Groups
          title={t('fleet.groups.regions')}
          none={t('fleet.groups.no-region')}
          addLabel={t('fleet.groups.add-region')}
          groups={regions}
          used={(id) => instances.filter(({ instance }) => instance.regionId === id).length}
          add={(name) => api.fleet.addRegion({ name })}
          rename={(id, name) => api.fleet.renameRegion({ id, name })}
          remove={(id) => api.fleet.removeRegion({ id })}
          onEntered={onRegions}
        />
        <Groups
          title={t('fleet.groups.projects')}
          none={t('fleet.groups.no-project')}
          addLabel={t('fleet.groups.add-project')}
          groups={projects}
          used={(id) => instances.filter(({ instance }) => instance.projectId === id).length}
          add={(name) => api.fleet.addProject({ name })}
          rename={(id, name) => api.fleet.renameProject({ id, name })}
          remove={(id) => api.fleet.removeProject({ id })}
          onEntered={onProjects}
        />
      </div>
    </FormModal>
  );
}
