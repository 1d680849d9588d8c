import { UnstyledButton } from '@mantine/core';
import { Fragment, useState } from 'react';
import type { ReactElement } from 'react';
import type { Compared, SlowReport, SlowStatement } from '../../../shared/domain/slow/report';
import { useNumber, useText } from '../../stores/language';
import { formatDuration } from '../../ui/format';
import { StatementDetail } from './StatementDetail';
import classes from './slow.module.css';

/** Statements past this are found by the filter. */
const drawn = 100;

interface Props {
  readonly instanceId: string;
  readonly source: SlowReport['source'];
  /** Of the interval; null: since the start. */
  readonly minutes: number | null;
  readonly statements: readonly SlowStatement[];
  /** By id; null: compared with nothing. */
  readonly changes: ReadonlyMap<string, Compared> | null;
}

/** Statements by their share of the time; one opens to what else is known of it. */
export function StatementTable({ instanceId, source, minutes, statements, changes }: Props): ReactElement {
  const t = useText();
  const [open, setOpen] = useState<string | null>(null);
  const most = Math.max(...statements.map(({ share }) => share), 0.0001);
  const hasQuantiles = statements.some(({ p95 }) => p95 !== null);
  const columns = 6 + (hasQuantiles ? 1 : 0) + (changes === null ? 0 : 1);
  return (
    <div className={classes.scroller} role="region" aria-label={t('fleet.tab.slow-queries')} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.share}>{t('slow.column.share')}</th>
            <th scope="col">{t('slow.column.statement')}</th>
            {changes === null ? null : <th scope="col">{t('slow.column.change')}</th>}
            <th scope="col" className={classes.figure}>{t('slow.column.count')}</th>
            <th scope="col" className={classes.figure}>{t('slow.column.total')}</th>
            <th scope="col" className={classes.figure}>{t('slow.column.average')}</th>
            {hasQuantiles ? <th scope="col" className={classes.figure}>{t('slow.column.p95')}</th> : null}
            <th scope="col" className={classes.figure}>{t('slow.column.examined')}</th>
          </tr>
        </thead>
        <tbody>
          {statements.slice(0, drawn).map((one) => {
            const isOpen = open === one.id;
            const toggle = (): void => setOpen(isOpen ? null : one.id);
            return (
              <Fragment key={one.id}>
                <Row one={one} width={one.share / most} changes={changes} hasQuantiles={hasQuantiles} isOpen={isOpen} onToggle={toggle} />
                {isOpen ? (
                  <tr className={classes.opened}>
                    <td colSpan={columns}><StatementDetail instanceId={instanceId} source={source} minutes={minutes} statement={one} /></td>
                  </tr>
                ) : null}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly one: SlowStatement;
  /** Of the bar, 0…1. */
  readonly width: number;
  readonly changes: Props['changes'];
  readonly hasQuantiles: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Row({ one, width, changes, hasQuantiles, isOpen, onToggle }: RowProps): ReactElement {
  const t = useText();
  const n = useNumber();
  const time = (micro: number | null): string => (micro === null ? '–' : formatDuration(t, micro / 1000));
  const marks = [
    ...(one.noIndex > 0 ? [t('slow.no-index', { count: one.noIndex })] : []), ...(one.tmpDiskTables > 0 ? [t('slow.tmp-disk', { count: one.tmpDiskTables })] : []),
    ...(one.errors > 0 ? [t('slow.errors', { count: one.errors })] : []),
  ];
  return (
    <tr data-open={isOpen || undefined}>
      <td className={classes.share}>
        <span className={classes.meter} aria-hidden><span style={{ width: `${100 * width}%` }} /></span>
        {(100 * one.share).toFixed(1)}%
      </td>
      <td className={classes.statement}>
        <UnstyledButton className={classes.open} aria-expanded={isOpen} onClick={onToggle} title={one.text}>{one.text}</UnstyledButton>
        <span className={classes.light}>{one.database === '' ? t('slow.no-database') : one.database}{marks.length === 0 ? null : <span className={classes.marks}> · {marks.join(' · ')}</span>}</span>
      </td>
      {changes === null ? null : <td><Change change={changes.get(one.id) ?? null} /></td>}
      <td className={classes.figure}>{n(one.count)}</td>
      <td className={classes.figure}>{time(one.time)}</td>
      <td className={classes.figure}>{time(one.average)}</td>
      {hasQuantiles ? <td className={classes.figure}>{time(one.p95)}</td> : null}
      <td className={classes.figure}>{n(one.rowsExamined)} / {n(one.rowsSent)}</td>
    </tr>
  );
}

function Change({ change }: { change: Compared | null }): ReactElement | null {
  const t = useText();
  if (change === null) return null;
  const before = change.averageBefore === null ? '' : formatDuration(t, change.averageBefore / 1000);
  return <span className={classes.change} data-change={change.change}>{t(`slow.change.${change.change}`, { before })}</span>;
}
