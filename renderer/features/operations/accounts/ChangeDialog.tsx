import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import type { AccountChange, AccountList, AccountOutcome, AccountPlan, PasswordPolicy } from '../../../../shared/domain/operations/accounts/change';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusIcon } from '../../../ui/StatusBadge';
import { ChangeForm } from './ChangeForm';
import type { Wanted } from './forms';
import classes from './accounts.module.css';

interface ChangeDialogProps {
  readonly instanceId: string;
  readonly list: AccountList;
  readonly wanted: Wanted;
  readonly onClose: () => void;
  /** The account that is there afterwards; null: it is gone. */
  readonly onDone: (account: string | null) => void;
}

/** A change to an account: what is wanted at the left; at the right, as it is typed, the exact statements and what takes them back. */
export function ChangeDialog({ instanceId, list, wanted, onClose, onDone }: ChangeDialogProps): ReactElement {
  const t = useText();
  const [change, setChange] = useState<AccountChange | null>(wanted.kind === 'create' ? null : firstChange(wanted));
  const { plan, error: planError } = useAccountPlan(instanceId, change);
  const [password, setPassword] = useState('');
  const [word, setWord] = useState('');
  const [outcome, setOutcome] = useState<AccountOutcome | null>(null);
  const { busy, error, act } = useAct<'run'>();
  const title = wanted.kind === 'create' ? t('accounts.new') : t('accounts.dialog', { change: t(`accounts.change.${wanted.kind}`), account: accountName(wanted.detail.row) });
  const isReady = plan !== null && change !== null && isExecutable(plan) && (plan.phrase === null || word === plan.phrase) && (!plan.needsPassword || password !== '');
  const close = (): void => (outcome === null ? onClose() : onDone(nameAfter(change)));
  const run = (): Promise<void> => act('run', () => api.accounts.execute({ planId: plan?.id ?? '', phrase: word, password: plan?.needsPassword === true ? password : null }), (done) => {
    if (done.differs.length === 0) onDone(nameAfter(change));
    else setOutcome(done);
  });
  return (
    <FormModal title={title} size={wanted.kind === 'rights' || wanted.kind === 'create' ? 980 : 720} busy={busy !== null} dirty={password !== ''} onClose={close}>
      <div className={classes.dialog}>
        <ChangeForm list={list} wanted={wanted} onChange={setChange} />
        {plan?.needsPassword === true || wanted.kind === 'password' || wanted.kind === 'clone' ? <Password value={password} policy={list.policy} onChange={setPassword} /> : null}
        {planError === null ? null : <ErrorNotice error={planError} />}
        {plan === null ? null : <Preview plan={plan} />}
        {error === null ? null : <ErrorNotice error={error} />}
        {outcome === null ? null : <p role="alert" className={classes.warn}><StatusIcon tone="warn" /> {t('accounts.terminal.differs', { what: outcome.differs.join('; ') })}</p>}
      </div>
      <DialogFoot apart start={plan?.phrase == null ? null : (
        <TextInput label={t('common.guard.type', { phrase: plan.phrase })} value={word} autoComplete="off" spellCheck={false} onChange={(event) => setWord(event.currentTarget.value)} />
      )}
      >
        <Button onClick={close} disabled={busy !== null} data-autofocus>{t(outcome === null ? 'common.cancel' : 'common.close')}</Button>
        {outcome === null ? (
          <Button variant="filled" color={wanted.kind === 'drop' ? 'red' : 'accent'} disabled={!isReady} loading={busy !== null} onClick={() => void run()}>
            {t(`accounts.change.${change?.kind ?? wanted.kind}`)}
          </Button>
        ) : null}
      </DialogFoot>
    </FormModal>
  );
}

/** What needs no more than the account. */
function firstChange({ kind, detail: { row: { user, host } } }: Exclude<Wanted, { kind: 'create' }>): AccountChange | null {
  const account = { user, host };
  switch (kind) {
    case 'lock':
    case 'unlock':
    case 'expire':
    case 'drop':
    case 'discard-old':
      return { kind, account };
    case 'password':
      return { kind, account, keepOld: false };
    default:
      return null;
  }
}

function nameAfter(change: AccountChange | null): string | null {
  if (change === null || change.kind === 'drop') return null;
  return accountName(change.kind === 'rename' ? change.to : change.account);
}

const typingMs = 250;

/** The plan of what is wanted now: asked for once typing pauses; the last question counts. */
function useAccountPlan(instanceId: string, change: AccountChange | null): { readonly plan: AccountPlan | null; readonly error: CallError | null } {
  const [state, setState] = useState<{ readonly key: string; readonly plan: AccountPlan | null; readonly error: CallError | null }>({ key: '', plan: null, error: null });
  const key = JSON.stringify(change);
  useEffect(() => {
    const wanted = JSON.parse(key) as AccountChange | null;
    if (wanted === null) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      void api.accounts.plan({ instanceId, change: wanted }, { signal: stop.signal }).then((answer) => {
        if (!stop.signal.aborted) setState(answer.ok ? { key, plan: answer.value, error: null } : { key, plan: null, error: answer.error });
      });
    }, typingMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [instanceId, key]);
  // What was planned for something else is not shown.
  return state.key === key ? state : { plan: null, error: null };
}

function Preview({ plan }: { plan: AccountPlan }): ReactElement {
  const t = useText();
  return (
    <div className={classes.preview}>
      {plan.preconditions.length === 0 ? null : <Preconditions preconditions={plan.preconditions} warnsOpen />}
      {plan.warnings.map((warning) => <p key={warning.key} className={classes.warn}><StatusIcon tone="warn" /> {t.message(warning)}</p>)}
      <div className={classes.sides}>
        <div>
          <h3>{t('accounts.preview.runs')}</h3>
          {plan.sql.length === 0 ? <p className={classes.light}>{t('accounts.preview.nothing')}</p> : <SqlBlock statements={plan.sql} />}
        </div>
        <div>
          <h3>{t('accounts.preview.undo')}</h3>
          {plan.undo.length === 0 && plan.undoNote === null ? <p className={classes.light}>{t('accounts.preview.nothing')}</p> : <SqlBlock statements={plan.undo} />}
          {plan.undoNote === null ? null : <p className={classes.light}>{t.message(plan.undoNote)}</p>}
        </div>
      </div>
    </div>
  );
}

/** What the server asks for is said as it is met; the server itself decides in the end. */
function Password({ value, policy, onChange }: { value: string; policy: PasswordPolicy | null; onChange: (value: string) => void }): ReactElement {
  const t = useText();
  const count = (pattern: RegExp): number => value.match(pattern)?.length ?? 0;
  const rules = policy === null ? [] : [
    { text: t('accounts.policy.length', { count: policy.length }), met: value.length >= policy.length },
    ...(policy.level === 'LOW' || policy.level === '0' ? [] : [
      { text: t('accounts.policy.case', { count: policy.mixedCase }), met: count(/[a-z]/g) >= policy.mixedCase && count(/[A-Z]/g) >= policy.mixedCase },
      { text: t('accounts.policy.digits', { count: policy.digits }), met: count(/\d/g) >= policy.digits },
      { text: t('accounts.policy.special', { count: policy.special }), met: count(/[^A-Za-z0-9]/g) >= policy.special },
    ]),
  ];
  return (
    <div>
      <PasswordInput
        label={t('accounts.password')} value={value} maxLength={1024} autoComplete="new-password" w={320}
        visibilityToggleButtonProps={{ 'aria-label': t('accounts.password.show') }} onChange={(event) => onChange(event.currentTarget.value)}
      />
      {policy === null ? <p className={classes.light}>{t('accounts.policy.none')}</p> : (
        <ul className={classes.policy}>{rules.map(({ text, met }) => <li key={text}><StatusIcon tone={met ? 'good' : 'calm'} /> {text}</li>)}</ul>
      )}
    </div>
  );
}
