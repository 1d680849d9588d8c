import type { Instance, InstanceForm, TlsMode } from '../../../../shared/domain/fleet/instance';
import { accountHostProblem, longestAccountHost } from '../../../../shared/domain/fleet/login-hosts';
import { mayGoTo, trustOf } from '../../../../shared/domain/fleet/trust';
import type { MessageKey } from '../../../../shared/i18n/en';
import type { MessageParams } from '../../../../shared/i18n/message';
import type { InstancePrefill } from '../../../stores/ui';

/** A region or project in the form: an existing one, a new one by name, or (projects) none. */
export type GroupChoice = { readonly kind: 'existing'; readonly id: string } | { readonly kind: 'new'; readonly name: string } | { readonly kind: 'none' };

/** What the user typed, as typed; numbers stay text until they are checked. */
export interface FormValues {
  readonly name: string;
  readonly region: GroupChoice;
  readonly project: GroupChoice;
  readonly host: string;
  readonly port: string;
  readonly replicationDiffers: boolean;
  readonly replicationHost: string;
  readonly replicationPort: string;
  /** Empty: from anywhere. */
  readonly connectsFrom: string;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsMode;
  readonly ca: string | null;
  readonly owner: string;
  readonly hourlyCost: string;
  readonly note: string;
}

export type FormField = keyof FormValues;
export type FieldErrors = { readonly [Field in FormField]?: { readonly key: MessageKey; readonly params?: MessageParams } };

/** The form of a new instance: port 3306, TLS verified. */
export function emptyForm(prefill: InstancePrefill, firstRegionId: string | null): FormValues {
  const regionId = prefill.regionId ?? firstRegionId;
  return {
    name: prefill.name ?? '',
    region: regionId === null ? { kind: 'new', name: '' } : { kind: 'existing', id: regionId },
    project: prefill.projectId == null ? { kind: 'none' } : { kind: 'existing', id: prefill.projectId },
    host: prefill.admin?.host ?? '',
    port: String(prefill.admin?.port ?? 3306),
    replicationDiffers: false,
    replicationHost: '',
    replicationPort: '3306',
    connectsFrom: '',
    user: '',
    password: '',
    tls: 'verify',
    ca: null,
    owner: '',
    hourlyCost: '',
    note: '',
  };
}

/** The form of an instance that exists; the password is never known here. */
export function formOf(instance: Instance): FormValues {
  return {
    name: instance.name,
    region: { kind: 'existing', id: instance.regionId },
    project: instance.projectId === null ? { kind: 'none' } : { kind: 'existing', id: instance.projectId },
    host: instance.admin.host,
    port: String(instance.admin.port),
    replicationDiffers: instance.replication !== null,
    replicationHost: instance.replication?.host ?? '',
    replicationPort: String(instance.replication?.port ?? instance.admin.port),
    connectsFrom: instance.connectsFrom ?? '',
    user: instance.user,
    password: '',
    tls: instance.tls.mode,
    ca: instance.tls.ca,
    owner: instance.note.owner,
    hourlyCost: instance.note.hourlyCost,
    note: instance.note.text,
  };
}

const hostPattern = /^[A-Za-z0-9._:%-]+$/;

const badCaller = { characters: 'fleet.form.bad-caller', mask: 'fleet.form.bad-mask' } as const;

function portOf(text: string): number | null {
  if (!/^\d{1,5}$/.test(text.trim())) return null;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : null;
}

/** Whether the password that is kept for an instance is not for what the form says now, and has to be typed again. */
export function needsPassword(values: FormValues, registered: Pick<Instance, 'admin' | 'tls'> | null): boolean {
  if (registered === null || values.password !== '' || portOf(values.port) === null) return false;
  return !mayGoTo(trustOf(registered), trustOf(toInstanceForm(values, '', null)));
}

/** What is wrong, by field, before anything is sent. `otherNames`: names of the other instances, taken; `registered`: the one that is edited. */
export function checkForm(values: FormValues, otherNames: readonly string[], registered: Pick<Instance, 'admin' | 'tls'> | null = null): FieldErrors {
  const errors: { [Field in FormField]?: { key: MessageKey; params?: MessageParams } } = {};
  const needed = { key: 'fleet.form.required' } as const;
  const long = (n: number): { key: MessageKey; params: MessageParams } => ({ key: 'fleet.form.too-long', params: { n } });
  const name = values.name.trim();
  if (name === '') errors.name = needed;
  else if (name.length > 64) errors.name = long(64);
  else if (otherNames.some((other) => other.toLowerCase() === name.toLowerCase())) errors.name = { key: 'fleet.form.name-taken' };
  if (values.region.kind === 'none' || (values.region.kind === 'new' && values.region.name.trim() === '')) errors.region = needed;
  if (values.project.kind === 'new' && values.project.name.trim() === '') errors.project = needed;
  if (values.host.trim() === '') errors.host = needed;
  else if (!hostPattern.test(values.host.trim())) errors.host = { key: 'fleet.form.bad-host' };
  if (portOf(values.port) === null) errors.port = { key: 'fleet.form.bad-port' };
  if (values.replicationDiffers) {
    if (values.replicationHost.trim() === '') errors.replicationHost = needed;
    else if (!hostPattern.test(values.replicationHost.trim())) errors.replicationHost = { key: 'fleet.form.bad-host' };
    if (portOf(values.replicationPort) === null) errors.replicationPort = { key: 'fleet.form.bad-port' };
  }
  const connectsFrom = accountHostProblem(values.connectsFrom.trim());
  if (connectsFrom !== null && connectsFrom !== 'empty') errors.connectsFrom = connectsFrom === 'long' ? long(longestAccountHost) : { key: badCaller[connectsFrom] };
  if (values.user === '') errors.user = needed;
  else if (values.user.length > 32) errors.user = long(32);
  if (needsPassword(values, registered)) errors.password = { key: 'fleet.form.password-again' };
  if (values.owner.length > 200) errors.owner = long(200);
  if (values.hourlyCost.length > 64) errors.hourlyCost = long(64);
  if (values.note.length > 4000) errors.note = long(4000);
  return errors;
}

/** What is sent, from values that passed {@link checkForm}. Region and project are ids by now. */
export function toInstanceForm(values: FormValues, regionId: string, projectId: string | null): InstanceForm {
  return {
    name: values.name.trim(),
    regionId,
    projectId,
    admin: { host: values.host.trim(), port: portOf(values.port) ?? 0 },
    replication: values.replicationDiffers ? { host: values.replicationHost.trim(), port: portOf(values.replicationPort) ?? 0 } : null,
    ...(values.connectsFrom.trim() === '' ? {} : { connectsFrom: values.connectsFrom.trim() }),
    user: values.user,
    tls: { mode: values.tls, ca: values.tls === 'off' ? null : values.ca },
    note: { owner: values.owner.trim(), hourlyCost: values.hourlyCost.trim(), text: values.note },
  };
}

/** What a connection test is sent. It needs neither name nor place; the contract wants them, so stand-ins go along and are used for nothing. */
export function toTestForm(values: FormValues): InstanceForm {
  const { name, host, region, project } = values;
  return toInstanceForm(
    { ...values, name: name.trim() === '' ? host.trim().slice(0, 64) : name },
    region.kind === 'existing' ? region.id : 'new',
    project.kind === 'existing' ? project.id : null,
  );
}

/** The errors of all other fields. */
export function withoutFields(errors: FieldErrors, fields: readonly string[]): FieldErrors {
  return Object.fromEntries(Object.entries(errors).filter(([field]) => !fields.includes(field)));
}

/** Whether a text holds a PEM certificate. */
export function isPem(text: string): boolean {
  return /-----BEGIN (TRUSTED )?CERTIFICATE-----[\s\S]+-----END (TRUSTED )?CERTIFICATE-----/.test(text);
}
