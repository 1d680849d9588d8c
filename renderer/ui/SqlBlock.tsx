import type { ReactElement } from 'react';
import type { PlannedSql } from '../../shared/domain/tasks/plan';
import { useText } from '../stores/language';
import { CopyButton } from './CopyText';
import classes from './SqlBlock.module.css';

/** Statements as they run, grouped under the server each runs on, to be selected or copied. */
export function SqlBlock({ statements }: { statements: readonly PlannedSql[] }): ReactElement | null {
  const t = useText();
  if (statements.length === 0) return null;
  const groups: { server: string; sql: string[] }[] = [];
  for (const { server, sql } of statements) {
    const last = groups.at(-1);
    if (last?.server === server) last.sql.push(sql);
    else groups.push({ server, sql: [sql] });
  }
  return (
    <div className={classes.block}>
      {groups.map(({ server, sql }, index) => {
        const text = sql.map((statement) => (/;\s*$/.test(statement) ? statement : `${statement};`)).join('\n');
        return (
          <div key={index} className={classes.group}>
            <div className={classes.head}>
              <span>{server}</span>
              <CopyButton text={text} what={t('common.sql-of', { server })} />
            </div>
            <pre className={classes.sql} tabIndex={0} aria-label={t('common.sql-of', { server })}>
              {text}
            </pre>
          </div>
        );
      })}
    </div>
  );
}
