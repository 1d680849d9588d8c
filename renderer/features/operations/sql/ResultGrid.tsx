import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, ReactElement } from 'react';
import { boundsOf, copied, copyFormats, partOf, type CellRange, type CopyFormat } from '../../../../shared/domain/operations/sql/copied';
import { mostCopied, rowsIn, type ResultSet, type SqlReport } from '../../../../shared/domain/operations/sql/run';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { say } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconDownload } from '../../../ui/icons';
import { StatusIcon } from '../../../ui/StatusBadge';
import { ExportRows } from './ExportRows';
import { GridRow } from './GridRow';
import { movedRange } from './selection';
import { useResultRows } from './useResultRows';
import { ValueView } from './ValueView';
import classes from './sql.module.css';

const rowHeight = 26;
const headWidth = 72;

interface GridProps {
  readonly result: ResultSet;
  readonly label: string;
  readonly modes: SqlReport['modes'];
}

/** Rows of a statement: only those that are seen are drawn, and of what is kept in a file only those are here. Cells are selected as in a spreadsheet. */
export function ResultGrid({ result, label, modes }: GridProps): ReactElement {
  const t = useText();
  const [range, setRange] = useState<CellRange | null>(null);
  const { problem, error, copy, copySelected } = useCopies(result, range, modes);
  const bounds = range === null ? null : boundsOf(range);
  const single = bounds !== null && bounds.top === bounds.bottom && bounds.left === bounds.right && result.kept !== null ? bounds : null;
  const stopped = result.kept?.stopped ?? (result.more ? 'rows' : null);
  return (
    <div className={classes.result}>
      <div className={classes.bar}>
        {copyFormats.map((format) => <Button key={format} size="compact-xs" onClick={() => copy(format)}>{t('sql.page.copy', { format })}</Button>)}
        {result.kept === null ? <SaveRows result={result} /> : <ExportRows resultId={result.kept.id} modes={wholeModes(modes)} />}
        {result.columns.some(({ type }) => type === 'FLOAT') ? <span><StatusIcon tone="warn" /> {t('sql.page.float')}</span> : null}
        {result.columns.some(({ type }) => type === 'TIMESTAMP') ? <span><StatusIcon tone="warn" /> {t('sql.page.timestamp')}</span> : null}
        {stopped === null ? null : (
          <span><StatusIcon tone="warn" /> {stopped === 'rows' ? t('sql.page.more', { most: rowsIn(result) }) : t(`sql.page.stopped.${stopped}`, { rows: rowsIn(result) })}</span>
        )}
        {result.cut === 0 ? null : <span><StatusIcon tone="warn" /> {t('sql.terminal.cut', { count: result.cut })}</span>}
        {problem === null ? null : <span role="alert"><StatusIcon tone="bad" /> {t(problem === 'failed' ? 'common.copy-failed' : `sql.page.${problem}`)}</span>}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      {/* On a line of its own: a grid that moved beneath a pressed button would have more selected than was meant. */}
      <p className={classes.light} role="status">
        {bounds === null ? t('sql.page.select-hint')
          : t('sql.page.selected', { rows: bounds.bottom - bounds.top + 1, columns: bounds.right - bounds.left + 1 })}
      </p>
      <Grid result={result} label={label} range={range} onRange={setRange} onCopy={copySelected} />
      {single === null || result.kept === null ? null : (
        <ValueView key={`${result.kept.id}/${String(single.top)}/${String(single.left)}`} resultId={result.kept.id} row={single.top} column={single.left} columns={result.columns} />
      )}
    </div>
  );
}

/** How the server reads texts, with each of its modes named. */
const wholeModes = ({ ansiQuotes = false, noBackslashEscapes = false }: SqlReport['modes']): Required<SqlReport['modes']> => ({ ansiQuotes, noBackslashEscapes });

interface Copies {
  readonly problem: 'too-large' | 'failed' | 'cut' | null;
  readonly error: CallError | null;
  readonly copy: (format: CopyFormat) => void;
  readonly copySelected: () => void;
}

/** Puts cells on the clipboard: those that are selected, else all. */
function useCopies(result: ResultSet, range: CellRange | null, modes: SqlReport['modes']): Copies {
  const t = useText();
  const [problem, setProblem] = useState<Copies['problem']>(null);
  const [error, setError] = useState<CallError | null>(null);
  const put = async (text: string | null): Promise<void> => {
    setError(null);
    if (text === null || text.length > mostCopied) return setProblem('too-large');
    const answer = await api.app.copy({ text });
    setProblem(answer.ok ? null : 'failed');
    say({ key: answer.ok ? 'common.copied' : 'common.copy-failed' });
  };
  const copyAs = async (format: CopyFormat, names: boolean): Promise<void> => {
    if (result.kept === null) return put(copied(range === null ? result : partOf(result, range), format, { names, modes }));
    const answer = await api.sql.copied({ resultId: result.kept.id, range: range === null ? null : boundsOf(range), format, names, modes: wholeModes(modes) });
    return answer.ok ? put(answer.value) : setError(answer.error);
  };
  const copyValue = async (row: number, column: number): Promise<void> => {
    if (result.kept === null) return put(result.rows[row]?.[column] ?? t('sql.page.null'));
    const answer = await api.sql.value({ resultId: result.kept.id, row, column });
    if (!answer.ok) return setError(answer.error);
    return put(answer.value.isCut ? null : (answer.value.text ?? t('sql.page.null')));
  };
  return {
    problem, error,
    copy: (format) => {
      // What was cut would be written as if it were whole.
      if (format === 'INSERT' && result.cut > 0) setProblem('cut');
      else void copyAs(format, true);
    },
    // By the keyboard as a spreadsheet does: no names, and a value by itself as it is.
    copySelected: () => {
      if (range === null) return;
      const { top, bottom, left, right } = boundsOf(range);
      void (top === bottom && left === right ? copyValue(top, left) : copyAs('TSV', false));
    },
  };
}

/** Saves the rows that are in the window. */
function SaveRows({ result }: Pick<GridProps, 'result'>): ReactElement {
  const t = useText();
  const [unsaved, setUnsaved] = useState<CallError | null>(null);
  // What the clipboard does not take, and what is to stay.
  const save = async (): Promise<void> => {
    const answer = await api.app.saveText({ suggestedName: 'result.csv', text: copied(result, 'CSV') });
    setUnsaved(answer.ok ? null : answer.error);
  };
  return (
    <>
      <Button size="compact-xs" leftSection={<IconDownload size={12} />} onClick={() => void save()}>{t('sql.page.save')}</Button>
      {unsaved === null ? null : <ErrorNotice error={unsaved} />}
    </>
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
  const total = rowsIn(result);
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const columns = `${String(headWidth)}px ${widthsOf(result).map((width) => `${String(width)}px`).join(' ')}`;
  const drawn = virtual.getVirtualItems();
  const rows = useResultRows(result, drawn[0]?.index ?? 0, drawn.at(-1)?.index ?? 0);
  const [lastRow, lastColumn] = [total - 1, result.columns.length - 1];
  const bounds = range === null ? null : boundsOf(range);
  const take = (from: CellRange['from'], to: CellRange['to'], isMore: boolean): void => onRange({ from: isMore && range !== null ? range.from : from, to });
  const onPointer = ({ target }: MouseEvent, isMore: boolean): void => {
    const place = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
    if (place === null) return;
    const [row, column] = [Number(place.dataset['row']), Number(place.dataset['column'])];
    // The number of a row stands for all of it.
    if (column === -1) take([row, 0], [row, lastColumn], isMore);
    else take([row, column], [row, column], isMore);
  };
  const onKey = (event: KeyboardEvent): void => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key.toLowerCase() === 'c' && range !== null) onCopy();
    else if (event.key === 'Escape' && range !== null) onRange(null);
    else {
      const moved = movedRange(range, { key: event.key, isMore: event.shiftKey, isCommand }, { rows: total, columns: result.columns.length });
      if (moved === null) return;
      onRange(moved);
      virtual.scrollToIndex(moved.to[0]);
    }
    event.preventDefault();
  };
  const isDrawn = range !== null && drawn.some(({ index }) => index === range.to[0]);
  return (
    <>
      {rows.error === null ? null : <ErrorNotice error={rows.error} />}
      <div
        ref={scroller} className={classes.scroller} role="grid" aria-label={label} aria-rowcount={total + 1} aria-multiselectable tabIndex={0} onKeyDown={onKey}
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
          <div
            role="rowgroup" className={classes.canvas} style={{ height: virtual.getTotalSize() }}
            onMouseDown={(event) => { if (event.button === 0) onPointer(event, event.shiftKey); }}
            onMouseOver={(event) => { if (event.buttons === 1 && range !== null) onPointer(event, true); }}
          >
            {drawn.map(({ index, start }) => {
              const isIn = bounds !== null && index >= bounds.top && index <= bounds.bottom;
              return (
                <GridRow
                  key={index} grid={id} index={index} start={start} template={columns} columns={result.columns.length}
                  row={rows.row(index)} long={rows.longOf(index)}
                  left={isIn ? bounds.left : -1} right={isIn ? bounds.right : -1} nothing={t('sql.page.null')}
                />
              );
            })}
          </div>
        </div>
      </div>
    </>
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
