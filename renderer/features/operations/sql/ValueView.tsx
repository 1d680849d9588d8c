import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ShownValue, SqlColumn } from '../../../../shared/domain/operations/sql/run';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { CopyButton } from '../../../ui/CopyText';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatBytes } from '../../../ui/format';
import { IconDownload } from '../../../ui/icons';
import { StatusIcon } from '../../../ui/StatusBadge';
import classes from './sql.module.css';

interface ValueProps {
  readonly resultId: string;
  readonly row: number;
  readonly column: number;
  readonly columns: readonly SqlColumn[];
}

/** One value of a result: all of it where it is asked for, and as a file. */
export function ValueView({ resultId, row, column, columns }: ValueProps): ReactElement {
  const t = useText();
  const [value, setValue] = useState<ShownValue | null>(null);
  const [saved, setSaved] = useState<string | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const known = columns[column];
  const what = t('sql.value.title', { row: row + 1, column: known?.name ?? '', type: known?.type ?? '' });
  const show = async (): Promise<void> => {
    const answer = await api.sql.value({ resultId, row, column });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setValue(answer.value);
  };
  const save = async (): Promise<void> => {
    const answer = await api.sql.saveValue({ resultId, row, column, suggestedName: `${known?.name ?? 'value'}.bin`.slice(0, 200) });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setSaved(answer.value?.path ?? null);
  };
  return (
    <section className={classes.value} aria-label={what}>
      <div className={classes.bar}>
        <span className={classes.light}>{what}{value === null ? '' : ` · ${formatBytes(t.language, value.bytes)}`}</span>
        {value === null ? <Button size="compact-xs" onClick={() => void show()}>{t('sql.value.show')}</Button> : null}
        <Button size="compact-xs" leftSection={<IconDownload size={12} />} onClick={() => void save()}>{t('sql.value.save')}</Button>
        {value?.text === null || value === null ? null : <CopyButton text={value.text} what={what} />}
        {saved === null ? null : <span role="status"><StatusIcon tone="good" /> {t('sql.value.saved', { path: saved })}</span>}
        {value?.isCut === true ? <span role="status"><StatusIcon tone="warn" /> {t('sql.value.cut')}</span> : null}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      {value === null ? null : <pre className={classes.whole} tabIndex={0} aria-label={what}>{value.text ?? t('sql.page.null')}</pre>}
    </section>
  );
}
