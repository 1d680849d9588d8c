import type { ComponentProps, ReactElement } from 'react';
import { defaultAccountChoice } from '../../../../shared/domain/accounts/shared-accounts';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { TaskView } from '../../../../shared/domain/tasks/task';
import { useText } from '../../../stores/language';
import { InstanceName } from '../../../ui/InstanceName';
import { Facts } from '../../../ui/Page';
import { TimeText } from '../../../ui/TimeText';
import { scopeText } from '../sync-text';
import { VerifiedText } from '../Verification';
import { CopyRate } from './CopyRate';

/** What a sync task is, and since when; what does not apply to it is left out. */
export function TaskFacts({ sync, task }: { sync: SyncTaskView; task: TaskView | null }): ReactElement {
  const t = useText();
  const { spec, changingTo } = sync;
  const copiesAccounts = spec.scope.kind === 'instance' && ['copy', 'auto'].includes(sync.seed ?? spec.seed);
  const rows: (ComponentProps<typeof Facts>['rows'][number] | null)[] = [
    { name: t('sync.task.source'), value: <InstanceName id={spec.sourceId} /> },
    { name: t('sync.task.standby'), value: <InstanceName id={spec.standbyId} /> },
    { name: t('sync.task.scope'), value: scopeText(t, spec.scope) },
    changingTo === null ? null : { name: t('sync.task.scope'), value: t('sync.scope.running', { scope: scopeText(t, changingTo) }) },
    { name: t('sync.task.seed'), value: t(`sync.seed.${sync.seed ?? spec.seed}`) },
    copiesAccounts ? { name: t('sync.accounts.title'), value: t(`sync.accounts.${spec.accounts ?? defaultAccountChoice}`) } : null,
    sync.can.setCopyRate || spec.copyRateMb !== undefined ? { name: t('sync.wizard.copy-rate'), value: <CopyRate sync={sync} /> } : null,
    sync.verified === null ? null : { name: t('sync.verify.equal'), value: <VerifiedText sync={sync} /> },
    { name: t('sync.task.created'), value: <TimeText at={sync.createdAt} show="exact" /> },
    task?.startedAt == null ? null : { name: t('sync.task.started'), value: <TimeText at={task.startedAt} show="exact" /> },
    task?.endedAt == null ? null : { name: t('sync.task.ended'), value: <TimeText at={task.endedAt} show="exact" /> },
  ];
  return <Facts rows={rows.filter((row) => row !== null)} />;
}
