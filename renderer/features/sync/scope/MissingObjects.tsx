import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { CheckReport } from '../../../../shared/domain/checks/check';
import { useText } from '../../../stores/language';
import { IconPlus } from '../../../ui/icons';
import type { CheckActions } from '../checks/CheckList';
import { shortened } from '../sync-text';
import classes from './MissingObjects.module.css';

const shownNames = 12;

/** What a partial scope lacks to be whole, with the one button that takes all of it in. */
export function MissingObjects({ report, busy, onAdd }: { report: CheckReport; busy: boolean; onAdd: CheckActions['onAddToScope'] }): ReactElement | null {
  const t = useText();
  const { missing } = report;
  if (missing === undefined || missing.length === 0) return null;
  const names = missing.map(({ database, table }) => `${database}.${table ?? '*'}`);
  return (
    <div className={classes.missing}>
      <span>{t('sync.checks.missing', { names: shortened(names, shownNames) })}</span>
      <Button variant="filled" leftSection={<IconPlus size={14} />} disabled={busy} onClick={() => onAdd(missing)}>{t('sync.checks.add-missing', { n: missing.length })}</Button>
    </div>
  );
}
