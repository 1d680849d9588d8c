import { Checkbox, MultiSelect, Select, TagsInput } from '@mantine/core';
import type { ReactElement } from 'react';
import {
  decimalMarks, escapeWays, isOfBytes, lineEnds, quoteMarks, rowEncodings, type RowsForm as Form, type RowsFormWish, type RowsInspection,
} from '../../../../shared/domain/operations/import/rows/form';
import { rowModes } from '../../../../shared/domain/operations/import/rows/plan';
import type { DatabaseObjects } from '../../../../shared/domain/fleet/view';
import type { Translator } from '../../../../shared/i18n/translate';
import { useText } from '../../../stores/language';
import { Fold } from '../../../ui/Fold';
import type { ImportWish } from './wish';
import classes from './import.module.css';

const delimiters = [',', ';', '\t', '|', ':', ' ', '\u0001'] as const;

/** The table that rows go into, how the file is read, and what becomes of a row whose key is taken. */
export function RowsForm({ wish, objects, inspection, onOpen, onWish }: {
  wish: ImportWish;
  objects: readonly DatabaseObjects[];
  inspection: RowsInspection | null;
  /** The tables are about to be looked at. */
  onOpen: () => void;
  onWish: (wish: ImportWish) => void;
}): ReactElement {
  const t = useText();
  const change = (form: RowsFormWish): void => onWish({ ...wish, mapping: null, form: { ...wish.form, ...form } });
  const ofBytes = (inspection?.columns ?? []).filter(({ type, generated }) => isOfBytes(type) && !generated).map(({ name }) => name);
  const tables = objects.flatMap(({ name: database, tables: of }) =>
    of.map(({ name: table }) => ({ value: JSON.stringify([database, table]), label: `${database}.${table}`, database, table })));
  return (
    <>
      <Select
        label={t('import.rows.into')} placeholder={t('import.rows.into.none')} searchable limit={200} onDropdownOpen={onOpen} data={tables.map(({ value, label }) => ({ value, label }))}
        value={wish.table === null ? null : JSON.stringify([wish.table.database, wish.table.table])}
        onChange={(value) => {
          const found = tables.find((one) => one.value === value);
          onWish({ ...wish, mapping: null, hex: [], table: found === undefined ? null : { database: found.database, table: found.table } });
        }}
      />
      {inspection === null ? null : <HowItIsRead inspection={inspection} onForm={change} />}
      {ofBytes.length === 0 ? null : (
        <MultiSelect
          label={t('import.rows.hex')} description={t('import.rows.hex.text')} value={[...wish.hex]} data={ofBytes} onChange={(hex) => onWish({ ...wish, hex })}
        />
      )}
      <Select
        label={t('import.rows.taken')} value={wish.mode} allowDeselect={false} data={rowModes.map((value) => ({ value, label: t(`import.rows.taken.${value}`) }))}
        onChange={(value) => onWish({ ...wish, mode: rowModes.find((one) => one === value) ?? 'insert' })}
      />
    </>
  );
}

function HowItIsRead({ inspection: { form, confidence }, onForm }: { inspection: RowsInspection; onForm: (form: RowsFormWish) => void }): ReactElement {
  const t = useText();
  return (
    <div>
      <p className={classes.light}>{formText(t, form)}</p>
      {confidence === 'guess' ? <p className={classes.guess}>{t('import.rows.guess', { encoding: form.encoding })}</p> : null}
      <Fold title={t('import.rows.form.change')}><FormFields form={form} onForm={onForm} /></Fold>
    </div>
  );
}

function formText(t: Translator, form: Form): string {
  return t('import.rows.form.told', {
    encoding: form.encoding, delimiter: delimiterText(t, form.delimiter), quoted: form.quote === null ? 'no' : 'yes', quote: form.quote ?? '',
    escape: form.escape, header: form.header ? 'yes' : 'no', decimal: form.decimal,
  });
}

/** A character that can be seen is shown with its name. */
function delimiterText(t: Translator, character: string): string {
  const names: Readonly<Record<string, string>> = {
    ',': t('import.rows.delimiter.comma'), ';': t('import.rows.delimiter.semicolon'), '\t': t('import.rows.delimiter.tab'), '|': t('import.rows.delimiter.pipe'),
    ':': t('import.rows.delimiter.colon'), ' ': t('import.rows.delimiter.space'),
  };
  const code = character.charCodeAt(0);
  return names[character] ?? (code < 32 ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}` : character);
}

function FormFields({ form, onForm }: { form: Form; onForm: (form: RowsFormWish) => void }): ReactElement {
  const t = useText();
  const separators = [...new Set([...delimiters, form.delimiter])];
  return (
    <div className={classes.fields}>
      <Choice label={t('import.rows.encoding')} value={form.encoding} values={rowEncodings} text={(one) => one} onChange={(encoding) => onForm({ encoding })} />
      <Choice
        label={t('import.rows.delimiter')} value={form.delimiter} values={separators} text={(one) => delimiterText(t, one)} onChange={(delimiter) => onForm({ delimiter })}
      />
      <Choice
        label={t('import.rows.quote')} value={form.quote ?? 'none'} values={[...quoteMarks, 'none'] as const} text={(one) => (one === 'none' ? t('import.rows.quote.none') : one)}
        onChange={(quote) => onForm({ quote: quote === 'none' ? null : quote })}
      />
      <Choice label={t('import.rows.escape')} value={form.escape} values={escapeWays} text={(one) => t(`import.rows.escape.${one}`)} onChange={(escape) => onForm({ escape })} />
      <Choice label={t('import.rows.line-end')} value={form.lineEnd} values={lineEnds} text={(one) => t(`import.rows.line-end.${one}`)} onChange={(lineEnd) => onForm({ lineEnd })} />
      <Choice label={t('import.rows.decimal')} value={form.decimal} values={decimalMarks} text={(one) => t(`import.rows.decimal.${one}`)} onChange={(decimal) => onForm({ decimal })} />
      <Checkbox className={classes.wide} label={t('import.rows.header')} checked={form.header} onChange={(event) => onForm({ header: event.currentTarget.checked })} />
      <Checkbox
        className={classes.wide} label={t('import.rows.null.empty')} checked={form.nulls.includes('')}
        onChange={(event) => onForm({ nulls: [...form.nulls.filter((one) => one !== ''), ...(event.currentTarget.checked ? [''] : [])] })}
      />
      <TagsInput
        className={classes.wide} label={t('import.rows.null')} value={form.nulls.filter((one) => one !== '')} maxTags={15}
        onChange={(nulls) => onForm({ nulls: [...nulls.map((one) => one.slice(0, 64)), ...(form.nulls.includes('') ? [''] : [])] })}
      />
    </div>
  );
}

function Choice<Value extends string>({ label, value, values, text, onChange }: {
  label: string; value: Value; values: readonly Value[]; text: (value: Value) => string; onChange: (value: Value) => void;
}): ReactElement {
  return (
    <Select
      label={label} value={value} allowDeselect={false} data={values.map((one) => ({ value: one, label: text(one) }))}
      onChange={(next) => {
        const found = values.find((one) => one === next);
        if (found !== undefined) onChange(found);
      }}
    />
  );
}
