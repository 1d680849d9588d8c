import { Button, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { copyFormats } from '../../../../shared/domain/operations/sql/copied';
import type { SqlReport } from '../../../../shared/domain/operations/sql/run';
import { useText } from '../../../stores/language';
import { closeLeftExport, startExport, stopExport, useSqlExports, type RowsExport } from '../../../stores/sql-exports';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconChevronDown, IconDownload, IconPlayerStop } from '../../../ui/icons';
import { StatusIcon } from '../../../ui/StatusBadge';
import classes from './sql.module.css';

/** Writes all rows of a result into a file, also while they still come. */
export function ExportRows({ resultId, modes }: { readonly resultId: string; readonly modes: Required<SqlReport['modes']> }): ReactElement {
  const t = useText();
  const one = useSqlExports(({ byResult }) => byResult[resultId]);
  if (one?.isUnderWay === true) {
    return (
      <>
        <span role="status">{one.rows === null ? t('sql.export.begun') : t('sql.export.written', { rows: one.rows })}</span>
        <Button size="compact-xs" leftSection={<IconPlayerStop size={12} />} onClick={() => stopExport(resultId)}>{t('sql.export.stop')}</Button>
      </>
    );
  }
  return (
    <>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button size="compact-xs" leftSection={<IconDownload size={12} />} rightSection={<IconChevronDown size={12} />}>{t('sql.export.open')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {copyFormats.map((format) => <Menu.Item key={format} onClick={() => void startExport(resultId, format, modes)}>{t('sql.export.as', { format })}</Menu.Item>)}
        </Menu.Dropdown>
      </Menu>
      {one === undefined ? null : <Outcome of={one} />}
    </>
  );
}

/** What came of an export whose result is shown nowhere any more. */
export function LeftExport(): ReactElement | null {
  const t = useText();
  const left = useSqlExports((state) => state.left);
  if (left === null) return null;
  return (
    <div className={classes.bar}>
      <Outcome of={left} />
      <Button size="compact-xs" variant="default" onClick={closeLeftExport}>{t('common.close')}</Button>
    </div>
  );
}

function Outcome({ of: { format, rows, done, error } }: { readonly of: RowsExport }): ReactElement | null {
  const t = useText();
  if (error?.code === 'result-gone') return <span role="alert"><StatusIcon tone="warn" /> {t('sql.export.ended', { format, rows: rows ?? 0 })}</span>;
  if (error !== null) return <ErrorNotice error={error} />;
  if (done === null) return null;
  return <span role="status"><StatusIcon tone={done.isWhole ? 'good' : 'warn'} /> {t(done.isWhole ? 'sql.export.done' : 'sql.export.part', { rows: done.rows, path: done.path })}</span>;
}
