import { ActionIcon, Button, Tabs, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import { longestKeptName, mostTabs } from '../../../../shared/domain/operations/sql/kept';
import { useText } from '../../../stores/language';
import { closeTab, isAtWork, openTab, renameTab, reopenTab, showTab, type SqlTab, type SqlTabs } from '../../../stores/sql-desk';
import { IconArrowBackUp, IconPencil, IconPlus, IconX } from '../../../ui/icons';
import classes from './sql.module.css';

interface TabBarProps {
  readonly instanceId: string;
  readonly page: SqlTabs;
  readonly shown: SqlTab;
  /** What concerns all of them, at the end of the line. */
  readonly children: ReactNode;
}

/** The tabs of an instance's SQL page, and what can be done with the one that is shown. */
export function SqlTabBar({ instanceId, page, shown, children }: TabBarProps): ReactElement {
  const t = useText();
  const [renaming, setRenaming] = useState<string | null>(null);
  const { tabs, closed } = page;
  const isFull = tabs.length >= mostTabs;
  const onKey = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement) || event.target.role !== 'tab') return;
    if (event.key === 'F2') setRenaming(shown.id);
    else if (event.key === 'Delete') closeTab(instanceId, shown.id);
    else return;
    event.preventDefault();
  };
  return (
    <div className={classes.tabBar} onKeyDown={onKey}>
      <Tabs.List className={classes.tabs} aria-label={t('sql.tab.list')}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id} onDoubleClick={() => setRenaming(tab.id)}>
            {isAtWork(tab) ? t('sql.tab.busy', { name: tab.name }) : tab.name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <ActionIcon variant="subtle" aria-label={t('sql.tab.add')} title={t('sql.tab.add')} disabled={isFull} onClick={() => openTab(instanceId)}>
        <IconPlus size={16} />
      </ActionIcon>
      {renaming === null ? (
        <ActionIcon variant="subtle" aria-label={t('sql.tab.rename', { name: shown.name })} title={t('sql.tab.rename', { name: shown.name })} onClick={() => setRenaming(shown.id)}>
          <IconPencil size={16} />
        </ActionIcon>
      ) : (
        <Rename
          key={renaming} name={tabs.find(({ id }) => id === renaming)?.name ?? ''} onCancel={() => setRenaming(null)}
          onName={(name) => {
            renameTab(instanceId, renaming, name);
            setRenaming(null);
          }}
        />
      )}
      <ActionIcon
        variant="subtle" aria-label={t('sql.tab.close', { name: shown.name })} title={t('sql.tab.close', { name: shown.name })} disabled={isAtWork(shown)}
        onClick={() => closeTab(instanceId, shown.id)}
      >
        <IconX size={16} />
      </ActionIcon>
      {closed.length === 0 ? null : (
        <Button size="compact-xs" variant="default" leftSection={<IconArrowBackUp size={14} />} disabled={isFull} onClick={() => reopenTab(instanceId)}>
          {t('sql.tab.reopen', { name: closed.at(-1)?.name ?? '' })}
        </Button>
      )}
      <div className={classes.tabEnd}>{children}</div>
    </div>
  );
}

/** The tab that is chosen is shown. */
export const onTab = (instanceId: string) => (id: string | null): void => { if (id !== null) showTab(instanceId, id); };

function Rename({ name, onName, onCancel }: { readonly name: string; readonly onName: (name: string) => void; readonly onCancel: () => void }): ReactElement {
  const t = useText();
  const [typed, setTyped] = useState(name);
  return (
    <TextInput
      size="xs" w={160} autoFocus value={typed} aria-label={t('sql.tab.name')} maxLength={longestKeptName} spellCheck={false} autoComplete="off"
      onFocus={(event) => event.currentTarget.select()} onBlur={() => onName(typed)} onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onName(typed);
        else if (event.key === 'Escape') onCancel();
      }}
    />
  );
}
