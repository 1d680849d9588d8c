import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { RowDifference, TableResult, VerificationResult } from '../../../shared/domain/verification/result';
import { useNumber, useText } from '../../stores/language';
import { Fold } from '../../ui/Fold';
import { Section } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { RowsSideBySide } from './RowsSideBySide';
import classes from './verification.module.css';

/** Tables past this are counted, not drawn; the filter finds them. */
const shown = 200;

/** Every table that was looked at: what differs first, each with its rows. */
export function TableResults({ result: { tables, rows } }: { result: VerificationResult }): ReactElement | null {
  const t = useText();
  const n = useNumber();
  const [filter, setFilter] = useState('');
  if (tables.length === 0) return null;
  const wanted = filter.trim().toLowerCase();
  const found = tables.filter(({ database, table }) => `${database}.${table}`.toLowerCase().includes(wanted));
  const wrong = found.filter(({ state }) => state !== 'equal');
  const equal = found.filter(({ state }) => state === 'equal');
  return (
    <Section
      title={t('verification.tables')}
      aside={<TextInput size="xs" value={filter} onChange={(event) => setFilter(event.currentTarget.value)} placeholder={t('verification.filter')} aria-label={t('verification.filter')} />}
    >
      <p className={classes.summary}>{t('verification.summary', { equal: equal.length, wrong: wrong.length })}</p>
      {wrong.slice(0, shown).map((one) => <Differing key={`${one.database}\0${one.table}`} result={one} rows={rowsOf(rows, one)} />)}
      {equal.length === 0 ? null : (
        <div className={classes.scroller} tabIndex={0} role="region" aria-label={t('verification.tables')}>
          <table className={classes.table}>
            <thead><tr><th scope="col">{t('verification.table')}</th><th scope="col">{t('verification.state')}</th><th scope="col" className={classes.figure}>{t('verification.rows')}</th></tr></thead>
            <tbody>
              {equal.slice(0, shown).map(({ database, table, rows: count, whole }) => (
                <tr key={`${database}\0${table}`}><td>{database}.{table}</td><td><StatusBadge tone="good" plain>{t('verification.state.equal')}</StatusBadge>{whole === null ? null : <> {t(`verification.whole.${whole}`)}</>}</td><td className={classes.figure}>{n(count)}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length > shown ? <p className={classes.summary}>{t('verification.more-tables', { n: found.length - shown })}</p> : null}
    </Section>
  );
}

function rowsOf(rows: readonly RowDifference[], { database, table }: TableResult): readonly RowDifference[] {
  return rows.filter((row) => row.database === database && row.table === table);
}

function Differing({ result, rows }: { result: TableResult; rows: readonly RowDifference[] }): ReactElement {
  const t = useText();
  const { database, table, state, differing, rows: count, note, whole } = result;
  const badge = <StatusBadge tone={state === 'unreadable' ? 'mute' : 'bad'} plain>{t(`verification.state.${state}`)}</StatusBadge>;
  return (
    <Fold title={<span className={classes.name}>{database}.{table}</span>} aside={<>{state === 'different' ? t('verification.differing', { differing, rows: count }) : null} {badge}</>} open={rows.length > 0 && rows.length <= 50}>
      {note === null ? null : <p className={classes.note}>{note}</p>}
      {whole === null ? null : <p className={classes.note}>{t(`verification.whole.${whole}`)}</p>}
      {rows.length === 0 ? null : <RowsSideBySide rows={rows} total={differing} />}
      {rows.length === 0 && note === null ? <p className={classes.note}>{t(`verification.left.${state === 'different' ? 'wholesale' : state === 'structure' || state === 'unreadable' ? state : 'absent'}`)}</p> : null}
    </Fold>
  );
}
