import { Button, Checkbox, Select } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import { permission } from '../../../../shared/domain/fleet/policy';
import type { AccountComparison, AccountOutcome, CarryPlan } from '../../../../shared/domain/operations/accounts/change';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusIcon } from '../../../ui/StatusBadge';
import classes from './accounts.module.css';

interface CarryPanelProps {
  readonly leftId: string;
  readonly rightId: string;
  readonly compared: AccountComparison;
  /** Both servers are to be read again. */
  readonly onDone: () => void;
}

/** Accounts of a comparison that are carried from one side to the other: chosen, shown as statements, and then run. */
export function CarryPanel({ leftId, rightId, compared, onDone }: CarryPanelProps): ReactElement {
  const t = useText();
  const [side, setSide] = useState<'left' | 'right'>('right');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [plan, setPlan] = useState<CarryPlan | null>(null);
  const [outcome, setOutcome] = useState<AccountOutcome | null>(null);
  const { busy, error, act } = useAct<'plan' | 'run'>();
  const [fromId, toId] = side === 'right' ? [leftId, rightId] : [rightId, leftId];
  const target = useInstance(toId);
  const locked = target === undefined || !permission(target.role, 'accounts').allowed;
  const there = compared.accounts.filter((one) => one.side !== (side === 'right' ? 'right-only' : 'left-only'));
  const choose = (next: readonly string[]): void => { setChosen(next); setPlan(null); setOutcome(null); };
  const accounts = there.filter((one) => chosen.includes(accountName(one))).map(({ user, host }) => ({ user, host }));
  const draft = (): Promise<void> => act('plan', () => api.accounts.planCarry({ fromId, toId, accounts, allMissing: false }), setPlan);
  const run = (): Promise<void> => act('run', () => api.accounts.carry({ planId: plan?.id ?? '' }), (done) => {
    if (done.differs.length === 0) onDone();
    else setOutcome(done);
  });
  return (
    <section className={classes.form} aria-label={t('accounts.carry')}>
      <div className={classes.fields}>
        <Select
          label={t('accounts.carry.to')} w={260} allowDeselect={false} value={side} data={[{ value: 'right', label: compared.right }, { value: 'left', label: compared.left }]}
          onChange={(next) => { setSide(next === 'left' ? 'left' : 'right'); choose([]); }}
        />
        <Button loading={busy === 'plan'} disabled={accounts.length === 0 || locked} onClick={() => void draft()}>{t('accounts.carry.plan')}</Button>
      </div>
      {locked ? <p className={classes.light}>{t('accounts.locked')}</p> : null}
      <div className={classes.picks}>
        {there.map((one) => accountName(one)).map((name) => (
          <Checkbox
            key={name} size="xs" label={name} checked={chosen.includes(name)} disabled={locked}
            onChange={(event) => choose(event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name))}
          />
        ))}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      {plan === null ? null : <Planned plan={plan} />}
      {outcome === null ? null : <p role="alert" className={classes.warn}><StatusIcon tone="warn" /> {t('accounts.terminal.differs', { what: outcome.differs.join('; ') })}</p>}
      {plan === null || outcome !== null ? null : (
        <div><Button variant="filled" loading={busy === 'run'} disabled={!isExecutable(plan)} onClick={() => void run()}>{t('accounts.carry')}</Button></div>
      )}
    </section>
  );
}

function Planned({ plan }: { plan: CarryPlan }): ReactElement {
  const t = useText();
  return (
    <div className={classes.preview}>
      <Preconditions preconditions={plan.preconditions} warnsOpen />
      {plan.warnings.map((warning) => <p key={warning.key} className={classes.warn}><StatusIcon tone="warn" /> {t.message(warning)}</p>)}
      {plan.sql.length === 0 ? null : (
        <div className={classes.sides}>
          <div><h3>{t('accounts.preview.runs')}</h3><SqlBlock statements={plan.sql} /></div>
          <div>
            <h3>{t('accounts.preview.undo')}</h3>
            {plan.undo.length === 0 ? null : <SqlBlock statements={plan.undo} />}
            {plan.undoNote === null ? null : <p className={classes.light}>{t.message(plan.undoNote)}</p>}
          </div>
        </div>
      )}
    </div>
  );
}
