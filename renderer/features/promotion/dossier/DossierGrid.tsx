import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import type { Dossier, EntryFilter, ShownEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { entryTitle, proofText } from '../../../../shared/domain/promotion/dossier/export';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { DossierRow } from './DossierRow';
import classes from './Dossier.module.css';

const rowHeight = 30;
const pageSize = 200;

/** The rows of a dossier: only those that are seen are in the window, a page at a time. One can be chosen, and is shown beneath. */
export function DossierGrid({ dossier, filter }: { dossier: Dossier; filter: EntryFilter }): ReactElement {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const { total, entryAt, want, error } = usePages(dossier.id, filter);
  const [chosen, setChosen] = useState(0);
  const [applied, setApplied] = useState<ReadonlySet<number>>(new Set());
  const virtual = useVirtualizer({ count: total ?? 0, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => want(first, last), [want, first, last]);
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined || total === null) return;
    event.preventDefault();
    const next = Math.min(Math.max(chosen + by, 0), total - 1);
    setChosen(next);
    virtual.scrollToIndex(next);
  };
  if (error !== null) return <ErrorNotice error={error} />;
  if (total === 0) return <EmptyState title={t('common.none')} />;
  const entry = entryAt(chosen);
  return (
    <>
      <div ref={scroller} className={classes.scroller} role="listbox" tabIndex={0} aria-label={t('dossier.column.rows')} aria-activedescendant={`dossier-row-${String(chosen)}`} onKeyDown={move}>
        <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = entryAt(index);
            return (
              <div
                key={index} id={`dossier-row-${String(index)}`} role="option" aria-selected={index === chosen} aria-setsize={total ?? -1} aria-posinset={index + 1}
                className={classes.row} style={{ transform: `translateY(${String(start)}px)` }} onClick={() => setChosen(index)}
              >
                {row === undefined ? null : <RowLine entry={row} />}
              </div>
            );
          })}
        </div>
      </div>
      {entry === undefined ? <p className={classes.faint}>{t('dossier.pick')}</p> : (
        <DossierRow
          key={entry.id} dossier={dossier} entry={entry} applied={applied.has(entry.id)}
          onApplied={() => setApplied((known) => new Set([...known, entry.id]))}
        />
      )}
    </>
  );
}

function RowLine({ entry }: { entry: ShownEntry }): ReactElement {
  const t = useText();
  const what = entry.table === '' ? (entry.statements[0] ?? entry.gtids) : entryTitle(entry);
  return (
    <>
      <span className={classes.what} title={what}>{what}</span>
      <span className={classes.class} title={t(`dossier.class.${entry.class}`)}>{t(`dossier.class.${entry.class}`)}</span>
      <span className={classes.why} title={t.message(proofText(entry))}>{t.message(proofText(entry))}</span>
    </>
  );
}

interface Pages {
  /** null: not known yet. */
  readonly total: number | null;
  readonly entryAt: (index: number) => ShownEntry | undefined;
  readonly want: (first: number, last: number) => void;
  readonly error: CallError | null;
}

/** Pages of entries as they come into view. */
function usePages(id: string, filter: EntryFilter): Pages {
  const [pages, setPages] = useState<ReadonlyMap<number, readonly ShownEntry[]>>(new Map());
  const [total, setTotal] = useState<number | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const asked = useRef(new Set<number>());
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => { alive.current = false; };
  }, []);
  // The grid is made anew for another filter, so that this one stays.
  const [want] = useState(() => (first: number, last: number): void => {
    for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page++) {
      if (asked.current.has(page)) continue;
      asked.current.add(page);
      void api.call('dossier.rows', { id, filter: { ...filter }, offset: page * pageSize, limit: pageSize }).then((answer) => {
        if (!alive.current) return;
        if (!answer.ok) return setError(answer.error);
        setTotal(answer.value.total);
        setPages((known) => new Map([...known, [page, answer.value.entries]]));
      });
    }
  });
  return { total, error, want, entryAt: (index) => pages.get(Math.floor(index / pageSize))?.[index % pageSize] };
}
