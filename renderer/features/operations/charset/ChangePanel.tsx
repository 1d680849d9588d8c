import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { tableText } from '../../../../shared/domain/operations/charset/facts';
import type { CharsetOverview, CharsetPlan, CharsetRequest } from '../../../../shared/domain/operations/charset/plan';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useRunningTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { Waiting } from '../../../ui/Waiting';
import { CharsetRun } from './CharsetRun';
import classes from './charset.module.css';

interface Props {
  readonly overview: CharsetOverview;
  readonly chosen: readonly string[];
  readonly onDone: () => void;
}

/** What is to be changed; then what stands against it, what would run and what takes it back; then the run. */
export function ChangePanel({ overview, chosen, onDone }: Props): ReactElement {
  const t = useText();
  const { instanceId } = overview;
  const { busy, error, act } = useAct<'plan' | 'execute'>();
  const running = useRunningTask('charset', instanceId);
  const [plan, setPlan] = useState<CharsetPlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const [wish, setWish] = useState<Wish>({ charset: 'utf8mb4', collation: null, server: false, databases: true, tables: true });
  const [reread, setReread] = useState<CharsetRequest['reread']>([]);
  const shown = taskId ?? running?.id ?? null;
  const ask = (columns: CharsetRequest['reread']): void => {
    setReread(columns);
    void act('plan', () => api.charset.plan({
      instanceId, ...wish, reread: columns, scope: { kind: 'partial', databases: chosen.map((database) => ({ database, tables: null })) },
      ...(chosen.length === 0 ? { databases: false, tables: false, scope: { kind: 'instance' as const } } : {}),
    }), setPlan);
  };
  const execute = (phrase: string): void => {
    if (plan !== null) void act('execute', () => api.charset.execute({ planId: plan.id, phrase }), ({ taskId: started }) => setTaskId(started));
  };
  return (
    <aside className={classes.side} aria-label={t('charset.change')}>
      {shown !== null ? (
        <CharsetRun taskId={shown} onClose={() => { setTaskId(null); setPlan(null); onDone(); }} />
      ) : plan !== null ? (
        <PlanView key={plan.id} plan={plan} reread={reread} busy={busy} onReread={ask} onExecute={execute} onBack={() => setPlan(null)} />
      ) : (
        <Form overview={overview} wish={wish} count={chosen.length} busy={busy === 'plan'} onWish={setWish} onPlan={() => ask([])} />
      )}
      {error === null ? null : <ErrorNotice error={error} />}
    </aside>
  );
}

type Wish = Pick<CharsetRequest, 'charset' | 'collation' | 'server' | 'databases' | 'tables'>;

interface FormProps {
  readonly overview: CharsetOverview;
  readonly wish: Wish;
  readonly count: number;
  readonly busy: boolean;
  readonly onWish: (wish: Wish) => void;
  readonly onPlan: () => void;
}

function Form({ overview, wish, count, busy, onWish, onPlan }: FormProps): ReactElement {
  const t = useText();
  const set = overview.charsets.find(({ name }) => name === wish.charset);
  const take = (what: 'server' | 'databases' | 'tables'): ReactElement => (
    <Checkbox key={what} label={t(`charset.take.${what}`)} checked={wish[what]} onChange={(event) =>
      onWish({ ...wish, [what]: event.currentTarget.checked })} />
  );
  const isNothing = !wish.server && (count === 0 || (!wish.databases && !wish.tables));
  return (
    <>
      <h2>{t('charset.change')}</h2>
      <div className={classes.form}>
        <Select
          label={t('charset.target')} searchable allowDeselect={false} value={wish.charset} data={overview.charsets.filter(({ name }) =>
            name !== 'binary').map(({ name }) => name)}
          onChange={(charset) => { if (charset !== null) onWish({ ...wish, charset, collation: null }); }}
        />
        <Select
          label={t('charset.collation')} searchable allowDeselect={false} value={wish.collation ?? set?.initial ?? null} data={[...set?.collations ?? []]}
          onChange={(collation) => onWish({ ...wish, collation })}
        />
        {(['server', 'databases', 'tables'] as const).map(take)}
        <p className={classes.light}>{t('charset.chosen', { count })}</p>
      </div>
      {busy ? <Waiting>{t('charset.planning')}</Waiting> : null}
      <div className={classes.foot}><Button variant="filled" disabled={isNothing} loading={busy} onClick={onPlan}>{t('charset.plan')}</Button></div>
    </>
  );
}

interface PlanProps {
  readonly plan: CharsetPlan;
  readonly reread: CharsetRequest['reread'];
  readonly busy: 'plan' | 'execute' | null;
  readonly onReread: (columns: CharsetRequest['reread']) => void;
  readonly onExecute: (phrase: string) => void;
  readonly onBack: () => void;
}

function PlanView({ plan, reread, busy, onReread, onExecute, onBack }: PlanProps): ReactElement {
  const t = useText();
  const [word, setWord] = useState('');
  const instance = useInstance(plan.instanceId);
  const region = useRegionName(instance?.instance.regionId ?? '');
  const tables = plan.components.flatMap((one) => one.tables.map((table) => ({ ...table, bound: one.bound })));
  const ready = isExecutable(plan) && (plan.phrase === null || word === plan.phrase);
  return (
    <>
      <h2>{t('charset.plan.head', { name: plan.name, region, collation: plan.collation })}</h2>
      {tables.length === 0 ? null : <p className={classes.light}>{t('charset.plan.size',
        { tables: tables.length, megabytes: Math.ceil(plan.bytes / 1_048_576), seconds: plan.seconds })}</p>}
      <Preconditions preconditions={plan.preconditions} />
      <Suspicious plan={plan} reread={reread} busy={busy !== null} onReread={onReread} />
      {tables.length === 0 ? null : (
        <ul className={classes.notes}>
          {tables.map((one) => (
            <li key={tableText(one)}>
              <b>{tableText(one)}</b> · {t('charset.table.seconds', { seconds: one.seconds })} · {t(`charset.algorithm.${one.algorithm}`)}
              {one.bound ? ` · ${t('charset.table.bound')}` : ''}{one.along ? ` · ${t('charset.table.along')}` : ''}
            </li>
          ))}
        </ul>
      )}
      <h2>{t('charset.plan.statements')}</h2>
      <SqlBlock statements={plan.steps.flatMap((step) => step.sql)} />
      {plan.optionLines.length === 0 ? null : (
        <><h2>{t('charset.plan.lines')}</h2><pre className={classes.lines} tabIndex={0} aria-label={t('charset.plan.lines')}>{plan.optionLines.join(
          '\n')}</pre></>
      )}
      <h2>{t('charset.plan.undo')}</h2>
      <p className={classes.light}>{t('charset.plan.undo-text')}</p>
      <SqlBlock statements={plan.undoSql} />
      {plan.phrase === null || !isExecutable(plan) ? null : (
        <TextInput label={t('common.guard.type', { phrase: plan.phrase })} value={word} maxLength={256} autoComplete="off" spellCheck={false} onChange={(
          event) => setWord(event.currentTarget.value)} />
      )}
      <div className={classes.foot}>
        <Button variant="default" disabled={busy !== null} onClick={onBack} data-autofocus>{t('charset.back')}</Button>
        <Button variant="filled" loading={busy === 'execute'} disabled={!ready
          || busy === 'plan'} onClick={() => onExecute(word)}>{t('charset.apply', { name: plan.name })}</Button>
      </div>
    </>
  );
}

/** Texts with two readings, side by side; which one is right is the user's to say, column by column. */
function Suspicious({ plan, reread, busy, onReread }: Pick<PlanProps, 'plan' | 'reread' | 'onReread'> & { readonly busy: boolean }): ReactElement {
  const t = useText();
  const all = [...plan.suspicious.map(({ database, table, column }) => ({ database, table, column })), ...reread];
  return (
    <>
      {all.map((one) => {
        const name = `${tableText(one)}.${one.column}`;
        const found = plan.suspicious.find((column) => `${tableText(column)}.${column.column}` === name);
        const isReread = reread.some((column) => `${tableText(column)}.${column.column}` === name);
        return (
          <div key={name}>
            <b>{name}</b>
            {found === undefined ? null : (
              <dl className={classes.two}>
                <dt>{t('charset.kept')}</dt><dt>{t('charset.other')}</dt>
                {found.samples.flatMap(({ kept, other }, at) => [<dd key={`${at}-kept`}>{kept}</dd>, <dd key={`${at}-other`}>{other}</dd>])}
              </dl>
            )}
            <Checkbox
              mt={4} size="xs" label={t('charset.reread')} aria-label={`${t('charset.reread')}: ${name}`} checked={isReread} disabled={busy}
              onChange={() => onReread(isReread ? reread.filter((column) => `${tableText(column)}.${column.column}` !== name) : [...reread, one])}
            />
          </div>
        );
      })}
    </>
  );
}
