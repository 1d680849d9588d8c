import { Button, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { TransferPlan } from '../../../../shared/domain/operations/transfer/transfer';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { loadFleet, useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { choose } from '../../../stores/lists';
import { withAll } from '../../../stores/selection';
import { closeDialog } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { useMany } from '../../../ui/many';
import { ManyResults } from '../../../ui/ManyResults';
import { alongWith, transferParts } from './transfer-parts';
import classes from './ManyDialog.module.css';

const none = '';
const fresh = '+';

interface AskedPlan {
  readonly plan: TransferPlan | null;
  readonly error: CallError | null;
}

/** What a transfer of these would move, and what went wrong when it was asked for. */
function usePlan(instanceIds: readonly string[], target: string | null): AskedPlan {
  const [known, setKnown] = useState<AskedPlan & { readonly of: string | null }>({ of: null, plan: null, error: null });
  useEffect(() => {
    if (target === null) return undefined;
    const stop = new AbortController();
    const projectId = target === none ? null : target === fresh ? 'new' : target;
    void api.transfer.plan({ instanceIds: [...instanceIds], projectId }, { signal: stop.signal }).then((answer) => {
      if (!stop.signal.aborted) setKnown({ of: target, ...(answer.ok ? { plan: answer.value, error: null } : { plan: null, error: answer.error }) });
    });
    return () => stop.abort();
  }, [instanceIds, target]);
  // One of another project is not what would be done; once it is done, nothing else is asked for.
  return target === null || known.of === target ? known : { plan: null, error: null };
}

/**
 * Moves many instances to a project, each by itself with what follows it: one that is refused keeps none of the others. What came of each
 * stays to be read; those that were refused stay chosen.
 */
export function TransferManyDialog({ dialog: { instanceIds } }: DialogProps<'transfer-many'>): ReactElement {
  const t = useText();
  const projects = useFleet((state) => state.projects);
  const [names] = useState(() => new Map(instanceIds.map((id) => [id, useFleet.getState().byId.get(id)?.instance.name ?? id])));
  const [target, setTarget] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [error, setError] = useState<CallError | null>(null);
  const [making, setMaking] = useState(false);
  const { outcomes, busy: running, run, stop } = useMany();
  const busy = running || making;
  const isOver = outcomes.size > 0 && !busy;
  const { plan, error: planError } = usePlan(instanceIds, outcomes.size > 0 ? null : target);
  const { heads, left } = transferParts(plan, instanceIds, names);
  const leftLines = left.map(({ id, name: of, reason, headId }) => {
    const came = headId === undefined ? null : alongWith(outcomes.get(headId));
    return { id, name: of, reason: t(came ?? reason) };
  });

  const transfer = async (): Promise<void> => {
    setError(null);
    let projectId = target === none ? null : target;
    if (target === fresh) {
      setMaking(true);
      const added = await api.fleet.addProject({ name: name.trim() });
      setMaking(false);
      if (!added.ok) return setError(added.error);
      projectId = added.value.id;
    }
    const found = await run(heads.map(({ id }) => id), (id) => api.transfer.execute({ instanceIds: [id], projectId }));
    const done = [...found].flatMap(([id, { kind }]) => (kind === 'done' ? [id] : []));
    // A project that was made for them and that none came to goes again.
    if (target === fresh && projectId !== null && done.length === 0) {
      const removed = await api.fleet.removeProject({ id: projectId });
      if (!removed.ok) setError(removed.error);
    }
    const along = left.flatMap(({ id, headId }) => (headId !== undefined && found.get(headId)?.kind === 'done' ? [id] : []));
    choose('fleet', (before) => withAll(before, [...done, ...along], false));
    void loadFleet();
  };
  const shown = error ?? planError;
  const nameless = target === fresh && name.trim() === '';
  return (
    <FormModal title={t('fleet.many.transfer.title', { n: instanceIds.length })} size={620} busy={busy} dirty={name.trim() !== '' && outcomes.size === 0} onClose={closeDialog}>
      <div className={classes.form}>
        <Select
          label={t('operations.transfer.project')} value={target} onChange={setTarget} disabled={outcomes.size > 0} searchable data-autofocus
          data={[{ value: none, label: t('common.no-project') }, ...projects.map((one) => ({ value: one.id, label: one.name })), { value: fresh, label: t('operations.transfer.new') }]}
        />
        {target === fresh ? (
          <TextInput label={t('operations.transfer.new-name')} value={name} maxLength={64} disabled={outcomes.size > 0} onChange={(event) => setName(event.currentTarget.value)} />
        ) : null}
        {plan === null ? null : (
          <ManyResults
            title={t('fleet.many.transfer.moves', { n: heads.length })} outcomes={outcomes} left={leftLines}
            items={heads.map(({ id, name: of, followers }) => ({ id, name: of, note: followers === 0 ? undefined : t('fleet.many.transfer.with', { n: followers }) }))}
          />
        )}
        <p className={classes.note}>{t('fleet.many.transfer.each')}</p>
        {shown === null ? null : <ErrorNotice error={shown} />}
      </div>
      <DialogFoot apart>
        {running ? <Button onClick={stop}>{t('common.many.stop')}</Button> : (
          <Button onClick={closeDialog} disabled={making} {...(isOver ? { variant: 'filled' } : {})}>{t(isOver ? 'common.close' : 'common.cancel')}</Button>
        )}
        {isOver ? null : (
          <Button variant="filled" loading={busy} disabled={heads.length === 0 || nameless} onClick={() => void transfer()}>
            {t('fleet.many.transfer.confirm', { n: heads.length })}
          </Button>
        )}
      </DialogFoot>
    </FormModal>
  );
}
