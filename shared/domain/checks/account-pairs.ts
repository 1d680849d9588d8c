import { message, type Message } from '../../i18n/message';
import { arrivingRights, isReservedAccount, sharedAccounts, type SharedAccount } from '../accounts/shared-accounts';
import { accountName, type AccountDifference, type AccountState } from '../accounts/state';
import { defineCheck, listed, missed, passed, type CheckDefinition, type CheckInput, type CheckOutcome } from './define';
import { isOn, setVariables, variable } from './variables';
import type { CheckFacts, ServerReading } from './facts';

/** Accounts travel with a task of the whole instance only. */
const instanceOnly = ({ scope }: CheckInput): Message | null => (scope.kind === 'partial' ? message('checks.skip.accounts-stay') : null);
const copiedOnly = (input: CheckInput): Message | null => instanceOnly(input) ?? (input.seed === 'adopt' ? message('checks.skip.accounts-adopt') : null);

/** More of them nobody reads; the count is of all. */
const mostTold = 200;

/** Clauses are the same words in every language. */
function differenceText({ aspect, standby, source }: AccountDifference): string {
  const words: Readonly<Record<AccountDifference['aspect'], string>> = {
    plugin: 'IDENTIFIED WITH', password: 'IDENTIFIED … AS ***', 'second-password': 'RETAIN CURRENT PASSWORD', factors: '2/3 FACTOR', lock: 'ACCOUNT',
    expiry: 'PASSWORD',
    'password-rules': '', tls: 'REQUIRE', limits: 'WITH', attribute: 'ATTRIBUTE', rights: '', roles: 'ROLE', 'default-roles': 'DEFAULT ROLE', proxy: 'PROXY ON',
  };
  const sides = [...standby.map((one) => `− ${one}`), ...source.map((one) => `+ ${one}`)].join(', ');
  return `${words[aspect]} ${sides === '' ? '≠' : sides}`.trim();
}

/** `− `: the standby has it and the source has not; `+ `: the other way round. */
export function accountText({ account, differences }: { readonly account: string; readonly differences: readonly AccountDifference[] }): string {
  return `${account}: ${differences.map(differenceText).join(' · ')}`;
}

function toTell(accounts: readonly SharedAccount[]): Required<Pick<CheckOutcome, 'items' | 'accounts'>> {
  const told = accounts.map(({ standby, fate, differences }) => ({ account: accountName(standby), fate, differences }));
  return { items: told.map(accountText), accounts: told.slice(0, mostTold) };
}

type Needed = Pick<CheckFacts, 'sourceAccountStates' | 'standbyAccountStates' | 'standbyServer' | 'knownPrivileges'>;

function sharedIn({ sourceAccountStates, standbyAccountStates, standbyServer, knownPrivileges }: Needed, { accounts }: CheckInput): readonly SharedAccount[] {
  return sharedAccounts(standbyAccountStates, sourceAccountStates, { choice: accounts, ownLogin: standbyServer.account, known: knownPrivileges });
}

/** A clone brings the tables of accounts along as they are: nothing of the standby's own stays. */
function decideClone(facts: Needed, input: CheckInput): CheckOutcome {
  const source = new Set(facts.sourceAccountStates.map(accountName));
  const gone = facts.standbyAccountStates.filter((state) => !isReservedAccount(state.user) && !source.has(accountName(state)));
  const replaced = sharedIn(facts, input).map((one): SharedAccount => ({ ...one, fate: 'taken' }));
  if (gone.length + replaced.length === 0) return passed(message('checks.priv.accounts.same'));
  const { items, accounts } = toTell(replaced);
  const lost = gone.map(accountName);
  const { list } = listed([...lost, ...replaced.map(({ standby }) => accountName(standby))]);
  return missed('warn', message('checks.priv.accounts.cloned', { gone: gone.length, replaced: replaced.length, list }), {
    items: [...lost.map((name) => `− ${name}`), ...items], accounts, remedy: { text: message('checks.priv.accounts.fix-clone') },
  });
}

/** A plugin that is not loaded there lets nobody in: the account arrives locked. */
function lacksPlugin({ plugin }: AccountState, { standbyPlugins }: Pick<CheckFacts, 'standbyPlugins'>): boolean {
  return !standbyPlugins.some(({ name, type }) => type === 'AUTHENTICATION' && name === plugin.toLowerCase());
}

/** What a server without the variable does. */
const asWithout: Readonly<Record<string, string>> = { partial_revokes: 'OFF', activate_all_roles_on_login: 'OFF', mandatory_roles: '' };

function settingOf(server: ServerReading, name: string): string {
  return variable(server, name) ?? asWithout[name] ?? '';
}

export const accountPairChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'priv.accounts', group: 'accounts', level: 'warn', needs: ['sourceAccountStates', 'standbyAccountStates', 'standbyServer', 'knownPrivileges'],
    applies: copiedOnly,
    decide: (facts, input) => {
      if (input.seed === 'clone') return decideClone(facts, input);
      const shared = sharedIn(facts, input);
      if (shared.length === 0) return passed(message('checks.priv.accounts.same'));
      const taken = shared.filter(({ fate }) => fate === 'taken');
      // Those that the choice is about come first.
      const isOrdinary = ({ fate }: SharedAccount): boolean => fate === 'taken' || fate === 'chosen';
      const told = toTell([...shared.filter(isOrdinary), ...shared.filter((one) => !isOrdinary(one))]);
      if (taken.length === 0) return missed('info', message('checks.priv.accounts.kept', listed(shared.map(({ standby }) => accountName(standby)))), told);
      const params = { ...listed(taken.map(({ standby }) => accountName(standby))), kept: shared.length - taken.length };
      return missed('warn', message('checks.priv.accounts.taken', params), { ...told, remedy: { text: message('checks.priv.accounts.fix') } });
    },
  }),
  defineCheck({
    id: 'priv.arriving', group: 'accounts', level: 'warn',
    needs: ['sourceAccountStates', 'standbyAccountStates', 'standbyServer', 'standbyPlugins', 'knownPrivileges'],
    applies: (input) => copiedOnly(input) ?? (input.seed === 'clone' ? message('checks.skip.clone-brings') : null),
    decide: (facts, input) => {
      const kept = new Set(sharedIn(facts, input).filter(({ fate }) => fate !== 'taken').map(({ standby }) => accountName(standby)));
      const coming = facts.sourceAccountStates.filter((state) => !isReservedAccount(state.user) && !kept.has(accountName(state)));
      const locked = coming.filter((state) => lacksPlugin(state, facts)).map((state) => `${accountName(state)}: IDENTIFIED WITH ${state.plugin}`);
      const rights = coming.map((state) => ({ name: accountName(state), ...arrivingRights(state.rights, facts.knownPrivileges.standby) }));
      const unknown = rights.filter(({ unknown }) => unknown.length > 0).map(({ name, unknown }) => `${name}: − ${unknown.join(', ')}`);
      const renaming = rights.filter(({ translated }) => translated.length > 0);
      const translated = renaming.map((one) => `${one.name}: ${one.translated.join(', ')} → ${renamed(one.translated)}`);
      const items = [...locked, ...unknown, ...translated];
      if (items.length === 0) return passed(message('checks.priv.arriving.all', { count: coming.length }));
      const counts = { locked: locked.length, unknown: unknown.length, translated: translated.length };
      const measured = message('checks.priv.arriving.found', { ...counts, list: listed(items).list });
      if (locked.length + unknown.length === 0) return missed('info', measured, { items });
      return missed('warn', measured, { items, remedy: { text: message('checks.priv.arriving.fix') } });
    },
  }),
  defineCheck({
    id: 'priv.settings', group: 'accounts', level: 'warn', needs: ['sourceServer', 'standbyServer'],
    applies: instanceOnly,
    decide: ({ sourceServer, standbyServer }) => {
      const differing = Object.keys(asWithout).filter((name) => settingOf(sourceServer, name) !== settingOf(standbyServer, name));
      if (differing.length === 0) return passed(message('checks.priv.settings.same'));
      const side = (server: ServerReading, name: string): string => `${name}=${settingOf(server, name) === '' ? "''" : settingOf(server, name)}`;
      const sides = (server: ServerReading): string => differing.map((name) => side(server, name)).join(', ');
      const measured = message('checks.measured.both', { source: sides(sourceServer), standby: sides(standbyServer) });
      // A role that is mandatory cannot be dropped, so a copy that fails could not be taken back: that one is set by hand, afterwards.
      const now = differing.filter((name) => name !== 'mandatory_roles' && variable(standbyServer, name) !== undefined);
      const text = message(differing.includes('mandatory_roles') ? 'checks.priv.settings.fix-roles' : 'checks.priv.settings.fix');
      if (now.length === 0) return missed('warn', measured, { remedy: { on: 'standby', text } });
      const literal = (name: string): string => (isOn(settingOf(sourceServer, name)) ? 'ON' : 'OFF');
      const remedy = setVariables('standby', standbyServer.version, now.map((name) => [name, literal(name)]), text);
      return missed('warn', measured, { remedy, fixable: true });
    },
  }),
];

function renamed(names: readonly string[]): string {
  const all = new Set(['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER']);
  const { rights } = arrivingRights(names.map((privilege) => ({ kind: 'dynamic', privilege, level: '*.*' })), all);
  return rights.map(({ privilege }) => privilege).join(', ');
}
