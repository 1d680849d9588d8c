import type { ReactElement } from 'react';
import { useState } from 'react';
import type { ImportPlan } from '../../../../shared/domain/operations/import/plan';
import type { RowsInspection } from '../../../../shared/domain/operations/import/rows/form';
import type { RowsPlan } from '../../../../shared/domain/operations/import/rows/plan';
import { api, type CallError } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { useRunningTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { ImportForm } from './ImportForm';
import { ImportPlanView } from './ImportPlanView';
import { ImportRun } from './ImportRun';
import { mappingOf, withFile, type ImportWish } from './wish';
import classes from './import.module.css';

/** Which file goes where; what it comes to and what is asked about; then the run. */
export function ImportPanel({ instanceId, wish, inspection, unread, onWish, onPlan }: {
  instanceId: string;
  wish: ImportWish;
  /** Of a file of rows what its beginning shows, and why it cannot be read. */
  inspection: RowsInspection | null;
  unread: CallError | null;
  onWish: (wish: ImportWish) => void;
  /** Whether a plan is shown, or a run, in place of the choices. */
  onPlan: (shown: boolean) => void;
}): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'choose' | 'plan' | 'execute'>();
  const running = useRunningTask('import', instanceId);
  const [plan, setPlan] = useState<ImportPlan | RowsPlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const shown = taskId ?? running?.id ?? null;
  const show = (next: ImportPlan | RowsPlan | null): void => {
    setPlan(next);
    onPlan(next !== null);
  };
  const choose = (what: 'file' | 'folder'): void => void act(
    'choose', () => (what === 'file' ? api.app.chooseFile() : api.app.chooseFolder()), (path) => { if (path !== null) onWish(withFile(wish, path)); },
  );
  const read = (): void => {
    const { path, kind, table, database, mode, onError, fromByte, characters } = wish;
    if (path === null) return;
    if (kind === 'statements') void act('plan', () => api.import.plan({ instanceId, path, database, onError, fromByte, characters }), show);
    else if (table !== null && inspection !== null) {
      const mapping = mappingOf(wish, inspection);
      void act('plan', () => api.import.planRows({
        instanceId, path, ...table, form: inspection.form, guessed: inspection.guessed, mapping, mode, onError, fromByte,
        hex: wish.hex.filter((name) => mapping.includes(name)),
      }), show);
    }
  };
  const execute = (phrase: string): void => {
    if (plan !== null) void act('execute', () => api.import.execute({ planId: plan.id, phrase }), ({ taskId: started }) => setTaskId(started));
  };
  return (
    <aside className={classes.side} aria-label={t('import.next')}>
      {shown !== null ? <ImportRun taskId={shown} onClose={() => { setTaskId(null); show(null); }} />
        : plan !== null ? <ImportPlanView key={plan.id} plan={plan} busy={busy === 'execute'} onExecute={execute} onBack={() => show(null)} />
          : (
            <ImportForm
              instanceId={instanceId} wish={wish} inspection={inspection} busy={busy === 'choose' || busy === 'plan' ? busy : null} onWish={onWish} onChoose={choose} onRead={read}
            />
          )}
      {unread === null || plan !== null ? null : <ErrorNotice error={unread} />}
      {error === null ? null : <ErrorNotice error={error} />}
    </aside>
  );
}
