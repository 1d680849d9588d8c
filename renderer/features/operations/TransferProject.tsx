import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { api } from '../../api';
import type { Result } from '../../api';
import { useAct } from '../../stores/act';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { closeDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { FormModal } from '../../ui/FormModal';
import classes from './Operations.module.css';

const none = '';
const fresh = '+';

/** Transfer project: moves an instance and what follows it to another project; nothing changes on a server. */
export function TransferProject({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const projects = useFleet((state) => state.projects);
  const followers = useFleet((state) => state.instances.filter((other) => other.sourceId === view.instance.id).length);
  const [target, setTarget] = useState(view.instance.projectId ?? none);
  const [name, setName] = useState('');
  const { busy, error, act } = useAct<'transfer'>();
  const { id } = view.instance;

  const transfer = async (): Promise<Result<unknown>> => {
    let projectId: string | null = target === none ? null : target;
    if (target === fresh) {
      const added = await api.fleet.addProject({ name: name.trim() });
      if (!added.ok) return added;
      projectId = added.value.id;
    }
    return api.operations.run({ instanceId: id, operation: 'transfer-project', input: { projectId } });
  };

  return (
    <FormModal title={t('operations.transfer.title', { name: view.instance.name })} size={460} busy={busy !== null} dirty={name.trim() !== ''} onClose={closeDialog}>
      <div className={classes.form}>
        <Select
          label={t('operations.transfer.project')}
          value={target}
          onChange={(value) => setTarget(value ?? none)}
          data={[{ value: none, label: t('common.no-project') }, ...projects.map((project) => ({ value: project.id, label: project.name })), { value: fresh, label: t('operations.transfer.new') }]}
        />
        {target === fresh ? <TextInput label={t('operations.transfer.new-name')} value={name} maxLength={64} onChange={(event) => setName(event.currentTarget.value)} data-autofocus /> : null}
        <p className={classes.note}>{t('operations.transfer.follows', { n: followers })}</p>
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <div className={classes.foot}>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy !== null} disabled={target === (view.instance.projectId ?? none) || (target === fresh && name.trim() === '')} onClick={() => void act('transfer', transfer, closeDialog)}>
          {t('operations.transfer.confirm')}
        </Button>
      </div>
    </FormModal>
  );
}
