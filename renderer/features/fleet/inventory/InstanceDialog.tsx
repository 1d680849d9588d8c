import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import type { Instance } from '../../../../shared/domain/fleet/instance';
import type { CallError } from '../../../api';
import { loadFleet, putInstance, useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import type { DialogProps } from '../../../stores/registry';
import { closeDialog, openInstance } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { ConnectionTestPanel, useConnectionTest } from './ConnectionTestPanel';
import { InstanceFields } from './InstanceFields';
import { seenFrom } from './seen-from';
import { checkForm, emptyForm, formOf, needsPassword, withoutFields } from './instance-form';
import type { FieldErrors, FormField, FormValues } from './instance-form';
import { saveInstance } from './save-instance';
import classes from './InstanceDialog.module.css';

/** What decides where a password goes. */
const reached: readonly string[] = ['host', 'port', 'tls', 'ca'];

interface FormProps {
  readonly title: string;
  readonly initial: FormValues;
  /** The instance that is edited; null: a new one. */
  readonly instance: Instance | null;
  readonly onSaved: (id: string) => void;
}

function Form({ title, initial, instance, onSaved }: FormProps): ReactElement {
  const t = useText();
  const instanceId = instance?.id ?? null;
  const instances = useFleet((state) => state.instances);
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<CallError | null>(null);
  const test = useConnectionTest(instanceId);
  const form = useRef<HTMLFormElement>(null);

  const change = (next: Partial<FormValues>): void => {
    setValues((current) => ({ ...current, ...next }));
    // What was said of a field is withdrawn as it changes; it is checked again before anything is sent.
    const fields = Object.keys(next);
    // Whether the password may stay depends on address and encryption.
    setErrors((current) => withoutFields(current, fields.some((field) => reached.includes(field)) ? [...fields, 'password'] : fields));
  };
  const check = (ignored: readonly FormField[] = []): boolean => {
    const otherNames = instances.filter((other) => other.instance.id !== instanceId).map((other) => other.instance.name);
    const found = withoutFields(checkForm(values, otherNames, instance), ignored);
    setErrors(found);
    if (Object.keys(found).length === 0) return true;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return false;
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || !check()) return;
    test.stop();
    setBusy(true);
    setFailure(null);
    const saved = await saveInstance(values, instanceId);
    setBusy(false);
    if (saved.ok) {
      putInstance(saved.value);
      onSaved(saved.value.instance.id);
    } else {
      setFailure(saved.error);
    }
    void loadFleet();
  };
  const close = (): void => {
    test.stop();
    closeDialog();
  };
  // A test needs neither name nor place.
  const runTest = (): void => {
    if (check(['name', 'region', 'project'])) void test.run(values);
  };

  return (
    <FormModal title={title} size={900} dirty={JSON.stringify(values) !== JSON.stringify(initial)} onClose={close}>
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <div className={classes.columns}>
          <InstanceFields
            values={values}
            errors={errors}
            editing={instance !== null}
            passwordStays={!needsPassword(values, instance)}
            seenFrom={seenFrom(instances, instance)}
            onChange={change}
          />
          <div className={classes.side}>
            <ConnectionTestPanel state={test.state} onTest={runTest} onStop={test.stop} />
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
    </FormModal>
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
      instance={null}
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
  return <Form title={t('fleet.form.edit-title', { name: view.instance.name })} initial={initial} instance={view.instance} onSaved={closeDialog} />;
}
