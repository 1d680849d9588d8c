import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { RowDifference } from '../../../shared/domain/verification/result';
import { useText } from '../../stores/language';
import classes from './verification.module.css';

/** Rows that are drawn at a time. */
const page = 50;

/** Rows that differ, the source's beside the standby's, column by column; what differs is marked. */
export function RowsSideBySide({ rows, total }: { rows: readonly RowDifference[]; total: number }): ReactElement {
  const t = useText();
  const [shown, setShown] = useState(page);
  return (
    <div className={classes.rows}>
      {rows.slice(0, shown).map((row) => <Row key={`${row.kind} ${row.locator}`} row={row} />)}
      {rows.length > shown ? <Button size="xs" onClick={() => setShown(shown + page)}>{t('verification.more-rows', { n: rows.length - shown })}</Button> : null}
      {total > rows.length ? <p className={classes.note}>{t('verification.not-kept', { kept: rows.length, total })}</p> : null}
    </div>
  );
}

function Row({ row }: { row: RowDifference }): ReactElement {
  const t = useText();
  const { kind, key, copies, columns, source, standby } = row;
  // Of a row that both sides have what is equal is left out, but for its key.
  const names = kind === 'changed' ? Object.keys(source ?? standby ?? {}).filter((name) => columns.includes(name)) : columns;
  const keyText = Object.entries(key).map(([name, value]) => `${name} = ${value ?? 'NULL'}`).join(', ');
  return (
    <table className={classes.row} aria-label={`${t(`verification.kind.${kind}`)} ${keyText}`}>
      <thead>
        <tr>
          <th scope="col"><span className={classes.kind} data-kind={kind}>{t(`verification.kind.${kind}`)}{copies > 1 ? ` × ${copies}` : ''}</span> <span className={classes.key}>{keyText}</span></th>
          <th scope="col">{t('verification.source')}</th>
          <th scope="col">{t('verification.standby')}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <Cell value={source === null ? undefined : source[name]} marked={kind === 'changed'} />
            <Cell value={standby === null ? undefined : standby[name]} marked={kind === 'changed'} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A value to the last space; undefined: that side has no such row. */
function Cell({ value, marked }: { value: string | null | undefined; marked: boolean }): ReactElement {
  const t = useText();
  if (value === undefined) return <td className={classes.none}>{t('verification.no-row')}</td>;
  return <td data-marked={marked || undefined}>{value === null ? <em>NULL</em> : value === '' ? <em>{t('verification.empty')}</em> : <span className={classes.value}>{value}</span>}</td>;
}
