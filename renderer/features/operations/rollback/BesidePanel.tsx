import { Button, Checkbox, MultiSelect, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { besideWays, type BesidePlan, type BesideWay } from '../../../../shared/domain/operations/rollback/beside-plan';
import { defaultSuffix, type NewName } from '../../../../shared/domain/operations/rollback/names';
import type { LoggedTransaction } from '../../../../shared/domain/operations/rollback/transaction';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { besideCounts } from '../../../../shared/i18n/rollback-report';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { Waiting } from '../../../ui/Waiting';
import { RollbackRun } from './RollbackRun';
import classes from './rollback.module.css';

/** Tables beside the originals, as they were just before the chosen transaction: which, under which names, what it takes, and its run. */
export function BesidePanel({ instanceId, moment, locked, onClear }: {
  instanceId: string; moment: LoggedTransaction; locked: boolean; onClear: () => void;
}): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'plan' | 'run'>();
  const touched = moment.tables.map(({ database, table }) => `${database}.${table}`);
  const [chosen, setChosen] = useState<readonly string[]>(touched);
  const [offered, setOffered] = useState<readonly string[]>(touched);
  const [search, setSearch] = useState('');
  const [suffix, setSuffix] = useState(defaultSuffix);
  const [way, setWay] = useState<BesideWay>('auto');
  const [plan, setPlan] = useState<BesidePlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const ask = (names: readonly NewName[] | null): void => void act('plan', () => api.rollback.planBeside({
    instanceId, gtid: moment.gtid, names, suffix: suffix.trim(), way,
    objects: chosen.map((one) => (one.includes('.') ? { database: one.slice(0, one.indexOf('.')), table: one.slice(one.indexOf('.') + 1) } : { database: one, table: null })),
  }), setPlan);
  const run = (phrase: string, acceptWarnings: boolean): void => void act('run', () => api.rollback.execute({ planId: plan?.id ?? '', phrase, acceptWarnings }), (task) => setTaskId(task.id));
  if (taskId !== null) return <RollbackRun taskId={taskId} onAgain={onClear} />;
  const typed = search.trim();
  const data = [...new Set([...offered, ...(typed === '' ? [] : [typed])])];
  return (
    <>
      <p className={classes.light}>{t('rollback.beside.text', { gtid: moment.gtid })}</p>
      {plan === null ? (
        <>
          <MultiSelect
            size="xs" label={t('rollback.filter.table')} value={[...chosen]} data={data} searchable searchValue={search} onSearchChange={setSearch}
            onChange={(next) => { setOffered(data); setChosen(next); }}
          />
          <TextInput size="xs" label={t('rollback.beside.suffix')} value={suffix} maxLength={32} onChange={(event) => setSuffix(event.currentTarget.value)} />
          <Select
            size="xs" label={t('rollback.beside.way')} value={way} allowDeselect={false} data={besideWays.map((value) => ({ value, label: t(`rollback.beside.way.${value}`) }))}
            onChange={(next) => setWay(besideWays.find((one) => one === next) ?? 'auto')}
          />
          {busy === 'plan' ? <Waiting>{t('rollback.planning')}</Waiting> : null}
          <div className={classes.foot}>
            <Button variant="filled" disabled={locked || chosen.length === 0 || suffix.trim() === ''} loading={busy === 'plan'} onClick={() => ask(null)}>{t('rollback.beside.plan')}</Button>
          </div>
        </>
      ) : <PlanView key={plan.id} plan={plan} busy={busy} onNames={ask} onRun={run} onBack={() => setPlan(null)} />}
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}

function PlanView({ plan, busy, onNames, onRun, onBack }: {
  plan: BesidePlan; busy: string | null; onNames: (names: readonly NewName[]) => void; onRun: (phrase: string, accept: boolean) => void; onBack: () => void;
}): ReactElement {
  const t = useText();
  const [names, setNames] = useState(plan.names);
  const [word, setWord] = useState('');
  const [accept, setAccept] = useState(false);
  const warns = plan.preconditions.some(({ status }) => status === 'warn');
  const isEdited = JSON.stringify(names) !== JSON.stringify(plan.names);
  const may = isExecutable(plan);
  return (
    <>
      <p className={classes.light}>{besideCounts(t, plan)}</p>
      <Preconditions preconditions={plan.preconditions} />
      <div className={classes.rows} role="region" aria-label={t('rollback.column.new')} tabIndex={0}>
        <table className={classes.table}>
          <thead><tr><th scope="col">{t('rollback.column.original')}</th><th scope="col">{t('rollback.column.new')}</th></tr></thead>
          <tbody>{names.map((one, at) => <NameRow key={`${one.database}.${one.table}`} one={one} onChange={(next) => setNames(names.with(at, next))} />)}</tbody>
        </table>
      </div>
      <Fold title={t('rollback.sql')}><SqlBlock statements={plan.steps.flatMap(({ sql }) => sql)} /></Fold>
      {warns && may ? <Checkbox label={t('rollback.beside.accept')} checked={accept} onChange={(event) => setAccept(event.currentTarget.checked)} /> : null}
      <div className={classes.foot}>
        {may && !isEdited ? (
          <TextInput size="xs" label={t('common.guard.type', { phrase: plan.name })} value={word} autoComplete="off" spellCheck={false} onChange={(event) => setWord(event.currentTarget.value)} />
        ) : null}
        <Button variant="default" disabled={busy !== null} onClick={onBack} data-autofocus>{t('common.cancel')}</Button>
        {isEdited ? <Button variant="filled" loading={busy === 'plan'} onClick={() => onNames(names)}>{t('rollback.beside.plan')}</Button> : null}
        {may && !isEdited ? (
          <Button variant="filled" loading={busy === 'run'} disabled={word !== plan.phrase || (warns && !accept)} onClick={() => onRun(word, accept)}>{t('rollback.beside.run', { name: plan.name })}</Button>
        ) : null}
      </div>
    </>
  );
}

function NameRow({ one, onChange }: { one: NewName; onChange: (next: NewName) => void }): ReactElement {
  const t = useText();
  const name = `${one.database}.${one.table}`;
  return (
    <tr>
      <td>{name}</td>
      <td>
        <TextInput
          size="xs" value={one.newTable} maxLength={64} aria-label={t('rollback.beside.new', { name })} description={one.database === one.newDatabase ? null : one.newDatabase}
          onChange={(event) => onChange({ ...one, newTable: event.currentTarget.value })}
        />
      </td>
    </tr>
  );
}
