import { useState } from 'react';
import type { ReactElement } from 'react';
import type { DialogProps } from '../../stores/registry';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { closeDialog } from '../../stores/ui';
import { FormModal } from '../../ui/FormModal';
import { SwitchForm } from './SwitchForm';
import { SwitchRun } from './SwitchRun';

/**
 * Switch to primary (S16, B1): what will be done and what is at risk, read from the servers; the word; then the steps
 * with their times take the form's place. Cancel is the default.
 */
export function SwitchDialog({ dialog }: DialogProps<'switch'>): ReactElement | null {
  const t = useText();
  const { instanceId, promotion: kind } = dialog;
  const view = useInstance(instanceId);
  const [busy, setBusy] = useState(false);
  const [taskId, setTaskId] = useState<string | null>(null);
  if (view === undefined) return null;
  const { name } = view.instance;
  return (
    <FormModal title={t(`promotion.dialog.${kind}`, { name })} size={860} busy={busy} {...(taskId === null ? {} : { dirty: false })} onClose={closeDialog}>
      {taskId === null ? (
        <SwitchForm view={view} kind={kind} onBusy={setBusy} onStarted={setTaskId} />
      ) : (
        <SwitchRun taskId={taskId} kind={kind} instanceId={instanceId} phrase={name} />
      )}
    </FormModal>
  );
}
