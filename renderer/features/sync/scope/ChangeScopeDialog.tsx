import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseObjects } from '../../../../shared/domain/fleet/view';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import { scopeDifference, settledScope, type PartialScope } from '../../../../shared/domain/scope/change';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { TableName } from '../../../../shared/domain/scope/protection';
import type { DialogProps } from '../../../stores/registry';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useSync } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { RefusalNotice } from '../../../ui/AtWork';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { Waiting } from '../../../ui/Waiting';
import { locksOf } from '../sync-text';
import { ChangeScopePlan } from './ChangeScopePlan';
import { firstChoice } from './scope-change';
import { useScopeOrder, type ScopeOrder } from './scope-order';
import { ScopeDifference } from './ScopeDifference';
import { ScopePicker } from './ScopePicker';
import { useSourceObjects } from '../../../stores/source-objects';
import classes from '../dialog.module.css';

/** Changes what a partial sync task carries while it carries it: the choice, then what it means, then the act. */
export function ChangeScopeDialog({ dialog }: DialogProps<'change-scope'>): ReactElement | null {
  const sync = useSync(dialog.syncId);
  if (sync?.spec.scope.kind !== 'partial') return null;
  return <ChangeScope sync={sync} from={settledScope(sync.spec.scope)} without={dialog.without ?? []} />;
}

function ChangeScope({ sync, from, without }: { sync: SyncTaskView; from: PartialScope; without: readonly TableName[] }): ReactElement {
  const t = useText();
  const source = useInstance(sync.spec.sourceId);
  const { objects, error: unread, again } = useSourceObjects(sync.spec.sourceId);
  const [edited, setEdited] = useState<readonly ScopeDatabase[] | null>(null);
  const [search, setSearch] = useState('');
  const order = useScopeOrder(sync);
  const { plan, busy } = order;
  const chosen = edited ?? firstChoice(from, without, objects);
  const to = settledScope({ kind: 'partial', databases: chosen });
  const error = order.error ?? unread;
  return (
    <FormModal title={t('sync.scope.title', { name: sync.spec.name })} size={860} busy={busy === 'change'} dirty={edited !== null} onClose={closeDialog}>
      <div className={classes.alone}>
        <RefusalNotice wanted={locksOf(sync.spec)} />
        {plan !== null ? (
          <ChangeScopePlan sync={sync} order={order} plan={plan} databases={to.databases} onChange={setEdited} />
        ) : objects !== null ? (
          <Choice objects={objects} chosen={chosen} from={from} to={to} search={search} onSearch={setSearch} onChange={setEdited} />
        ) : error === null ? (
          <Waiting>{t('sync.scope.loading', { name: source?.instance.name ?? '' })}</Waiting>
        ) : null}
        {busy === 'plan' ? <Waiting>{t('sync.scope.planning')}</Waiting> : null}
        {error === null ? null : <ErrorNotice error={error} {...(objects === null ? { onRetry: again } : {})} />}
      </div>
      <Foot order={order} databases={to.databases} hasChanges={hasChanges(from, to)} />
    </FormModal>
  );
}

function hasChanges(from: PartialScope, to: PartialScope): boolean {
  const { added, removed } = scopeDifference(from, to);
  return added.length + removed.length > 0;
}

interface ChoiceProps {
  readonly objects: readonly DatabaseObjects[];
  readonly chosen: readonly ScopeDatabase[];
  readonly from: PartialScope;
  readonly to: PartialScope;
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly onChange: (databases: readonly ScopeDatabase[]) => void;
}

function Choice({ from, to, ...picker }: ChoiceProps): ReactElement {
  const { added, removed } = scopeDifference(from, to);
  return (
    <>
      <ScopePicker {...picker} />
      <ScopeDifference added={added.map((part) => ({ part }))} removed={removed.map((part) => ({ part }))} />
    </>
  );
}

/** From the choice to its plan; from the plan back, or to the act. */
function Foot({ order, databases, hasChanges: changes }: { order: ScopeOrder; databases: readonly ScopeDatabase[]; hasChanges: boolean }): ReactElement {
  const t = useText();
  const { plan, busy } = order;
  return (
    <DialogFoot apart start={<Button onClick={closeDialog} disabled={busy === 'change'} data-autofocus>{t('common.cancel')}</Button>}>
      {plan === null ? (
        <Button variant="filled" loading={busy === 'plan'} disabled={!changes || databases.length === 0 || busy !== null} onClick={() => order.ask(databases)}>{t('sync.scope.plan')}</Button>
      ) : (
        <>
          <Button disabled={busy !== null} onClick={order.edit}>{t('sync.scope.edit')}</Button>
          <Button variant="filled" color={plan.phrase === null ? 'accent' : 'red'} loading={busy === 'change'} disabled={!order.isReady || busy !== null} onClick={() => order.change(databases)}>
            {t('sync.scope.confirm')}
          </Button>
        </>
      )}
    </DialogFoot>
  );
}
