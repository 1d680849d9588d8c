import { Button, Radio } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { DialogProps } from '../../../stores/registry';
import { api } from '../../../api';
import { loadFleet, useFleet, useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { closeDialog, go, openInstance, useUi } from '../../../stores/ui';
import type { BeforeAfterRow } from '../../../ui/BeforeAfterTable';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import classes from './RemoveInstanceDialog.module.css';

/**
 * Takes an instance off the inventory. A primary with standbys asks first: switch to a standby, or dissolve the relation;
 * closing cancels.
 */
export function RemoveInstanceDialog({ dialog }: DialogProps<'remove-instance'>): ReactElement | null {
  const t = useText();
  const view = useInstance(dialog.instanceId);
  const instances = useFleet((state) => state.instances);
  const region = useRegionName(view?.instance.regionId ?? '');
  const [choice, setChoice] = useState<'promote' | 'dissolve'>('promote');
  if (view === undefined) return null;
  const { instance } = view;
  const followers = instances.filter((other) => other.sourceId === instance.id);
  const standbys = followers.filter((other) => other.role === 'standby');
  const asks = followers.length > 0;
  const promote = standbys.length > 0 && choice === 'promote';
  const rows: BeforeAfterRow[] = [
    { what: t('fleet.remove.row.inventory'), before: t('fleet.remove.listed'), after: t('fleet.remove.not-listed') },
    { what: t('fleet.remove.row.server'), before: t('fleet.remove.runs'), after: t('fleet.remove.runs') },
    ...(asks ? [{ what: t('fleet.remove.row.links'), before: followers.map((other) => other.instance.name).join(', '), after: t('fleet.remove.unwatched') }] : []),
  ];
  return (
    <GuardedActionDialog
      title={t('fleet.remove.title')}
      subject={t('common.confirm-what', { name: instance.name, region })}
      beforeAfter={promote ? [] : rows}
      phrase={promote ? null : instance.name}
      confirmLabel={t('common.remove')}
      blocked={promote}
      safe={t('fleet.remove.safe')}
      onClose={closeDialog}
      onConfirm={async (phrase) => {
        const answer = await api.fleet.removeInstance({ id: instance.id, phrase, dissolve: asks });
        if (!answer.ok) return answer.error;
        const { page } = useUi.getState();
        if ((page.id === 'instance' || page.id === 'dependencies') && page.instanceId === instance.id) go({ id: 'fleet' });
        closeDialog();
        void loadFleet();
        return null;
      }}
    >
      {asks ? (
        <Radio.Group value={promote ? 'promote' : 'dissolve'} onChange={(value) => setChoice(value === 'dissolve' ? 'dissolve' : 'promote')} label={t('fleet.remove.has-standbys', { name: instance.name, n: followers.length, names: followers.map((other) => other.instance.name).join(', ') })}>
          <div className={classes.choices}>
            <Radio value="promote" label={t('fleet.remove.promote')} description={t('fleet.remove.promote-text')} disabled={standbys.length === 0} />
            {promote ? (
              <div className={classes.targets}>
                {standbys.map((other) => (
                  <Button
                    key={other.instance.id}
                    onClick={() => {
                      closeDialog();
                      openInstance(other.instance.id);
                    }}
                  >
                    {t('fleet.remove.promote-to', { name: other.instance.name })}
                  </Button>
                ))}
              </div>
            ) : null}
            <Radio value="dissolve" label={t('fleet.remove.dissolve')} description={t('fleet.remove.dissolve-text')} />
          </div>
        </Radio.Group>
      ) : null}
      {promote ? null : <p>{t('fleet.remove.text')}</p>}
    </GuardedActionDialog>
  );
}
