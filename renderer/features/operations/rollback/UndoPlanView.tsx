import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { isConflict, type UndoVerdict } from '../../../../shared/domain/operations/rollback/undo';
import { countOfVerdict, type UndoCell, type UndoEntry, type UndoPlan } from '../../../../shared/domain/operations/rollback/undo-plan';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { Fold } from '../../../ui/Fold';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import classes from './rollback.module.css';

/** What is written on live tables row by row, conflicts first; carried out by the name of the instance. `verb`: what carries it out is called. */
export function UndoPlanView({ plan, instanceId, title, verb, busy, onRun, onBack }: {
  plan: UndoPlan; instanceId: string; title: string; verb: string; busy: boolean; onRun: (phrase: string, accept: boolean) => void; onBack: () => void;
}): ReactElement {
  const t = useText();
  const [word, setWord] = useState('');
  const [accept, setAccept] = useState(false);
  const instance = useInstance(instanceId);
  const region = useRegionName(instance?.instance.regionId ?? '');
  const conflicts = countOfVerdict(plan.counts, isConflict);
  const isReady = isExecutable(plan) && word === plan.phrase && (conflicts === 0 || accept);
  return (
    <>
      <h2>{title} · {plan.name} · {region}</h2>
      <Preconditions preconditions={plan.preconditions} />
      {plan.counts.length === 0 ? null : (
        <ul className={classes.log}>
          {plan.counts.map(({ database, table, verdict, count }) => (
            <li key={`${database}.${table} ${verdict}`}><b>{database}.{table}</b> {count} · {t(`rollback.verdict.${verdict}`)}</li>
          ))}
        </ul>
      )}
      {plan.entries.length === 0 ? null : <Rows entries={plan.entries} more={plan.counts.reduce((sum, { count }) => sum + count, 0) > plan.entries.length} />}
      <Fold title={t('rollback.sql')}><SqlBlock statements={plan.steps.flatMap(({ sql }) => sql)} /></Fold>
      {conflicts === 0 || !isExecutable(plan) ? null : <Checkbox label={t('rollback.accept')} checked={accept} onChange={(event) => setAccept(event.currentTarget.checked)} />}
      <div className={classes.foot}>
        {isExecutable(plan) ? (
          <TextInput size="xs" label={t('common.guard.type', { phrase: plan.name })} value={word} autoComplete="off" spellCheck={false} onChange={(event) => setWord(event.currentTarget.value)} />
        ) : null}
        <Button variant="default" disabled={busy} onClick={onBack} data-autofocus>{t('common.cancel')}</Button>
        {isExecutable(plan) ? <Button variant="filled" disabled={!isReady} loading={busy} onClick={() => onRun(word, accept)}>{verb}</Button> : null}
      </div>
    </>
  );
}

const tones: Record<UndoVerdict, Tone> = {
  'ready': 'good', 'already': 'calm', 'gone': 'warn', 'changed': 'warn', 'key-taken': 'warn', 'parent-missing': 'warn', 'json-type': 'bad', 'too-long': 'bad', 'partial-image': 'bad', 'cascade': 'bad', 'trigger': 'bad', 'children': 'warn',
};

function Rows({ entries, more }: { entries: readonly UndoEntry[]; more: boolean }): ReactElement {
  const t = useText();
  return (
    <>
      <div className={classes.rows} role="region" aria-label={t('rollback.rows')} tabIndex={0}>
        <table className={classes.table}>
          <thead><tr><th scope="col">{t('rollback.column.row')}</th><th scope="col">{t('rollback.column.change')}</th><th scope="col">{t('rollback.column.verdict')}</th></tr></thead>
          <tbody>
            {entries.map((one, i) => (
              <tr key={i}>
                <td><b>{one.table}</b> <span className={classes.mono}>{one.key.map((cell) => `${cell.name}=${text(cell.now)}`).join(' ')}</span></td>
                <td className={classes.mono}>{one.act === 'update' ? one.cells.map((cell) => <Change key={cell.name} cell={cell} />) : <><span>{t(`rollback.act.${one.act}`)}</span> <Whole cells={one.cells} /></>}</td>
                <td>
                  <StatusBadge tone={tones[one.verdict]} plain>{t(`rollback.verdict.${one.verdict}`)}</StatusBadge>
                  <Reason one={one} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more ? <p className={classes.light}>{t('rollback.rows.listed', { n: entries.length })}</p> : null}
    </>
  );
}

const text = (value: string | null | undefined): string => (value === undefined ? '—' : value ?? 'NULL');

const Change = ({ cell: { name, now, back } }: { cell: UndoCell }): ReactElement => <div>{name}: {text(now)} → <b>{text(back)}</b></div>;

const Whole = ({ cells }: { cells: readonly UndoCell[] }): ReactElement => <span className={classes.reason}>{cells.map(({ name, now, back }) => `${name}: ${text(back === undefined ? now : back)}`).join(', ')}</span>;

function Reason({ one: { verdict, differs } }: { one: UndoEntry }): ReactElement | null {
  const t = useText();
  if (verdict === 'changed' || verdict === 'key-taken' || verdict === 'parent-missing') return differs.length === 0 ? null : <div className={classes.reason}>{t('rollback.why.changed', { columns: differs.join(', ') })}</div>;
  if (verdict === 'partial-image' || verdict === 'cascade' || verdict === 'trigger' || verdict === 'children') return <div className={classes.reason}>{t(`rollback.why.${verdict}`)}</div>;
  return null;
}
