import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { localReplicaObstacleOf } from '../../../../shared/domain/analysis/obstacle';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { InstanceSelect } from '../../../ui/InstanceSelect';
import { maxNameLength, proposedName, type WizardStepProps } from './wizard';
import classes from '../dialog.module.css';

/** Step 1: the task's name, the source and the standby-to-be. */
export function WizardEnds({ draft, change }: WizardStepProps): ReactElement {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const choose = (ends: { sourceId: string; standbyId: string }): void => {
    const proposed = ({ sourceId, standbyId }: typeof ends): string => proposedName(byId.get(sourceId)?.instance.name, byId.get(standbyId)?.instance.name);
    // A name that the user wrote stays; one that was proposed follows the choice.
    const name = draft.name === '' || draft.name === proposed(draft) ? proposed(ends) : draft.name;
    change({ ...ends, name, report: null, proposal: null, erase: false, eraseWord: '' });
  };
  return (
    <>
      <div className={classes.pair}>
        <InstanceSelect
          label={t('sync.wizard.source')}
          value={draft.sourceId}
          onChange={(sourceId) => choose({ sourceId, standbyId: draft.standbyId })}
          allow={(view) => view.standbyObstacle === null || localReplicaObstacleOf(view) === null}
        />
        <InstanceSelect
          label={t('sync.wizard.standby')}
          value={draft.standbyId}
          onChange={(standbyId) => choose({ sourceId: draft.sourceId, standbyId })}
          allow={(view) => view.instance.id !== draft.sourceId && view.protectedBy.length === 0}
          error={draft.sourceId !== '' && draft.sourceId === draft.standbyId ? t('sync.wizard.same') : null}
        />
      </div>
      <p className={classes.note}>{t('sync.add.target-hint')}</p>
      <TextInput label={t('sync.wizard.name')} value={draft.name} maxLength={maxNameLength} onChange={(event) => change({ name: event.currentTarget.value })} data-autofocus />
    </>
  );
}
