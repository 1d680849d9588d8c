import { Button, Checkbox, MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { isDynamic, levelText, privilegesAt, type RightLevel } from '../../../../shared/domain/accounts/right';
import { accountName } from '../../../../shared/domain/accounts/state';
import type { GrantNode } from '../../../../shared/domain/accounts/tree';
import type { AccountChange, AccountDetail, AccountList, AccountName, ChosenRight } from '../../../../shared/domain/operations/accounts/change';
import { optionFor } from '../../../../shared/domain/operations/accounts/statements';
import { useText } from '../../../stores/language';
import { IconPlus, IconX } from '../../../ui/icons';
import type { FormProps } from './forms';
import classes from './accounts.module.css';

type RightsChange = Extract<AccountChange, { kind: 'rights' }>;
type Edit = Pick<RightsChange, 'give' | 'take' | 'exact'> & { readonly proxies: readonly string[]; readonly option: boolean;  readonly roles: readonly string[]; readonly defaults: readonly string[] };

const keyOf = ({ privilege, column, on }: ChosenRight): string => JSON.stringify([privilege, column, levelText(on)]);

/** The rights of an account as a set: what it has can be crossed out, more can be added; roles beside. Nothing happens before it is carried out. */
export function RightsForm({ list, detail, onChange }: FormProps & { readonly list: AccountList; readonly detail: AccountDetail }): ReactElement {
  const t = useText();
  const held = detail.roles.map(accountName);
  const proxies = detail.proxies.map(accountName);
  const defaults = detail.defaultRoles.map(accountName);
  const [edit, setEdit] = useState<Edit>({ give: [], take: [], exact: false, proxies, option: false, roles: held, defaults });
  const tell = (next: Edit): void => {
    setEdit(next);
    onChange(changeOf(detail, list, next));
  };
  const toggle = (right: ChosenRight): void => {
    const isTaken = edit.take.some((one) => keyOf(one) === keyOf(right));
    tell({ ...edit, take: isTaken ? edit.take.filter((one) => keyOf(one) !== keyOf(right)) : [...edit.take, right] });
  };
  const toggleGiven = (right: ChosenRight): void => {
    const isGiven = edit.give.some((one) => keyOf(one) === keyOf(right));
    tell({ ...edit, give: isGiven ? edit.give.filter((one) => keyOf(one) !== keyOf(right)) : [...edit.give, right] });
  };
  const shown = new Set(detail.tree.flatMap(rightsOf).map(keyOf));
  const lifted = new Set(detail.tree.flatMap(restrictedOf).map(keyOf));
  const added = edit.give.filter((right) => !lifted.has(keyOf(right)));
  const roles = list.accounts.filter((row) => row.isRole && accountName(row) !== accountName(detail.row)).map(accountName);
  return (
    <div className={classes.form}>
      <ul className={classes.edit} aria-label={t('accounts.tree')}>
        {detail.tree.map((node) => (
          <li key={node.level}>
            <b className={classes.level}>{node.on.kind === 'server' ? t('accounts.tree.server') : node.level}</b>
            <Chips rights={rightsOf(node)} taken={edit.take} onToggle={toggle} />
            <Restricted node={node} given={edit.give} onToggle={toggleGiven} />
          </li>
        ))}
        {added.map((right) => (
          <li key={keyOf(right)} data-new><b className={classes.level}>{levelText(right.on)}</b>
            <span className={classes.chips}>
              <button type="button" className={classes.chip} data-given onClick={() => tell({ ...edit, give: edit.give.filter((one) => keyOf(one) !== keyOf(right)) })}>
                + {textOf(right)} <IconX size={11} aria-label={t('accounts.edit.remove')} />
              </button>
            </span>
          </li>
        ))}
        {edit.take.filter((right) => !shown.has(keyOf(right))).map((right) => (
          <li key={keyOf(right)} data-new><b className={classes.level}>{levelText(right.on)}</b>
            <span className={classes.chips}><button type="button" className={classes.chip} data-taken onClick={() => toggle(right)}>− {textOf(right)} <IconX size={11} aria-label={t('accounts.edit.remove')} /></button></span>
          </li>
        ))}
      </ul>
      <Adding
        list={list} onTake={(rights) => tell({ ...edit, take: united(edit.take, rights) })}
        onAdd={(rights) => tell({ ...edit, give: united(edit.give, rights) })}
      />
      {list.abilities.roles && (roles.length > 0 || held.length > 0) ? (
        <div className={classes.fields}>
          <MultiSelect label={t('accounts.fact.roles')} w={300} data={[...new Set([...roles, ...held])]} value={[...edit.roles]} onChange={(next) => tell({ ...edit, roles: next, defaults: edit.defaults.filter((one) => next.includes(one)) })} />
          <MultiSelect label={t('accounts.edit.defaults')} w={300} data={[...edit.roles]} value={[...edit.defaults]} onChange={(next) => tell({ ...edit, defaults: next })} />
        </div>
      ) : null}
      <div className={classes.fields}>
        <TagsInput label={t('accounts.edit.proxies')} w={300} maxLength={400} value={[...edit.proxies]} onChange={(next) => tell({ ...edit, proxies: next })} />
        <Checkbox className={classes.check} label={t('accounts.edit.proxy-option')} checked={edit.option} onChange={(event) => tell({ ...edit, option: event.currentTarget.checked })} />
      </div>
      <Checkbox label={t('accounts.edit.exact')} checked={edit.exact} onChange={(event) => tell({ ...edit, exact: event.currentTarget.checked })} />
    </div>
  );
}

const united = (some: readonly ChosenRight[], others: readonly ChosenRight[]): readonly ChosenRight[] => {
  return [...new Map([...some, ...others].map((right) => [keyOf(right), right])).values()];
};

const restrictedOf = ({ on, restricted }: GrantNode): readonly ChosenRight[] => restricted.map((privilege) => ({ privilege, column: null, on }));

/** What a partial revoke takes away; to give it there ends that. */
function Restricted({ node, given, onToggle }: {
  node: GrantNode;
  given: readonly ChosenRight[];
  onToggle: (right: ChosenRight) => void;
}): ReactElement | null {
  const t = useText();
  if (node.restricted.length === 0) return null;
  return (
    <span className={classes.chips}>
      {restrictedOf(node).map((right) => {
        const isGiven = given.some((one) => keyOf(one) === keyOf(right));
        return (
          <button key={keyOf(right)} type="button" className={classes.chip} data-given={isGiven || undefined} aria-pressed={isGiven} onClick={() => onToggle(right)}>
            {isGiven ? `+ ${right.privilege} (${t('accounts.edit.lift')})` : t('accounts.tree.restricted', { privileges: right.privilege })}
          </button>
        );
      })}
    </span>
  );
}

const textOf = ({ privilege, column }: ChosenRight): string => (column === null ? privilege : `${privilege} (${column})`);

/** null: nothing is edited yet. */
function changeOf({ row: { user, host }, roles, defaultRoles, proxies }: AccountDetail, { accounts }: AccountList, edit: Edit): AccountChange | null {
  const named = (name: string): AccountName => {
    const found = accounts.find((one) => accountName(one) === name);
    const at = name.lastIndexOf('@');
    if (found === undefined && at === -1) return { user: name, host: '%' };
    return found === undefined ? { user: name.slice(0, at), host: name.slice(at + 1) } : { user: found.user, host: found.host };
  };
  const before = roles.map(accountName);
  const giveRoles = edit.roles.filter((name) => !before.includes(name)).map((name) => ({ ...named(name), admin: false }));
  const takeRoles = before.filter((name) => !edit.roles.includes(name)).map(named);
  const sameDefaults = JSON.stringify(edit.defaults.toSorted()) === JSON.stringify(defaultRoles.map(accountName).toSorted());
  const heldProxies = new Set(proxies.map(accountName));
  const giveProxies = edit.proxies.filter((name) => !heldProxies.has(name)).map((name) => ({ ...named(name), grantOption: edit.option }));
  const takeProxies = proxies.filter((held) => !edit.proxies.includes(accountName(held))).map((held) => ({ user: held.user, host: held.host }));
  const count = edit.give.length + edit.take.length + giveRoles.length + takeRoles.length + giveProxies.length + takeProxies.length;
  if (count === 0 && sameDefaults) return null;
  return {
    kind: 'rights', account: { user, host }, give: edit.give, take: edit.take, giveRoles, takeRoles, defaultRoles: sameDefaults ? null : edit.defaults.map(named),
    exact: edit.exact, giveProxies, takeProxies,
  };
}

/** Everything that is held in one place, as it can be taken. What a partial revoke takes away is not a right. */
function rightsOf({ on, privileges, dynamic, grantOption, columns }: GrantNode): readonly ChosenRight[] {
  return [
    ...privileges.map((privilege) => ({ privilege, column: null, on })),
    ...dynamic.flatMap(({ privilege, grantOption: option }) => [{ privilege, column: null, on }, ...(option ? [{ privilege: `${optionFor}${privilege}`, column: null, on }] : [])]),
    ...columns.flatMap(({ column, privileges: some }) => some.map((privilege) => ({ privilege, column, on }))),
    ...(grantOption ? [{ privilege: 'GRANT OPTION', column: null, on }] : []),
  ];
}

function Chips({ rights, taken, onToggle }: {
  rights: readonly ChosenRight[];
  taken: readonly ChosenRight[];
  onToggle: (right: ChosenRight) => void;
}): ReactElement {
  return (
    <span className={classes.chips}>
      {rights.map((right) => {
        const isTaken = taken.some((one) => keyOf(one) === keyOf(right));
        return <button key={keyOf(right)} type="button" className={classes.chip} data-taken={isTaken || undefined} aria-pressed={isTaken} onClick={() => onToggle(right)}>{isTaken ? '− ' : ''}{textOf(right)}</button>;
      })}
    </span>
  );
}

const kinds = ['database', 'table', 'server', 'procedure', 'function'] as const;
type Kind = (typeof kinds)[number];
type Rights = (rights: readonly ChosenRight[]) => void;

function Adding({ list, onAdd, onTake }: { list: AccountList; onAdd: Rights; onTake: Rights }): ReactElement {
  const t = useText();
  const [kind, setKind] = useState<Kind>('database');
  const [place, setPlace] = useState({ database: '', name: '' });
  const [columns, setColumns] = useState<readonly string[]>([]);
  const [privileges, setPrivileges] = useState<readonly string[]>([]);
  const [option, setOption] = useState(false);
  const [takes, setTakes] = useState(false);
  const on = levelOf(kind, place.database, place.name);
  const offered = kind === 'table' && columns.length > 0 ? privilegesAt('column', list.privileges) : privilegesAt(kind === 'procedure' || kind === 'function' ? 'routine' : kind, list.privileges);
  const add = (): void => {
    if (on === null) return;
    const plain = privileges.flatMap((privilege): readonly ChosenRight[] => (columns.length === 0 || kind !== 'table' ? [{ privilege, column: null, on }] : columns.map((column) => ({ privilege, column, on }))));
    const handed = option ? privileges.map((privilege): ChosenRight => ({ privilege: isDynamic(privilege) ? `${optionFor}${privilege}` : 'GRANT OPTION', column: null, on })) : [];
    if (takes && kind === 'database') onTake(plain);
    else onAdd([...new Map([...plain, ...handed].map((right) => [keyOf(right), right])).values()]);
    setPrivileges([]);
  };
  return (
    <fieldset className={classes.adding}>
      <legend>{t('accounts.edit.add')}</legend>
      <div className={classes.fields}>
        <Select label={t('accounts.edit.on')} w={130} allowDeselect={false} value={kind} data={kinds.map((one) => ({ value: one, label: t(`accounts.edit.on.${one}`) }))} onChange={(next) => { setKind(kinds.find((one) => one === next) ?? 'database'); setPrivileges([]); }} />
        {kind === 'server' ? null : <TextInput label={t(kind === 'database' ? 'accounts.edit.pattern' : 'accounts.edit.database')} w={170} maxLength={130} value={place.database} onChange={(event) => setPlace({ ...place, database: event.currentTarget.value })} />}
        {kind === 'server' || kind === 'database' ? null : <TextInput label={t('accounts.edit.name')} w={150} maxLength={64} value={place.name} onChange={(event) => setPlace({ ...place, name: event.currentTarget.value })} />}
        {kind === 'table' ? <TagsInput label={t('accounts.edit.columns')} w={170} value={[...columns]} onChange={setColumns} /> : null}
        <MultiSelect label={t('accounts.edit.privileges')} w={260} searchable data={[...offered]} value={privileges.filter((one) => offered.includes(one))} onChange={setPrivileges} />
        <Checkbox className={classes.check} label={t('accounts.tree.hands-on')} checked={option} onChange={(event) => setOption(event.currentTarget.checked)} />
        {kind === 'database' && list.abilities.partialRevokes ? <Checkbox className={classes.check} label={t('accounts.edit.take-here')} checked={takes} onChange={(event) => setTakes(event.currentTarget.checked)} /> : null}
        <Button className={classes.check} leftSection={<IconPlus size={14} />} disabled={on === null || privileges.length === 0} onClick={add}>{t('accounts.edit.add-button')}</Button>
      </div>
      {kind === 'database' ? <p className={classes.light}>{t('accounts.edit.pattern-note')}</p> : null}
    </fieldset>
  );
}

/** null: a name is missing. */
function levelOf(kind: Kind, database: string, name: string): RightLevel | null {
  if (kind === 'server') return { kind: 'server' };
  if (database === '') return null;
  if (kind === 'database') return { kind: 'database', pattern: database };
  if (name === '') return null;
  return kind === 'table' ? { kind: 'table', database, table: name } : { kind: 'routine', routine: kind === 'procedure' ? 'PROCEDURE' : 'FUNCTION', database, name };
}
