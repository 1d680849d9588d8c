import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { whyParam, type PreviewRow, type RowsInspection, type TargetColumn } from '../../../../shared/domain/operations/import/rows/form';
import { useText } from '../../../stores/language';
import classes from './import.module.css';

/** Fields that are shown at once: a file may have thousands. */
const firstFields = 60;
/** Values of a field that are shown. */
const samples = 3;

/** Which field of the file goes into which column of the table, with the first values of each; and records of the beginning that cannot be read. */
export function RowsPreview({ inspection, mapping, onMapping }: {
  inspection: RowsInspection; mapping: readonly (string | null)[]; onMapping: (mapping: readonly (string | null)[]) => void;
}): ReactElement {
  const t = useText();
  const [all, setAll] = useState(false);
  const { names, width, preview, columns } = inspection;
  const fields = Array.from({ length: all ? width : Math.min(width, firstFields) }, (_, at) => at);
  const amiss = preview.filter(({ why }) => why !== null).slice(0, 5);
  return (
    <section aria-label={t('import.rows.preview')} className={classes.preview}>
      <h2>{t('import.rows.preview')}</h2>
      <div className={classes.fieldsOf} role="region" aria-label={t('import.rows.fields')} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('import.rows.field')}</th>
              <th scope="col">{t('import.rows.column')}</th>
              <th scope="col">{t('import.rows.values')}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((at) => (
              <FieldRow
                key={at} name={names[at] ?? t('import.rows.field.number', { number: at + 1 })} columns={columns} column={mapping[at] ?? null} rows={preview} at={at}
                onColumn={(column) => onMapping(mapping.with(at, column))}
              />
            ))}
          </tbody>
        </table>
      </div>
      {all || width <= firstFields ? null : <Button variant="default" onClick={() => setAll(true)}>{t('import.rows.fields.all', { count: width })}</Button>}
      {amiss.length === 0 ? null : (
        <ul className={classes.asked}>
          {amiss.map(({ record, line, why }) => (
            <li key={record}>{t('import.log.refused-row', { record, line, has: 'no', column: '', why: why === null ? '' : whyParam(why), errno: 0 })}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function FieldRow({ name, columns, column, rows, at, onColumn }: {
  name: string;
  columns: readonly TargetColumn[] | null;
  column: string | null;
  rows: readonly PreviewRow[];
  at: number;
  onColumn: (column: string | null) => void;
}): ReactElement {
  const t = useText();
  const values = rows.filter(({ why }) => why === null).slice(0, samples).map(({ fields }) => fields[at] ?? null);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {columns === null ? <span className={classes.light}>{t('import.rows.into.none')}</span> : (
          <Select
            size="xs" aria-label={t('import.rows.column.of', { name })} placeholder={t('import.rows.column.none')} value={column} searchable clearable
            clearButtonProps={{ 'aria-label': t('import.rows.column.clear', { name }) }} onChange={onColumn}
            data={columns.filter(({ generated }) => !generated).map((one) => ({ value: one.name, label: `${one.name}  ${one.type}` }))}
          />
        )}
      </td>
      <td><div className={classes.values}>{values.map((value, i) => (value === null ? <i key={i}>NULL</i> : <span key={i}>{value}</span>))}</div></td>
    </tr>
  );
}
