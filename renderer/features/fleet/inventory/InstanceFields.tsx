import { Anchor, Button, Checkbox, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { tlsModes } from '../../../../shared/domain/fleet/instance';
import type { TlsMode } from '../../../../shared/domain/fleet/instance';
import { api } from '../../../api';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useSettings } from '../../../stores/settings';
import { errorText } from '../../../ui/ErrorNotice';
import { StatusIcon } from '../../../ui/StatusBadge';
import { GroupSelect } from './GroupSelect';
import { isPem } from './instance-form';
import type { FieldErrors, FormField, FormValues } from './instance-form';
import type { SeenFrom } from './seen-from';
import classes from './InstanceDialog.module.css';

interface FieldsProps {
  readonly values: FormValues;
  readonly errors: FieldErrors;
  /** An existing instance: its password is kept already. */
  readonly editing: boolean;
  /** The password that is kept is for what the form says; where it is not, it is asked for again. */
  readonly passwordStays: boolean;
  /** The address that another server sees it connect from; null: nobody does. */
  readonly seenFrom: SeenFrom | null;
  readonly onChange: (change: Partial<FormValues>) => void;
}

function useErrorOf(errors: FieldErrors): (field: FormField) => string | null {
  const t = useText();
  return (field) => {
    const error = errors[field];
    return error === undefined ? null : t(error.key, error.params);
  };
}

/** The CA file: chosen by a file dialog of the system, its text kept in the record. */
function CaFile({ ca, onChange }: { ca: string | null; onChange: (ca: string | null) => void }): ReactElement {
  const t = useText();
  const [problem, setProblem] = useState<string | null>(null);
  const [file, setFile] = useState<string | null>(null);
  const choose = async (): Promise<void> => {
    const answer = await api.app.openText({ extensions: ['pem', 'crt', 'cer'] });
    if (!answer.ok) {
      setProblem(errorText(t, answer.error));
      return;
    }
    if (answer.value === null) return;
    if (!isPem(answer.value.text)) {
      setProblem(t('fleet.form.ca.not-pem'));
      return;
    }
    setProblem(null);
    setFile(answer.value.path);
    onChange(answer.value.text);
  };
  return (
    <div className={classes.ca}>
      <span className={classes.caLabel}>{t('fleet.form.ca')}</span>
      <span>{ca === null ? t('fleet.form.ca.system') : (file ?? t('fleet.form.ca.own'))}</span>
      <Anchor component="button" type="button" size="xs" onClick={() => void choose()}>
        {t('fleet.form.ca.choose')}
      </Anchor>
      {ca === null ? null : (
        <Anchor component="button" type="button" size="xs" onClick={() => onChange(null)}>
          {t('fleet.form.ca.clear')}
        </Anchor>
      )}
      {problem === null ? null : (
        <span className={classes.warning} role="alert">
          <StatusIcon tone="bad" /> {problem}
        </span>
      )}
    </div>
  );
}

/** From where the server connects to others; offers what one of them sees. */
function Caller({ value, error, seenFrom, onChange }: {
  value: string; error: string | null; seenFrom: SeenFrom | null; onChange: (host: string) => void;
}): ReactElement {
  const t = useText();
  return (
    <div>
      <TextInput
        label={t('fleet.form.connects-from')}
        description={t('fleet.form.connects-from-help')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={t('fleet.form.connects-from-any')}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        spellCheck={false}
        autoComplete="off"
      />
      {seenFrom === null || value.trim() === seenFrom.host ? null : (
        <Anchor component="button" type="button" size="xs" onClick={() => onChange(seenFrom.host)}>
          {t('fleet.form.connects-from-seen', { host: seenFrom.host, by: seenFrom.by })}
        </Anchor>
      )}
    </div>
  );
}

function Connection({ values, errors, editing, passwordStays, onChange }: Omit<FieldsProps, 'seenFrom'>): ReactElement {
  const t = useText();
  const errorOf = useErrorOf(errors);
  const secrets = useSettings((state) => state.secrets);
  return (
    <>
      <h3 className={classes.heading}>{t('fleet.form.connection')}</h3>
      <div className={classes.address}>
        <TextInput label={t('fleet.form.host')} value={values.host} onChange={(event) => onChange({ host: event.currentTarget.value })} error={errorOf('host')} spellCheck={false} autoComplete="off" />
        <TextInput label={t('fleet.form.port')} value={values.port} onChange={(event) => onChange({ port: event.currentTarget.value })} error={errorOf('port')} inputMode="numeric" />
      </div>
      <Checkbox
        checked={values.replicationDiffers}
        onChange={(event) =>
          onChange({ replicationDiffers: event.currentTarget.checked, ...(event.currentTarget.checked ? { replicationPort: values.port } : {}) })
        }
        label={t('fleet.form.replication-differs')}
        description={t('fleet.form.replication-help')}
      />
      {values.replicationDiffers ? (
        <div className={classes.address}>
          <TextInput label={t('fleet.form.replication-host')} value={values.replicationHost} onChange={(event) => onChange({ replicationHost: event.currentTarget.value })} error={errorOf('replicationHost')} spellCheck={false} />
          <TextInput label={t('fleet.form.replication-port')} value={values.replicationPort} onChange={(event) => onChange({ replicationPort: event.currentTarget.value })} error={errorOf('replicationPort')} inputMode="numeric" />
        </div>
      ) : null}
      <div className={classes.pair}>
        <TextInput label={t('fleet.form.user')} value={values.user} onChange={(event) => onChange({ user: event.currentTarget.value })} error={errorOf('user')} spellCheck={false} autoComplete="off" />
        <PasswordInput
          label={t('fleet.form.password')}
          value={values.password}
          onChange={(event) => onChange({ password: event.currentTarget.value })}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('common.show') }}
          error={errorOf('password')}
          {...(editing ? { placeholder: t(passwordStays ? 'fleet.form.password-keep' : 'fleet.form.password-again') } : {})}
        />
      </div>
      {secrets === null ? null : secrets.tier === 'session' ? <p className={classes.hint}>{t('fleet.form.session-only')}</p> : secrets.locked ? <p className={classes.hint}>{t('fleet.form.vault-locked')}</p> : null}
      <Select label={t('fleet.form.tls')} value={values.tls} onChange={(value) => onChange({ tls: (value ?? 'verify') as TlsMode })} data={tlsModes.map((mode) => ({ value: mode, label: t(`fleet.tls.${mode}`) }))} />
      {values.tls === 'off' || values.tls === 'preferred' ? (
        <p className={classes.warning}>
          <StatusIcon tone="warn" /> {t(values.tls === 'off' ? 'fleet.form.tls.plain-warning' : 'fleet.form.tls.preferred-warning')}
        </p>
      ) : null}
      {values.tls === 'verify' || values.tls === 'verify-identity' ? <CaFile ca={values.ca} onChange={(ca) => onChange({ ca })} /> : null}
    </>
  );
}

/** Every field of an instance, errors at the field they belong to. */
export function InstanceFields({ values, errors, editing, passwordStays, seenFrom, onChange }: FieldsProps): ReactElement {
  const t = useText();
  const errorOf = useErrorOf(errors);
  const regions = useFleet((state) => state.regions);
  const projects = useFleet((state) => state.projects);
  const [more, setMore] = useState(values.connectsFrom !== '' || values.owner !== '' || values.hourlyCost !== '' || values.note !== '');
  return (
    <div className={classes.fields}>
      <h3 className={classes.heading}>{t('fleet.form.where')}</h3>
      <TextInput label={t('common.name')} value={values.name} onChange={(event) => onChange({ name: event.currentTarget.value })} error={errorOf('name')} data-autofocus spellCheck={false} autoComplete="off" />
      <div className={classes.pair}>
        <GroupSelect kind="region" choice={values.region} groups={regions} error={errorOf('region')} onChange={(region) => onChange({ region })} />
        <GroupSelect kind="project" choice={values.project} groups={projects} error={errorOf('project')} onChange={(project) => onChange({ project })} />
      </div>
      <Connection values={values} errors={errors} editing={editing} passwordStays={passwordStays} onChange={onChange} />
      {more ? (
        <>
          <Caller value={values.connectsFrom} error={errorOf('connectsFrom')} seenFrom={seenFrom} onChange={(connectsFrom) => onChange({ connectsFrom })} />
          <div className={classes.pair}>
            <TextInput label={t('fleet.form.owner')} value={values.owner} onChange={(event) => onChange({ owner: event.currentTarget.value })} error={errorOf('owner')} />
            <TextInput label={t('fleet.form.cost')} description={t('fleet.form.cost-help')} inputWrapperOrder={['label', 'input', 'description', 'error']} value={values.hourlyCost} onChange={(event) => onChange({ hourlyCost: event.currentTarget.value })} error={errorOf('hourlyCost')} />
          </div>
          <Textarea label={t('fleet.form.note')} value={values.note} onChange={(event) => onChange({ note: event.currentTarget.value })} error={errorOf('note')} rows={2} />
        </>
      ) : (
        <div>
          <Button variant="subtle" size="xs" onClick={() => setMore(true)}>
            {t('fleet.form.more')}
          </Button>
        </div>
      )}
    </div>
  );
}
