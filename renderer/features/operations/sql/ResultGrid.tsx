import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { copied, copyFormats, type CopyFormat } from '../../../../shared/domain/operations/sql/copied';
import type { ResultSet } from '../../../../shared/domain/operations/sql/run';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { say } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconDownload } from '../../../ui/icons';
import { StatusIcon } from '../../../ui/StatusBadge';
import classes from './sql.module.css';

const rowHeight = 26;
/** What of a value is drawn. */
const longestDrawn = 300;
const mostCopied = 4_000_000;

/** Rows of a statement: only those that are seen are drawn. */
export function ResultGrid({ result, label }: { readonly result: ResultSet; readonly label: string }): ReactElement {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<'too-large' | 'failed' | null>(null);
  const [unsaved, setUnsaved] = useState<CallError | null>(null);
  const virtual = useVirtualizer({ count: result.rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const columns = widthsOf(result).map((width) => `${String(width)}px`).join(' ');
  const copy = async (format: CopyFormat): Promise<void> => {
    const text = copied(result, format);
    if (text.length > mostCopied) return setProblem('too-large');
    const answer = await api.app.copy({ text });
    setProblem(answer.ok ? null : 'failed');
    say({ key: answer.ok ? 'common.copied' : 'common.copy-failed' });
  };
  // What the clipboard does not take, and what is to stay.
  const save = async (): Promise<void> => {
    const answer = await api.app.saveText({ suggestedName: 'result.csv', text: copied(result, 'CSV') });
    setUnsaved(answer.ok ? null : answer.error);
  };
  return (
    <div className={classes.result}>
      <div className={classes.bar}>
        {copyFormats.map((format) => <Button key={format} size="compact-xs" onClick={() => void copy(format)}>{t('sql.page.copy', { format })}</Button>)}
        <Button size="compact-xs" leftSection={<IconDownload size={12} />} onClick={() => void save()}>{t('sql.page.save')}</Button>
        {result.more ? <span><StatusIcon tone="warn" /> {t('sql.page.more', { most: result.rows.length })}</span> : null}
        {result.cut === 0 ? null : <span><StatusIcon tone="warn" /> {t('sql.terminal.cut', { count: result.cut })}</span>}
        {problem === null ? null : <span role="alert"><StatusIcon tone="bad" /> {t(problem === 'failed' ? 'common.copy-failed' : 'sql.page.too-large')}</span>}
      </div>
      {unsaved === null ? null : <ErrorNotice error={unsaved} />}
      <div ref={scroller} className={classes.scroller} role="region" aria-label={label} tabIndex={0}>
        <div role="table" aria-label={label} aria-rowcount={result.rows.length + 1} className={classes.table}>
          <div role="row" aria-rowindex={1} className={classes.head} style={{ gridTemplateColumns: columns }}>
            {result.columns.map(({ name, type }, at) => (
              <span key={at} role="columnheader" className={classes.cell} title={`${name} ${type}`}>{name} <small>{type}</small></span>
            ))}
          </div>
          <div role="rowgroup" className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => (
              <div
                key={index} role="row" aria-rowindex={index + 2} className={classes.row}
                style={{ gridTemplateColumns: columns, transform: `translateY(${String(start)}px)` }}
              >
                {result.rows[index]?.map((cell, at) => (
                  <span key={at} role="cell" className={classes.cell} data-null={cell === null || undefined} title={cell?.slice(0, longestDrawn)}>
                    {cell === null ? t('sql.page.null') : cell.slice(0, longestDrawn)}
                  </span>
                ))}
              </div>
            ))}
          </div>
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
