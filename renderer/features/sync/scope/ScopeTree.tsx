import { ActionIcon, Checkbox } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseObjects, TableObject } from '../../../../shared/domain/fleet/view';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import { useNumber, useText } from '../../../stores/language';
import { formatBytes } from '../../../ui/format';
import { IconChevronRight, IconDatabase } from '../../../ui/icons';
import { chosenOf, isTableChosen, scopeLines, toggleDatabase, toggleTable } from './scope-choice';
import classes from './ScopeTree.module.css';

interface Props {
  readonly objects: readonly DatabaseObjects[];
  readonly chosen: readonly ScopeDatabase[];
  readonly search: string;
  readonly onChange: (databases: readonly ScopeDatabase[]) => void;
}

/** Databases and tables to choose from, with sizes; thousands of tables stay quick, only what is in view is drawn. */
export function ScopeTree({ objects, chosen, search, onChange }: Props): ReactElement {
  const t = useText();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => scopeLines(objects, open, search), [objects, open, search]);
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 30, overscan: 12 });
  return (
    <div className={classes.scroller} ref={scroller} role="group" aria-label={t('sync.wizard.part')} tabIndex={-1}>
      <div className={classes.all} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (line === undefined) return null;
          const { database, table } = line;
          return (
            <div key={line.key} className={classes.line} data-table={table !== null || undefined} style={{ transform: `translateY(${item.start}px)` }}>
              {table === null ? (
                <DatabaseLine
                  database={database}
                  chosen={chosen}
                  onChange={onChange}
                  open={open.has(database.name)}
                  onOpen={() => setOpen((before) => toggled(before, database.name))}
                />
              ) : (
                <TableLine database={database} table={table} chosen={chosen} onChange={onChange} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface LineProps extends Pick<Props, 'chosen' | 'onChange'> {
  readonly database: DatabaseObjects;
}

function DatabaseLine({ database, chosen, onChange, open, onOpen }: LineProps & { readonly open: boolean; readonly onOpen: () => void }): ReactElement {
  const t = useText();
  const { name, tables } = database;
  const state = chosenOf(chosen, name);
  return (
    <>
      <ActionIcon size={20} aria-label={`${t('common.open')} ${name}`} aria-expanded={open} onClick={onOpen}>
        <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} />
      </ActionIcon>
      <Checkbox
        checked={state === 'all'}
        indeterminate={state === 'some'}
        onChange={() => onChange(toggleDatabase(chosen, name))}
        label={<span className={classes.name}><IconDatabase size={13} aria-hidden />{name}</span>}
      />
      <span className={classes.size}>{t('sync.wizard.tables', { n: tables.length })}</span>
      <span className={classes.size}>{formatBytes(t.language, tables.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0))}</span>
    </>
  );
}

function TableLine({ database, table, chosen, onChange }: LineProps & { readonly table: TableObject }): ReactElement {
  const t = useText();
  const number = useNumber();
  const { name, rows, bytes } = table;
  return (
    <>
      <Checkbox
        checked={isTableChosen(chosen, database.name, name)}
        indeterminate={false}
        onChange={() => onChange(toggleTable(chosen, database.name, name, database.tables.map((one) => one.name)))}
        label={<span className={classes.name}>{name}</span>}
      />
      <span className={classes.size}>{rows === null ? '' : t('sync.wizard.rows', { n: number(rows) })}</span>
      <span className={classes.size}>{bytes === null ? '' : formatBytes(t.language, bytes)}</span>
    </>
  );
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(name)) next.add(name);
  return next;
}
