import { Button, Loader, Modal, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { countChecks } from '../../../../shared/domain/checks/check';
import type { DatabaseObjects } from '../../../../shared/domain/fleet/view';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import { scopeDifference, settledScope, type PartialScope, type ScopeChangePlan } from '../../../../shared/domain/scope/change';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { scopeWithout } from '../../../../shared/domain/scope/border';
import type { TableName } from '../../../../shared/domain/scope/protection';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSync } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { RefusalNotice } from '../../../ui/AtWork';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconSearch } from '../../../ui/icons';
import { ChangeScopePlan } from './ChangeScopePlan';
import { ScopeDifference } from './ScopeDifference';
import { ScopeTree } from './ScopeTree';
import { withMissing } from './scope-choice';
import { locksOf } from '../list/sync-text';
import classes from '../create/CreateSyncDialog.module.css';

/** Changes what a partial sync task carries while it carries it: the choice, then what it means, then the act. */
export function ChangeScopeDialog({ dialog }: DialogProps<'change-scope'>): ReactElement | null {
  const sync = useSync(dialog.syncId);
  if (sync?.spec.scope.kind !== 'partial') return null;
  return <Body sync={sync} from={settledScope(sync.spec.scope)} {...(dialog.without === undefined ? {} : { without: dialog.without })} />;
}

const nothing: readonly TableName[] = [];

function Body({ sync, from, without = nothing }: { sync: SyncTaskView; from: PartialScope; without?: readonly TableName[] }): ReactElement {
  const t = useText();
  const source = useInstance(sync.spec.sourceId);
  const [objects, setObjects] = useState<readonly DatabaseObjects[] | null>(null);
  const [chosen, setChosen] = useState<readonly ScopeDatabase[]>(from.databases);
  const [search, setSearch] = useState('');
  const [dropRemoved, setDropRemoved] = useState(false);
  const [plan, setPlan] = useState<ScopeChangePlan | null>(null);
  const [acceptWarnings, setAcceptWarnings] = useState(false);
  const [phrase, setPhrase] = useState('');
  const [busy, setBusy] = useState<'plan' | 'change' | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    void api.fleet.objects({ id: sync.spec.sourceId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (!answer.ok) return setError(answer.error);
      setObjects(answer.value);
      const tablesOf = (database: string): readonly string[] => answer.value.find(({ name }) => name === database)?.tables.map(({ name }) => name) ?? [];
      if (without.length > 0) setChosen((before) => scopeWithout({ kind: 'partial', databases: before }, without, tablesOf).databases);
    });
    return () => stop.abort();
  }, [sync.spec.sourceId, without, attempt]);

  const to: PartialScope = settledScope({ kind: 'partial', databases: chosen });
  const { added, removed } = scopeDifference(from, to);
  const changes = added.length + removed.length > 0;

  const order = (databases: readonly ScopeDatabase[], drop: boolean) => ({ id: sync.id, scope: { kind: 'partial' as const, databases }, dropRemoved: drop });
  const ask = async (databases: readonly ScopeDatabase[], drop: boolean): Promise<void> => {
    setBusy('plan');
    setError(null);
    setAcceptWarnings(false);
    const answer = await api.sync.planScope(order(databases, drop));
    setBusy(null);
    if (answer.ok) setPlan(answer.value);
    else setError(answer.error);
  };
  const change = async (): Promise<void> => {
    setBusy('change');
    setError(null);
    const answer = await api.sync.changeScope({ ...order(to.databases, dropRemoved), acceptWarnings, phrase: plan?.phrase === null ? null : phrase });
    setBusy(null);
    if (!answer.ok) return setError(answer.error);
    putSync(answer.value);
    closeDialog();
  };
  const counts = plan === null ? null : countChecks(plan.report.results);
  const ready =
    plan !== null &&
    counts !== null &&
    counts.fail === 0 &&
    (counts.warn === 0 || acceptWarnings) &&
    (plan.phrase === null || phrase === plan.phrase);

  return (
    <Modal opened onClose={busy === 'change' ? () => undefined : closeDialog} title={t('sync.scope.title', { name: sync.spec.name })} size={860} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.alone}>
        <RefusalNotice wanted={locksOf(sync.spec)} />
        {plan !== null ? (
          <ChangeScopePlan
            sync={sync}
            plan={plan}
            busy={busy !== null}
            acceptWarnings={acceptWarnings}
            onAccept={setAcceptWarnings}
            dropRemoved={dropRemoved}
            onDrop={(drop) => {
              setDropRemoved(drop);
              void ask(to.databases, drop);
            }}
            onAddToScope={(tables) => {
              const databases = withMissing(chosen, tables);
              setChosen(databases);
              void ask(databases, dropRemoved);
            }}
            onAgain={() => void ask(to.databases, dropRemoved)}
          />
        ) : objects === null ? (
          error === null ? <div className={classes.wait} role="status"><Loader size="xs" /> {t('sync.scope.loading', { name: source?.instance.name ?? '' })}</div> : null
        ) : (
          <>
            <TextInput value={search} onChange={(event) => setSearch(event.currentTarget.value)} placeholder={t('sync.wizard.search-objects')} aria-label={t('sync.wizard.search-objects')} leftSection={<IconSearch size={14} aria-hidden />} />
            <ScopeTree objects={objects} chosen={chosen} search={search} onChange={setChosen} />
            <ScopeDifference added={added.map((part) => ({ part }))} removed={removed.map((part) => ({ part }))} />
          </>
        )}
        {plan?.phrase === null || plan === null ? null : (
          <TextInput label={t('common.guard.type', { phrase: plan.phrase })} value={phrase} autoComplete="off" spellCheck={false} disabled={busy !== null} onChange={(event) => setPhrase(event.currentTarget.value)} />
        )}
        {busy === 'plan' ? <div className={classes.wait} role="status"><Loader size="xs" /> {t('sync.scope.planning')}</div> : null}
        {error === null ? null : <ErrorNotice error={error} {...(objects === null ? { onRetry: () => setAttempt(attempt + 1) } : {})} />}
      </div>
      <div className={classes.foot}>
        <Button onClick={closeDialog} disabled={busy === 'change'} data-autofocus>{t('common.cancel')}</Button>
        <span className={classes.spring} />
        {plan === null ? (
          <Button variant="filled" loading={busy === 'plan'} disabled={!changes || to.databases.length === 0 || busy !== null} onClick={() => void ask(to.databases, dropRemoved)}>{t('sync.scope.plan')}</Button>
        ) : (
          <>
            <Button disabled={busy !== null} onClick={() => setPlan(null)}>{t('sync.scope.edit')}</Button>
            <Button variant="filled" color={plan.phrase === null ? 'accent' : 'red'} loading={busy === 'change'} disabled={!ready || busy !== null} onClick={() => void change()}>{t('sync.scope.confirm')}</Button>
          </>
        )}
      </div>
    </Modal>
  );
}
