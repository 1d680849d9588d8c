import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { cellText } from '../../../../shared/domain/binlog/cell';
import type { Dossier, LostTransaction, ShownEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { cellOf, proofText } from '../../../../shared/domain/promotion/dossier/export';
import { api } from '../../../api';
import { useText, useTimeZone } from '../../../stores/language';
import { CopyText } from '../../../ui/CopyText';
import { formatExact } from '../../../ui/format';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusBadge } from '../../../ui/StatusBadge';
import { ApplyRowDialog, isAppliable } from './ApplyRowDialog';
import classes from './Dossier.module.css';

/** Characters of a value that are shown; the export has all of it. */
const shown = 400;

/** One entry: by which transactions, and the row before, after and as the new primary has it, side by side. One that can be applied is applied by itself. */
export function DossierRow({ dossier, entry, applied, onApplied }: {
  dossier: Dossier;
  entry: ShownEntry;
  /** It was, since the dossier was read. */
  applied: boolean;
  onApplied: () => void;
}): ReactElement {
  const t = useText();
  const sql = useStatement(dossier.id, entry);
  const [isApplying, setApplying] = useState(false);
  return (
    <section className={classes.detail} aria-label={t('dossier.column.key')}>
      <p className={classes.proof}>
        <strong>{t(`dossier.class.${entry.class}`)}</strong>
        <span>{t.message(proofText(entry))}</span>
        {applied ? <StatusBadge tone="good">{t('dossier.row-applied')}</StatusBadge> : null}
        {!applied && isAppliable(entry) ? <Button size="xs" onClick={() => setApplying(true)}>{t('dossier.apply-row')}</Button> : null}
      </p>
      {entry.changes.map((change, i) => <By key={i} kind={change.kind} by={entry.by.find((_, at) => at === indexOf(entry, i))} />)}
      {entry.table === '' ? <CopyText value={entry.gtids} what="GTID" /> : <Images entry={entry} />}
      {entry.statements.length === 0 ? null : <pre className={classes.statements} tabIndex={0}>{entry.statements.join('\n')}</pre>}
      {sql === null ? null : <SqlBlock statements={[{ server: dossier.newName, sql }]} />}
      {isApplying ? (
        <ApplyRowDialog
          dossier={dossier} entry={entry} sql={sql}
          onClose={(done) => {
            setApplying(false);
            if (done) onApplied();
          }}
        />
      ) : null}
    </section>
  );
}

/** Which of the entry's transactions made a change: they stand in the order in which they first come up. */
function indexOf({ changes }: ShownEntry, change: number): number {
  return [...new Set(changes.map(({ transaction }) => transaction))].indexOf(changes[change]?.transaction ?? -1);
}

function By({ kind, by }: { kind: string; by: LostTransaction | undefined }): ReactElement | null {
  const t = useText();
  const zone = useTimeZone();
  if (by === undefined) return null;
  const time = by.at === null ? '' : ` · ${formatExact(t.language, zone, by.at)}`;
  const who = [by.thread === null ? '' : t('dossier.thread', { thread: by.thread }), by.invoker ?? ''].filter((text) => text !== '').join(' · ');
  return (
    <div className={classes.by}>
      <span>{t('dossier.single', { kind, gtid: by.gtid, time })}</span>
      {who === '' ? null : <span className={classes.faint}>{who}</span>}
      {by.statements.length === 0 ? null : <pre className={classes.statements} tabIndex={0}>{by.statements.join('\n')}</pre>}
    </div>
  );
}

function Images({ entry }: { entry: ShownEntry }): ReactElement {
  const t = useText();
  const images = [['before', entry.before], ['after', entry.after], ['today', entry.today]] as const;
  const names = [...new Set(images.flatMap(([, cells]) => (cells ?? []).map(([name]) => name)))];
  const text = (value: string): string => (value.length > shown ? `${value.slice(0, shown)}…` : value);
  return (
    <div className={classes.images}>
      <table>
        <thead>
          <tr><th scope="col">{t('dossier.column.column')}</th>{images.map(([image]) => <th key={image} scope="col">{t(`dossier.image.${image}`)}</th>)}</tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} data-changed={entry.changed.includes(name) || undefined}>
              <th scope="row">{name}</th>
              {images.map(([image, cells]) => {
                const cell = cellOf(cells, name);
                return <td key={image} data-null={cell === null || undefined}>{cells === null ? '–' : text(cellText(cell))}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The statement that would apply the entry; null: none is, or it is not known yet. */
function useStatement(id: string, entry: ShownEntry): string | null {
  const [sql, setSql] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setSql(null);
    if (isAppliable(entry)) {
      void api.call('dossier.statements', { id, rows: [entry.id] }, { signal: stop.signal }).then((answer) => {
        if (!stop.signal.aborted && answer.ok) setSql(answer.value[0]?.sql ?? null);
      });
    }
    return () => stop.abort();
  }, [id, entry]);
  return sql;
}
