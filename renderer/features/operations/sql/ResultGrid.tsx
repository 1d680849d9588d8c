import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { boundsOf, copied, copyFormats, partOf, type CellRange, type CopyFormat } from '../../../../shared/domain/operations/sql/copied';
import type { ResultSet, SqlReport } from '../../../../shared/domain/operations/sql/run';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { say } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconDownload } from '../../../ui/icons';
import { StatusIcon } from '../../../ui/StatusBadge';
import { movedRange } from './selection';
import classes from './sql.module.css';

const rowHeight = 26;
/** What of a value is drawn. */
const longestDrawn = 300;
const mostCopied = 4_000_000;
const headWidth = 56;

interface GridProps {
  readonly result: ResultSet;
  readonly label: string;
  readonly modes: SqlReport['modes'];
}

/** Rows of a statement: only those that are seen are drawn. Cells are selected as in a spreadsheet, and copied. */
export function ResultGrid({ result, label, modes }: GridProps): ReactElement {
  const t = useText();
  const [range, setRange] = useState<CellRange | null>(null);
  const [problem, setProblem] = useState<'too-large' | 'failed' | 'cut' | null>(null);
  const [unsaved, setUnsaved] = useState<CallError | null>(null);
  const part = range === null ? result : partOf(result, range);
  const put = async (text: string): Promise<void> => {
    if (text.length > mostCopied) return setProblem('too-large');
    const answer = await api.app.copy({ text });
    setProblem(answer.ok ? null : 'failed');
    say({ key: answer.ok ? 'common.copied' : 'common.copy-failed' });
  };
  const copy = (format: CopyFormat): void => {
    // What was cut would be written as if it were whole.
    if (format === 'INSERT' && result.cut > 0) setProblem('cut');
    else void put(copied(part, format, { modes }));
  };
  // By the keyboard as a spreadsheet does: no names, and a value by itself as it is.
  const copySelected = (): void => {
    if (range === null) return;
    const only = part.rows.length === 1 && part.columns.length === 1 ? part.rows[0]?.[0] : undefined;
    void put(only === undefined ? copied(part, 'TSV', { names: false }) : (only ?? t('sql.page.null')));
  };
  // What the clipboard does not take, and what is to stay.
  const save = async (): Promise<void> => {
    const answer = await api.app.saveText({ suggestedName: 'result.csv', text: copied(result, 'CSV') });
    setUnsaved(answer.ok ? null : answer.error);
  };
  return (
    <div className={classes.result}>
      <div className={classes.bar}>
        {copyFormats.map((format) => <Button key={format} size="compact-xs" onClick={() => copy(format)}>{t('sql.page.copy', { format })}</Button>)}
        <Button size="compact-xs" leftSection={<IconDownload size={12} />} onClick={() => void save()}>{t('sql.page.save')}</Button>
        <span className={classes.light} role="status">
          {range === null ? t('sql.page.select-hint') : t('sql.page.selected', { rows: part.rows.length, columns: part.columns.length })}
        </span>
        {part.columns.some(({ type }) => type === 'FLOAT') ? <span><StatusIcon tone="warn" /> {t('sql.page.float')}</span> : null}
        {part.columns.some(({ type }) => type === 'TIMESTAMP') ? <span><StatusIcon tone="warn" /> {t('sql.page.timestamp')}</span> : null}
        {result.more ? <span><StatusIcon tone="warn" /> {t('sql.page.more', { most: result.rows.length })}</span> : null}
        {result.cut === 0 ? null : <span><StatusIcon tone="warn" /> {t('sql.terminal.cut', { count: result.cut })}</span>}
        {problem === null ? null : <span role="alert"><StatusIcon tone="bad" /> {t(problem === 'failed' ? 'common.copy-failed' : `sql.page.${problem}`)}</span>}
      </div>
      {unsaved === null ? null : <ErrorNotice error={unsaved} />}
      <Grid result={result} label={label} range={range} onRange={setRange} onCopy={copySelected} />
    </div>
  );
}

interface CellsProps extends Pick<GridProps, 'result' | 'label'> {
  readonly range: CellRange | null;
  readonly onRange: (range: CellRange | null) => void;
  readonly onCopy: () => void;
}

function Grid({ result, label, range, onRange, onCopy }: CellsProps): ReactElement {
  const t = useText();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: result.rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const columns = `${String(headWidth)}px ${widthsOf(result).map((width) => `${String(width)}px`).join(' ')}`;
  const [lastRow, lastColumn] = [result.rows.length - 1, result.columns.length - 1];
  const bounds = range === null ? null : boundsOf(range);
  const isSelected = (row: number, column: number): boolean =>
    bounds !== null && row >= bounds.top && row <= bounds.bottom && column >= bounds.left && column <= bounds.right;
  const take = (from: CellRange['from'], to: CellRange['to'], isMore: boolean): void => onRange({ from: isMore && range !== null ? range.from : from, to });
  const onKey = (event: KeyboardEvent): void => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key.toLowerCase() === 'c' && range !== null) onCopy();
    else if (event.key === 'Escape' && range !== null) onRange(null);
    else {
      const moved = movedRange(range, { key: event.key, isMore: event.shiftKey, isCommand }, { rows: result.rows.length, columns: result.columns.length });
      if (moved === null) return;
      onRange(moved);
      virtual.scrollToIndex(moved.to[0]);
    }
    event.preventDefault();
  };
  const isDrawn = range !== null && virtual.getVirtualItems().some(({ index }) => index === range.to[0]);
  return (
    <div
      ref={scroller} className={classes.scroller} role="grid" aria-label={label} aria-rowcount={result.rows.length + 1} aria-multiselectable tabIndex={0} onKeyDown={onKey}
      aria-activedescendant={isDrawn ? `${id}-${range.to.join('-')}` : undefined}
    >
      <div role="presentation" className={classes.table}>
        <div role="row" aria-rowindex={1} className={classes.head} style={{ gridTemplateColumns: columns }}>
          <span role="columnheader" className={classes.cell} title={t('sql.page.select-all')} onMouseDown={() => take([0, 0], [lastRow, lastColumn], false)}>#</span>
          {result.columns.map(({ name, type }, at) => (
            <span
              key={at} role="columnheader" className={classes.cell} title={`${name} ${type}`}
              onMouseDown={(event) => take([0, at], [lastRow, at], event.shiftKey)}
            >
              {name} <small>{type}</small>
            </span>
          ))}
        </div>
        <div role="rowgroup" className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index} role="row" aria-rowindex={index + 2} className={classes.row}
              style={{ gridTemplateColumns: columns, transform: `translateY(${String(start)}px)` }}
            >
              <span role="rowheader" className={classes.number} onMouseDown={(event) => take([index, 0], [index, lastColumn], event.shiftKey)}>{index + 1}</span>
              {result.rows[index]?.map((cell, at) => (
                <span
                  key={at} id={`${id}-${String(index)}-${String(at)}`} role="gridcell" className={classes.cell} data-null={cell === null || undefined}
                  aria-selected={isSelected(index, at)} title={cell?.slice(0, longestDrawn)}
                  onMouseDown={(event) => { if (event.button === 0) take([index, at], [index, at], event.shiftKey); }}
                  onMouseEnter={(event) => { if (event.buttons === 1 && range !== null) take(range.from, [index, at], true); }}
                >
                  {cell === null ? t('sql.page.null') : cell.slice(0, longestDrawn)}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** How wide each column is drawn, by its name and its first values. */
function widthsOf({ columns, rows }: ResultSet): readonly number[] {
  const seen = rows.slice(0, 50);
  return columns.map(({ name, type }, at) => {
    const longest = Math.max(name.length + type.length + 1, ...seen.map((row) => row[at]?.length ?? 4));
    return Math.min(Math.max(longest * 8 + 20, 70), 360);
  });
}
