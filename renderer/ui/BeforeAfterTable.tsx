import type { ReactElement, ReactNode } from 'react';
import { useText } from '../stores/language';
import { IconArrowRight } from './icons';
import classes from './BeforeAfterTable.module.css';

export interface BeforeAfterRow {
  readonly what: ReactNode;
  readonly before: ReactNode;
  readonly after: ReactNode;
}

/** What an act changes, side by side: before → after. */
export function BeforeAfterTable({ rows }: { rows: readonly BeforeAfterRow[] }): ReactElement {
  const t = useText();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">{t('common.guard.what')}</span>
          </th>
          <th scope="col">{t('common.guard.before')}</th>
          <th aria-hidden />
          <th scope="col">{t('common.guard.after')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index} data-same={row.before === row.after || undefined}>
            <th scope="row">{row.what}</th>
            <td className={classes.before}>{row.before}</td>
            <td className={classes.arrow} aria-hidden>
              <IconArrowRight size={13} />
            </td>
            <td className={classes.after}>{row.after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
