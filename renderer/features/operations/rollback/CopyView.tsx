import { Button, Checkbox, SegmentedControl, Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { isListedInPart, type ComparedRow, type RowDifference, type TableComparison } from '../../../../shared/domain/operations/rollback/compare';
import { copiesOf, type RollbackRecord } from '../../../../shared/domain/operations/rollback/record';
import type { UndoCell } from '../../../../shared/domain/operations/rollback/undo-plan';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconRefresh } from '../../../ui/icons';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { Waiting } from '../../../ui/Waiting';
import { CopyBackPanel } from './CopyBackPanel';
import { SwapPanel } from './SwapPanel';
import classes from './rollback.module.css';

const acts = ['copy-back', 'swap'] as const;
/** What is chosen first: a row that came since then goes only where that is wanted. */
const atFirst: readonly RowDifference[] = ['missing', 'changed'];

/** The original and its copy side by side; at the right chosen rows are copied back, or the two change names. */
export function CopyView({ record, locked, onBack }: { record: RollbackRecord; locked: boolean; onBack: () => void }): ReactElement {
  const t = useText();
  const pairs = copiesOf(record);
  const [at, setAt] = useState(0);
  const [turn, setTurn] = useState(0);
  const [act, setAct] = useState<(typeof acts)[number]>('copy-back');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [differences, setDifferences] = useState<readonly RowDifference[]>(atFirst);
  const pair = pairs[at];
  const { comparison, error } = useComparison(record.id, pair, turn);
  const again = (): void => { setChosen([]); setTurn((one) => one + 1); };
  if (pair === undefined) return <p className={classes.light}>{t('rollback.record.none')}</p>;
  const pick = (ids: readonly string[], on: boolean): void => setChosen((before) => {
    const others = before.filter((one) => !ids.includes(one));
    return on ? [...others, ...ids] : others;
  });
  const side = act === 'swap'
    ? <SwapPanel key={`${String(at)} ${String(turn)}`} recordId={record.id} pair={pair} locked={locked} onAgain={again} />
    : (
      <CopyBackPanel
        key={`${String(at)} ${String(turn)} ${chosen.join()}`} recordId={record.id} instanceId={record.instanceId} pair={pair} chosen={chosen} locked={locked}
        differences={differences} onDifferences={setDifferences} isEqual={comparison?.rows.length === 0} onAgain={again}
      />
    );
  return (
    <div className={classes.columns} data-chosen>
      <section className={classes.main} aria-label={t('rollback.compare')}>
        <div className={classes.bar}>
          <Select
            size="xs" w={250} aria-label={t('rollback.compare.table')} value={String(at)} allowDeselect={false}
            data={pairs.map((one, i) => ({ value: String(i), label: `${one.database}.${one.table} ↔ ${one.newDatabase}.${one.newTable}` }))}
            onChange={(next) => { setAt(Number(next)); setChosen([]); }}
          />
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} loading={comparison === null && error === null} onClick={again}>{t('rollback.compare.again')}</Button>
          <Button size="xs" variant="default" onClick={onBack}>{t('rollback.view.log')}</Button>
        </div>
        {error === null ? null : <ErrorNotice error={error} onRetry={again} />}
        {comparison === null ? (error === null ? <Waiting>{t('rollback.compare.reading')}</Waiting> : null) : <Compared comparison={comparison} chosen={chosen} onPick={pick} />}
      </section>
      <aside className={classes.side} aria-label={t('rollback.copy-back')}>
        <SegmentedControl
          size="xs" value={act} aria-label={t('rollback.column.way')}
          data={[{ value: 'copy-back', label: t('rollback.copy-back') }, { value: 'swap', label: t('rollback.swap') }]} onChange={(next) => setAct(acts.find((one) => one === next) ?? 'copy-back')}
        />
        {side}
      </aside>
    </div>
  );
}

function useComparison(recordId: string, pair: { readonly database: string; readonly table: string } | undefined, turn: number): {
  readonly comparison: TableComparison | null; readonly error: CallError | null;
} {
  const [found, setFound] = useState<{ readonly comparison: TableComparison | null; readonly error: CallError | null }>({ comparison: null, error: null });
  const [database, table] = [pair?.database ?? '', pair?.table ?? ''];
  useEffect(() => {
    const stop = new AbortController();
    setFound({ comparison: null, error: null });
    void api.rollback.compare({ recordId, database, table }, { signal: stop.signal }).then((answer) => {
      if (!stop.signal.aborted) setFound(answer.ok ? { comparison: answer.value, error: null } : { comparison: null, error: answer.error });
    });
    return () => stop.abort();
  }, [recordId, database, table, turn]);
  return found;
}

const tones: Record<RowDifference, Tone> = { missing: 'bad', extra: 'calm', changed: 'warn' };

function Compared({ comparison: { name, counts, rows }, chosen, onPick }: {
  comparison: TableComparison; chosen: readonly string[]; onPick: (ids: readonly string[], on: boolean) => void;
}): ReactElement {
  const t = useText();
  const [original, copy] = [`${name.database}.${name.table}`, `${name.newDatabase}.${name.newTable}`];
  if (rows.length === 0) return <p role="status"><StatusBadge tone="good" plain>{t('rollback.compare.equal', { original, copy })}</StatusBadge></p>;
  const ids = rows.map(({ id }) => id);
  const all = ids.every((id) => chosen.includes(id));
  return (
    <>
      <p className={classes.light} role="status">{t('rollback.compare.counts', counts)}{isListedInPart({ counts, rows }) ? ` · ${t('rollback.compare.listed')}` : ''}</p>
      <div className={classes.scroller} role="region" aria-label={`${original} ↔ ${copy}`} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col"><Checkbox size="xs" aria-label={t('rollback.compare.choose-all')} checked={all} onChange={(event) => onPick(ids, event.currentTarget.checked)} /></th>
              <th scope="col">{t('rollback.column.row')}</th><th scope="col">{t('rollback.compare.now')}</th><th scope="col">{t('rollback.compare.then')}</th>
            </tr>
          </thead>
          <tbody>{rows.map((row) => <Row key={`${row.difference} ${row.id}`} row={row} isChosen={chosen.includes(row.id)} onPick={onPick} />)}</tbody>
        </table>
      </div>
    </>
  );
}

function Row({ row: { id, difference, key, cells }, isChosen, onPick }: {
  row: ComparedRow; isChosen: boolean; onPick: (ids: readonly string[], on: boolean) => void;
}): ReactElement {
  const t = useText();
  const name = key.map((cell) => `${cell.name}=${shownText(cell.now === undefined ? cell.back : cell.now)}`).join(' ');
  return (
    <tr className={isChosen ? classes.chosen : undefined}>
      <td><Checkbox size="xs" aria-label={t('rollback.compare.choose', { key: name })} checked={isChosen} onChange={(event) => onPick([id], event.currentTarget.checked)} /></td>
      <td><span className={classes.mono}>{name}</span><div><StatusBadge tone={tones[difference]} plain>{t(`rollback.difference.${difference}`)}</StatusBadge></div></td>
      <td className={classes.mono}>{difference === 'missing' ? '—' : cells.map((cell) => <Value key={cell.name} cell={cell} value={cell.now} />)}</td>
      <td className={classes.mono}>{difference === 'extra' ? '—' : cells.map((cell) => <Value key={cell.name} cell={cell} value={cell.back} />)}</td>
    </tr>
  );
}

const shownText = (value: string | null | undefined): string => (value === undefined ? '—' : value ?? 'NULL');

const Value = ({ cell: { name }, value }: { cell: UndoCell; value: string | null | undefined }): ReactElement => <div>{name}: {shownText(value)}</div>;
