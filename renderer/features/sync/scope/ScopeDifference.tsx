import type { ReactElement } from 'react';
import type { PlannedPart, ScopePart } from '../../../../shared/domain/scope/change';
import { useNumber, useText } from '../../../stores/language';
import { formatBytes } from '../../../ui/format';
import { StatusBadge } from '../../../ui/StatusBadge';
import classes from './ScopeDifference.module.css';

type Shown = Pick<PlannedPart, 'part'> & Partial<PlannedPart>;

/** What a change of scope adds and what it takes out, with sizes where they are known. */
export function ScopeDifference({ added, removed }: { added: readonly Shown[]; removed: readonly Shown[] }): ReactElement {
  const t = useText();
  if (added.length + removed.length === 0) return <p className={classes.none} role="status">{t('sync.scope.none')}</p>;
  return (
    <div className={classes.columns} role="status">
      <Side title={t('sync.scope.added')} tone="good" parts={added} />
      <Side title={t('sync.scope.removed')} tone="warn" parts={removed} />
    </div>
  );
}

function Side({ title, tone, parts }: { title: string; tone: 'good' | 'warn'; parts: readonly Shown[] }): ReactElement | null {
  if (parts.length === 0) return null;
  return (
    <section className={classes.side}>
      <h3 className={classes.title}><StatusBadge tone={tone} plain>{title}</StatusBadge></h3>
      <ul className={classes.list}>
        {parts.map((planned) => <Part key={planned.part.database} planned={planned} />)}
      </ul>
    </section>
  );
}

function Part({ planned }: { planned: Shown }): ReactElement {
  const t = useText();
  const number = useNumber();
  const { part, tables, rows, bytes } = planned;
  const size = [
    tables === undefined ? null : t('sync.scope.size', { tables }),
    rows === undefined || rows === null ? null : t('sync.wizard.rows', { n: number(rows) }),
    bytes === undefined || bytes === null ? null : formatBytes(t.language, bytes),
  ].filter((bit) => bit !== null);
  return (
    <li>
      <Names part={part} />
      {size.length === 0 ? null : <span className={classes.size}>{size.join(' · ')}</span>}
    </li>
  );
}

function Names({ part: { database, tables, except } }: { part: ScopePart }): ReactElement {
  const t = useText();
  if (tables === null) return <span>{except.length === 0 ? t('sync.scope.whole', { database }) : t('sync.scope.whole-but', { database, except: except.join(', ') })}</span>;
  return (
    <span>
      {tables.map((table, index) => <span key={table}>{index === 0 ? '' : ', '}{database}.<b>{table}</b></span>)}
    </span>
  );
}
