import { Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { TransferPlan, TransferRecord } from '../../../shared/domain/operations/transfer/transfer';
import { api } from '../../api';
import type { Result } from '../../api';
import { useAct } from '../../stores/act';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { closeDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Fold } from '../../ui/Fold';
import { FormModal } from '../../ui/FormModal';
import { TimeText } from '../../ui/TimeText';
import classes from './Operations.module.css';

const none = '';
const fresh = '+';

/** Transfer project: moves an instance, or several, and what follows them to another project; nothing changes on a server. */
export function TransferProject({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const projects = useFleet((state) => state.projects);
  const instances = useFleet((state) => state.instances);
  const { id } = view.instance;
  const movable = instances.filter(({ instance, role }) => instance.id !== id && (role === 'primary' || role === 'stand-alone'));
  const [target, setTarget] = useState(view.instance.projectId ?? none);
  const [name, setName] = useState('');
  const [also, setAlso] = useState<readonly string[]>([]);
  const { busy, error, act } = useAct<'transfer'>();
  const instanceIds = [id, ...also];
  const plan = usePlan(instanceIds, target);

  const transfer = async (): Promise<Result<unknown>> => {
    let projectId: string | null = target === none ? null : target;
    if (target === fresh) {
      const added = await api.fleet.addProject({ name: name.trim() });
      if (!added.ok) return added;
      projectId = added.value.id;
    }
    return api.transfer.execute({ instanceIds, projectId });
  };
  const moves = plan?.moves ?? [];

  return (
    <FormModal title={t('operations.transfer.title', { name: view.instance.name })} size={520} busy={busy !== null} dirty={name.trim() !== '' || also.length > 0} onClose={closeDialog}>
      <div className={classes.form}>
        <Select
          label={t('operations.transfer.project')}
          value={target}
          onChange={(value) => setTarget(value ?? none)}
          data={[{ value: none, label: t('common.no-project') }, ...projects.map((project) => ({ value: project.id, label: project.name })), { value: fresh, label: t('operations.transfer.new') }]}
        />
        {target === fresh ? <TextInput label={t('operations.transfer.new-name')} value={name} maxLength={64} onChange={(event) => setName(event.currentTarget.value)} data-autofocus /> : null}
        {movable.length === 0 ? null : (
          <MultiSelect
            label={t('transfer.also')} placeholder={also.length === 0 ? t('transfer.also.none') : ''} searchable clearable value={[...also]} onChange={setAlso}
            data={movable.map(({ instance }) => ({ value: instance.id, label: instance.name }))}
          />
        )}
        <div role="status">
          <p className={classes.moves}>{t('transfer.moves')}</p>
          {moves.length === 0 ? <p className={classes.note}>{t('transfer.nothing')}</p> : (
            <ul className={classes.movelist}>
              {moves.map((move) => (
                <li key={move.instanceId}>{move.name}{move.follows === null ? null : <span className={classes.text}> {t('transfer.follows', { name: move.follows })}</span>}</li>
              ))}
            </ul>
          )}
        </div>
        <p className={classes.note}>{t('operations.transfer.follows', { n: moves.filter(({ follows }) => follows !== null).length })}</p>
        {error === null ? null : <ErrorNotice error={error} />}
        <Transfers />
      </div>
      <div className={classes.foot}>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy !== null} disabled={moves.length === 0 || (target === fresh && name.trim() === '')} onClick={() => void act('transfer', transfer, closeDialog)}>
          {t('operations.transfer.confirm')}
        </Button>
      </div>
    </FormModal>
  );
}

/** What a transfer of these would move; a project that is made with it is empty before. Null: not known yet. */
function usePlan(instanceIds: readonly string[], target: string): TransferPlan | null {
  const [plan, setPlan] = useState<TransferPlan | null>(null);
  const key = instanceIds.join(' ');
  useEffect(() => {
    const stop = new AbortController();
    const projectId = target === none ? null : target === fresh ? 'new' : target;
    void api.transfer.plan({ instanceIds: key.split(' '), projectId }, { signal: stop.signal }).then((answer) => {
      if (!stop.signal.aborted) setPlan(answer.ok ? answer.value : null);
    });
    return () => stop.abort();
  }, [key, target]);
  return plan;
}

/** The transfers that were made, each with what takes it back. */
function Transfers(): ReactElement | null {
  const t = useText();
  const [turn, setTurn] = useState(0);
  const [made, setMade] = useState<readonly TransferRecord[]>([]);
  const { busy, error, act } = useAct<'undo'>();
  useEffect(() => {
    let gone = false;
    void api.transfer.history().then((answer) => {
      if (!gone && answer.ok) setMade(answer.value);
    });
    return () => void (gone = true);
  }, [turn]);
  if (made.length === 0) return null;
  return (
    <Fold title={t('transfer.history')}>
      <ul className={classes.transfers}>
        {made.slice(0, 20).map(({ id, at, toName, moves, undoneAt }) => (
          <li key={id}>
            <span className={classes.when}><TimeText at={at} /></span>
            <span className={classes.grow}>{t('transfer.history.to', { project: toName ?? t('common.no-project'), names: moves.map(({ name }) => name).join(', ') })}</span>
            {undoneAt === null
              ? <Button size="compact-xs" loading={busy !== null} onClick={() => void act('undo', () => api.transfer.undo({ id }), () => setTurn((one) => one + 1))}>{t('transfer.undo')}</Button>
              : <span className={classes.when}>{t('transfer.history.undone')}</span>}
          </li>
        ))}
      </ul>
      {error === null ? null : <ErrorNotice error={error} />}
    </Fold>
  );
}
