import { useState } from 'react';
import type { ReactElement } from 'react';
import type { BackupDetail, RestoreOrder } from '../../../shared/domain/backup/backup';
import { useBackup } from '../../stores/backups';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { closeDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { FormModal } from '../../ui/FormModal';
import { PlanBody } from '../../ui/PlanDialog';
import { Waiting } from '../../ui/Waiting';
import { useBackupDetail } from './backup-detail';
import { RestoreChoice } from './RestoreChoice';
import { RestorePlanning } from './RestorePlanning';
import { RestoreRun } from './RestoreRun';
import type { RestoreForm } from './restore-order';

/** Restores a backup: the choice; what would be done, and its word; then the steps with what came of them. */
export function RestoreDialog({ dialog: { backupId } }: DialogProps<'restore-backup'>): ReactElement {
  const t = useText();
  const { detail, error } = useBackupDetail(backupId);
  const name = useBackup(backupId)?.instanceName ?? detail?.instanceName ?? backupId;
  const [busy, setBusy] = useState(false);
  const [runs, setRuns] = useState(false);
  const [dirty, setDirty] = useState(false);
  return (
    <FormModal title={t('backup.screen.restore.title', { name })} size={820} busy={busy} dirty={dirty && !runs} onClose={closeDialog}>
      {detail !== null ? <Stages detail={detail} onBusy={setBusy} onEntered={() => setDirty(true)} onStarted={() => setRuns(true)} /> : (
        <PlanBody>{error === null ? <Waiting>{t('backup.screen.show.reading')}</Waiting> : <ErrorNotice error={error} />}</PlanBody>
      )}
    </FormModal>
  );
}

type Stage = { readonly at: 'choice' } | { readonly at: 'plan'; readonly order: RestoreOrder } | { readonly at: 'run'; readonly taskId: string; readonly targetId: string };

interface StagesProps {
  readonly detail: BackupDetail;
  readonly onBusy: (busy: boolean) => void;
  readonly onEntered: () => void;
  readonly onStarted: () => void;
}

function Stages({ detail, onBusy, onEntered, onStarted }: StagesProps): ReactElement {
  const isThere = useFleet((state) => detail.instanceId !== null && state.byId.has(detail.instanceId));
  const ownId = isThere ? (detail.instanceId ?? '') : '';
  const [form, setForm] = useState<RestoreForm>({
    targetId: ownId, part: null, typed: {}, accounts: 'none', asStandby: false, moment: { way: 'backup', logOf: ownId, gtid: '' },
  });
  const [passphrase, setPassphrase] = useState('');
  const [stage, setStage] = useState<Stage>({ at: 'choice' });
  switch (stage.at) {
    case 'choice':
      return (
        <RestoreChoice
          detail={detail} form={form} passphrase={passphrase}
          onChange={(next) => {
            onEntered();
            setForm(next);
          }}
          onPassphrase={(next) => {
            onEntered();
            setPassphrase(next);
          }}
          onReview={(order) => setStage({ at: 'plan', order })} />
      );
    case 'plan':
      return (
        <RestorePlanning
          order={stage.order} passphrase={detail.encrypted ? passphrase : null} onBusy={onBusy} onBack={() => setStage({ at: 'choice' })}
          onStarted={(taskId) => {
            onStarted();
            setStage({ at: 'run', taskId, targetId: stage.order.targetId });
          }}
        />
      );
    case 'run':
      return <RestoreRun taskId={stage.taskId} targetId={stage.targetId} />;
    default:
      return stage satisfies never;
  }
}
