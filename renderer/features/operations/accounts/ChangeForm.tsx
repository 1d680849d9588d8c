import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { limitNames, requirements, type AccountChange, type AccountDetail, type AccountList, type AccountName, type Requirement } from '../../../../shared/domain/operations/accounts/change';
import { useText } from '../../../stores/language';
import type { FormProps, Wanted } from './forms';
import { RightsForm } from './RightsForm';
import classes from './accounts.module.css';

/** What has to be said for a change; nothing, where the account says it all. */
export function ChangeForm({ list, wanted, onChange }: FormProps & { readonly list: AccountList; readonly wanted: Wanted }): ReactElement | null {
  switch (wanted.kind) {
    case 'create':
      return <CreateForm list={list} onChange={onChange} />;
    case 'clone':
    case 'rename':
      return <NameForm wanted={wanted} onChange={onChange} />;
    case 'password':
      return list.abilities.keepsTwoPasswords ? <KeepOld detail={wanted.detail} onChange={onChange} /> : null;
    case 'tls':
      return <TlsForm detail={wanted.detail} onChange={onChange} />;
    case 'limits':
      return <LimitsForm detail={wanted.detail} onChange={onChange} />;
    case 'attribute':
      return <NoteForm detail={wanted.detail} onChange={onChange} />;
    case 'rights':
      return <RightsForm list={list} detail={wanted.detail} onChange={onChange} />;
    case 'lock':
    case 'unlock':
    case 'expire':
    case 'drop':
    case 'discard-old':
      return null;
    default:
      return wanted satisfies never;
  }
}

const nameOf = ({ row: { user, host } }: AccountDetail): AccountName => ({ user, host });

function Names({ name, onName }: { name: AccountName; onName: (name: AccountName) => void }): ReactElement {
  const t = useText();
  return (
    <div className={classes.fields}>
      <TextInput label={t('accounts.user')} value={name.user} maxLength={32} w={200} onChange={(event) => onName({ ...name, user: event.currentTarget.value })} />
      <TextInput label={t('accounts.host')} value={name.host} maxLength={255} w={200} onChange={(event) => onName({ ...name, host: event.currentTarget.value })} />
    </div>
  );
}

function CreateForm({ list, onChange }: FormProps & { readonly list: AccountList }): ReactElement {
  const t = useText();
  const [name, setName] = useState<AccountName>({ user: '', host: '%' });
  const [options, setOptions] = useState({ plugin: list.plugins[0] ?? null, requires: 'NONE' as Requirement, locked: false, role: false });
  const tell = (next: AccountName, chosen: typeof options): void => {
    setName(next);
    setOptions(chosen);
    const { role, ...rest } = chosen;
    const change: AccountChange = role ? { kind: 'create-role', account: next } : { kind: 'create', account: next, ...rest };
    onChange(next.user === '' || next.host === '' ? null : change);
  };
  return (
    <div className={classes.form}>
      <Names name={name} onName={(next) => tell(next, options)} />
      {list.abilities.roles ? <Checkbox label={t('accounts.as-role')} checked={options.role} onChange={(event) => tell(name, { ...options, role: event.currentTarget.checked })} /> : null}
      {options.role ? null : (
        <div className={classes.fields}>
          <Select label={t('accounts.column.plugin')} w={240} allowDeselect={false} data={[...list.plugins]} value={options.plugin} onChange={(plugin) => tell(name, { ...options, plugin })} />
          <Requires value={options.requires} onChange={(requires) => tell(name, { ...options, requires })} />
          {list.abilities.locks ? <Checkbox className={classes.check} label={t('accounts.start-locked')} checked={options.locked} onChange={(event) => tell(name, { ...options, locked: event.currentTarget.checked })} /> : null}
        </div>
      )}
    </div>
  );
}

function Requires({ value, onChange }: { value: Requirement; onChange: (value: Requirement) => void }): ReactElement {
  const t = useText();
  return (
    <Select
      label={t('accounts.requires')} w={240} allowDeselect={false} value={value} data={requirements.map((one) => ({ value: one, label: t(`accounts.requires.${one}`) }))}
      onChange={(next) => onChange(requirements.find((one) => one === next) ?? 'NONE')}
    />
  );
}

function NameForm({ wanted, onChange }: FormProps & { readonly wanted: Extract<Wanted, { kind: AccountChange['kind']; detail: AccountDetail }> }): ReactElement {
  const before = nameOf(wanted.detail);
  const [name, setName] = useState(before);
  const tell = (next: AccountName): void => {
    setName(next);
    const isNew = next.user !== '' && next.host !== '' && (next.user !== before.user || next.host !== before.host);
    if (!isNew) return onChange(null);
    onChange(wanted.kind === 'rename' ? { kind: 'rename', account: before, to: next } : { kind: 'clone', from: before, account: next });
  };
  return <Names name={name} onName={tell} />;
}

function KeepOld({ detail, onChange }: FormProps & { readonly detail: AccountDetail }): ReactElement {
  const t = useText();
  const [keepOld, setKeepOld] = useState(false);
  return (
    <Checkbox label={t('accounts.keep-old')} checked={keepOld} onChange={(event) => {
      setKeepOld(event.currentTarget.checked);
      onChange({ kind: 'password', account: nameOf(detail), keepOld: event.currentTarget.checked });
    }}
    />
  );
}

function TlsForm({ detail, onChange }: FormProps & { readonly detail: AccountDetail }): ReactElement {
  const now = detail.row.requires === '' ? 'NONE' : detail.row.requires;
  const [requires, setRequires] = useState<Requirement>(requirements.find((one) => one === now) ?? 'NONE');
  return <Requires value={requires} onChange={(next) => { setRequires(next); onChange({ kind: 'tls', account: nameOf(detail), requires: next }); }} />;
}

function NoteForm({ detail, onChange }: FormProps & { readonly detail: AccountDetail }): ReactElement {
  const t = useText();
  const [note, setNote] = useState({ comment: detail.comment, attributes: detail.attribute });
  const tell = (next: typeof note): void => {
    setNote(next);
    const text = next.attributes.trim();
    const [comment, attributes] = [next.comment === detail.comment ? null : next.comment, text === detail.attribute ? null : text];
    onChange(comment === null && attributes === null ? null : { kind: 'attribute', account: nameOf(detail), comment, attributes });
  };
  return (
    <div className={classes.form}>
      <TextInput label={t('accounts.comment')} value={note.comment} maxLength={4096} onChange={(event) => tell({ ...note, comment: event.currentTarget.value })} />
      <Textarea label={t('accounts.attributes')} description={t('accounts.attributes.note')} value={note.attributes} maxLength={65_536} autosize minRows={2} maxRows={8} spellCheck={false} onChange={(event) => tell({ ...note, attributes: event.currentTarget.value })} />
    </div>
  );
}

function LimitsForm({ detail, onChange }: FormProps & { readonly detail: AccountDetail }): ReactElement {
  const t = useText();
  const [limits, setLimits] = useState(detail.limits);
  return (
    <div className={classes.fields}>
      {limitNames.map((name) => (
        <NumberInput
          key={name} label={t(`accounts.limit.${name}`)} w={200} min={0} max={4_294_967_295} allowDecimal={false} value={limits[name]}
          onChange={(value) => {
            const next = { ...limits, [name]: Number(value) || 0 };
            setLimits(next);
            onChange({ kind: 'limits', account: nameOf(detail), limits: next });
          }}
        />
      ))}
    </div>
  );
}
