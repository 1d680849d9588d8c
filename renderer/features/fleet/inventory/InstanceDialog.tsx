import { Button, Modal } from '@mantine/core';
import { useRef, useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import type { DialogProps } from '../../../stores/registry';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { loadFleet, putInstance, useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { closeDialog, openInstance } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { ConnectionTestPanel } from './ConnectionTestPanel';
import type { TestState } from './ConnectionTestPanel';
import { InstanceFields } from './InstanceFields';
import { checkForm, emptyForm, formOf, toInstanceForm } from './instance-form';
import type { FieldErrors, FormField, FormValues, GroupChoice } from './instance-form';
import classes from './InstanceDialog.module.css';

type Saved = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly error: CallError };

async function idOf(kind: 'region' | 'project', choice: GroupChoice): Promise<{ ok: true; id: string | null } | { ok: false; error: CallError }> {
  if (choice.kind === 'none') return { ok: true, id: null };
  if (choice.kind === 'existing') return { ok: true, id: choice.id };
  const name = choice.name.trim();
  const answer = kind === 'region' ? await api.fleet.addRegion({ name }) : await api.fleet.addProject({ name });
  return answer.ok ? { ok: true, id: answer.value.id } : answer;
}

/** An instance that was refused leaves nothing behind: a region or project that was made for it goes again. */
async function takeBack(kind: 'region' | 'project', choice: GroupChoice, id: string | null): Promise<void> {
  if (choice.kind !== 'new' || id === null) return;
  // Where somebody else has put an instance into it meanwhile, it is not empty and stays.
  await (kind === 'region' ? api.fleet.removeRegion({ id }) : api.fleet.removeProject({ id }));
}

function Form({
  title, initial, instanceId, onSaved,
}: {
  title: string;
  initial: FormValues;
  instanceId: string | null;
  onSaved: (id: string) => void;
}): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [test, setTest] = useState<TestState>({ kind: 'idle' });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<CallError | null>(null);
  const testing = useRef<AbortController | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const change = (next: Partial<FormValues>): void => {
    setValues((current) => ({ ...current, ...next }));
    // What was said of a field is withdrawn as it changes; it is checked again before anything is sent.
    setErrors((current) => Object.fromEntries(Object.entries(current).filter(([field]) => !(field in next))));
  };
  const check = (ignore: readonly FormField[] = []): boolean => {
    const otherNames = instances.filter(({ instance }) => instance.id !== instanceId).map(({ instance }) => instance.name);
    const found = Object.fromEntries(Object.entries(checkForm(values, otherNames)).filter(([field]) => !ignore.includes(field as FormField))) as FieldErrors;
    setErrors(found);
    const first = Object.keys(found)[0];
    if (first === undefined) return true;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return false;
  };

  const runTest = async (): Promise<void> => {
    // A test needs neither name nor place; the contract wants them, so stand-ins go along and are used for nothing.
    if (!check(['name', 'region', 'project'])) return;
    const aborter = new AbortController();
    testing.current = aborter;
    setTest({ kind: 'running' });
    const { region, project } = values;
    const sent = toInstanceForm({ ...values, name: values.name.trim() === '' ? values.host.trim().slice(0, 64) : values.name }, region.kind === 'existing' ? region.id : 'new', project.kind === 'existing' ? project.id : null);
    const password = instanceId !== null && values.password === '' ? {} : { password: values.password };
    const answer = await api.fleet.testConnection({ form: sent, ...password, ...(instanceId === null ? {} : { instanceId }) }, { signal: aborter.signal });
    if (testing.current !== aborter) return;
    testing.current = null;
    setTest(answer.ok ? { kind: 'done', test: answer.value } : answer.error.code === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', error: answer.error });
  };

  const save = async (): Promise<Saved> => {
    const region = await idOf('region', values.region);
    if (!region.ok) return region;
    const project = await idOf('project', values.project);
    if (!project.ok) {
      await takeBack('region', values.region, region.id);
      return project;
    }
    const sent = toInstanceForm(values, region.id ?? '', project.id);
    const answer =
      instanceId === null
        ? await api.fleet.addInstance({ form: sent, password: values.password })
        : await api.fleet.updateInstance({ id: instanceId, form: sent, ...(values.password === '' ? {} : { password: values.password }) });
    if (!answer.ok) {
      await takeBack('region', values.region, region.id);
      await takeBack('project', values.project, project.id);
      return answer;
    }
    putInstance(answer.value);
    return { ok: true, id: answer.value.instance.id };
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || !check()) return;
    testing.current?.abort();
    setBusy(true);
    setFailure(null);
    const saved = await save();
    setBusy(false);
    if (saved.ok) onSaved(saved.id);
    else setFailure(saved.error);
    void loadFleet();
  };
  const close = (): void => {
    testing.current?.abort();
    closeDialog();
  };

  return (
    <Modal opened onClose={close} title={title} size={900} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <div className={classes.columns}>
          <InstanceFields values={values} errors={errors} editing={instanceId !== null} onChange={change} />
          <div className={classes.side}>
            <ConnectionTestPanel state={test} onTest={() => void runTest()} onStop={() => testing.current?.abort()} />
          </div>
        </div>
        {failure === null ? null : <ErrorNotice error={failure} />}
        <div className={classes.foot}>
          <Button onClick={close}>{t('common.cancel')}</Button>
          <Button type="submit" variant="filled" loading={busy}>
            {t(instanceId === null ? 'common.add' : 'common.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Registers a server. Adding only reads from it. */
export function AddInstanceDialog({ dialog }: DialogProps<'add-instance'>): ReactElement {
  const t = useText();
  const firstRegionId = useFleet((state) => state.regions[0]?.id ?? null);
  const [initial] = useState(() => emptyForm(dialog.prefill, firstRegionId));
  return (
    <Form
      title={t('fleet.form.add-title')}
      initial={initial}
      instanceId={null}
      onSaved={(id) => {
        closeDialog();
        openInstance(id);
      }}
    />
  );
}

/** Changes how an instance is reached and what is noted about it. */
export function EditInstanceDialog({ dialog }: DialogProps<'edit-instance'>): ReactElement | null {
  const t = useText();
  const view = useInstance(dialog.instanceId);
  const [initial] = useState(() => (view === undefined ? null : formOf(view.instance)));
  if (view === undefined || initial === null) return null;
  return <Form title={t('fleet.form.edit-title', { name: view.instance.name })} initial={initial} instanceId={dialog.instanceId} onSaved={closeDialog} />;
}
