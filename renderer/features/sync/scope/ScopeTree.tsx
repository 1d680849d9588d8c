import { ActionIcon, Checkbox } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseObjects, TableObject } from '../../../../shared/domain/fleet/view';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import { useNumber, useText } from '../../../stores/language';
import { formatBytes } from '../../../ui/format';
import { IconChevronRight, IconDatabase } from '../../../ui/icons';
import { chosenOf, isTableChosen, toggleDatabase, toggleTable } from './scope-choice';
import classes from './ScopeTree.module.css';

type Line = { readonly key: string; readonly database: DatabaseObjects; readonly table: TableObject | null };

/** Databases and tables to choose from, with sizes; thousands of tables stay quick, only what is in view is drawn. */
export function ScopeTree({
  objects, chosen, search, onChange,
}: {
  objects: readonly DatabaseObjects[];
  chosen: readonly ScopeDatabase[];
  search: string;
  onChange: (databases: readonly ScopeDatabase[]) => void;
}): ReactElement {
  const t = useText();
  const number = useNumber();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return objects.flatMap((database): Line[] => {
      const hit = database.name.toLowerCase().includes(wanted);
      const tables = wanted === '' || hit ? database.tables : database.tables.filter((table) => table.name.toLowerCase().includes(wanted));
      if (!hit && tables.length === 0) return [];
      const shown = open.has(database.name) || (wanted !== '' && !hit) ? tables : [];
      return [{ key: database.name, database, table: null }, ...shown.map((table) => ({ key: `${database.name}\0${table.name}`, database, table }))];
    });
  }, [objects, open, search]);
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 30, overscan: 12 });

  return (
    <div className={classes.scroller} ref={scroller} role="group" aria-label={t('sync.wizard.part')} tabIndex={-1}>
      <div className={classes.all} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (line === undefined) return null;
          const { database, table } = line;
          const state = chosenOf(chosen, database.name);
          const bytes = table === null ? database.tables.reduce((sum, one) => sum + (one.bytes ?? 0), 0) : table.bytes;
          return (
            <div key={line.key} className={classes.line} data-table={table !== null || undefined} style={{ transform: `translateY(${item.start}px)` }}>
              {table === null ? (
                <ActionIcon size={20} aria-label={`${t('common.open')} ${database.name}`} aria-expanded={open.has(database.name)} onClick={() => setOpen((before) => toggled(before, database.name))}>
                  <IconChevronRight size={14} className={classes.chevron} data-open={open.has(database.name) || undefined} />
                </ActionIcon>
              ) : null}
              <Checkbox
                checked={table === null ? state === 'all' : isTableChosen(chosen, database.name, table.name)}
                indeterminate={table === null && state === 'some'}
                onChange={() =>
                  onChange(
                    table === null
                      ? toggleDatabase(chosen, database.name)
                      : toggleTable(chosen, database.name, table.name, database.tables.map((one) => one.name)),
                  )
                }
                label={<span className={classes.name}>{table === null ? <IconDatabase size={13} aria-hidden /> : null}{table?.name ?? database.name}</span>}
              />
              <span className={classes.size}>
                {table === null ? t('sync.wizard.tables', { n: database.tables.length }) : table.rows === null ? '' : t('sync.wizard.rows', { n: number(table.rows) })}
              </span>
              <span className={classes.size}>{bytes === null ? '' : formatBytes(t.language, bytes)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(name)) next.add(name);
  return next;
}
