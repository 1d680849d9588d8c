import { carriedAccounts, type CarriedAccount, type CarrySides } from '../../../shared/domain/operations/accounts/carry';
import { carryPreconditions } from '../../../shared/domain/operations/accounts/carry-preconditions';
import type { AccountName, AccountOutcome, CarryPlan } from '../../../shared/domain/operations/accounts/change';
import { noteClause } from '../../../shared/domain/accounts/attribute';
import { hasLevel, partsOf } from '../../../shared/domain/accounts/right';
import { isReservedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { accountName, definitionAspects, quotedName, rightText, type AccountAspect, type AccountState } from '../../../shared/domain/accounts/state';
import { atLeast } from '../../../shared/domain/fleet/version';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { definitionChanges, definitionOf } from '../../copy/schema/account-definition';
import { digestKey } from '../../mysql/accounts/states';
import { textOf } from '../../mysql/reading';
import { plain, type Statement } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { refuseLocked } from '../permission';
import { warningsOf, type AccountDeps } from './plan';
import { activePlugins, linkUserOf, ownUse, readAccounts, type AccountsRead } from './reading';

/** Accounts that are carried from one server to another: those that are named, and all that are missing there where that is asked for. */
export interface CarryRequest {
  readonly fromId: string;
  readonly toId: string;
  readonly accounts: readonly AccountName[];
  readonly allMissing: boolean;
}

export interface CarryDraft {
  readonly plan: CarryPlan;
  readonly request: CarryRequest;
  readonly statements: readonly Statement[];
  /** What must still be so when it is carried out. */
  readonly basis: string;
}

interface BothRead {
  readonly sides: CarrySides;
  readonly from: AccountsRead;
  readonly to: AccountsRead;
}

const loginAspects: readonly AccountAspect[] = ['plugin', 'password', 'second-password', 'factors', 'expiry'];

/** Reads both servers and says what would be done on the second. Changes nothing. */
export async function draftCarry({ fleet, clock }: AccountDeps, id: string, request: CarryRequest, signal?: AbortSignal): Promise<CarryDraft> {
  const { fromId, toId } = request;
  if (fromId === toId) throw failure('invalid-input', { field: 'to', reason: fleet.instance(toId).name });
  await refuseLocked(fleet, toId, 'accounts');
  const linkUser = await linkUserOf(fleet, toId);
  const options = signal === undefined ? {} : { signal };
  return fleet.withSession(fromId, (reader) => fleet.withSession(toId, async (writer) => {
    const { sides, from, to } = await readBoth(reader, writer, signal);
    const carried = carriedAccounts(sides, chosenIn(request, from, to, linkUser));
    const preconditions = carryPreconditions({
      ...sides, carried, login: to.login, ownUse: (account) => ownUse(account, to.login, linkUser), plugins: await activePlugins(writer),
      isOlder: !atLeast(writer.version, reader.version.major, reader.version.minor, 0), restricts: { from: from.rules.areNames, to: to.rules.areNames },
    });
    const canBe = preconditions.every(({ status }) => status !== 'fail');
    const definitions: Definition[] = [];
    // What cannot be carried may have no words there.
    for (const one of canBe ? carried : []) definitions.push(await definitionFor(reader, writer, one));
    const grants = carried.flatMap((one) => one.grants).map(plain);
    const statements = [...definitions.flatMap(({ does }) => does), ...grants, ...definitions.flatMap(({ last }) => last)];
    const undo = [...carried.toReversed().flatMap((one) => one.undo), ...definitions.toReversed().flatMap((one) => one.undo)];
    const serverName = fleet.instance(toId).name;
    const onServer = (sql: string): { server: string; sql: string } => ({ server: serverName, sql });
    const sql = statements.map(({ redacted }) => onServer(redacted));
    const replaced = carried.some(({ here, aspects }) => here !== null && aspects.some((aspect) => loginAspects.includes(aspect)));
    const now = clock();
    return {
      request, statements, basis: JSON.stringify([sql, preconditions.filter(({ status }) => status === 'fail').map((one) => one.id)]),
      plan: {
        id, kind: 'accounts', createdAt: now, expiresAt: now + planLifeMs, preconditions, phrase: null, warnings: warningsOf(fleet, toId),
        steps: [{ id: 'change', title: message('accounts.carry'), sql, pointOfNoReturn: replaced, undoable: !replaced }],
        fromName: fleet.instance(fromId).name, serverName, sql, undo: undo.map(onServer), undoNote: replaced ? message('accounts.undo.password') : null,
        accounts: carried.map(({ here, there: { user, host }, aspects }) => ({ user, host, isNew: here === null, aspects })),
      },
    };
  }, options), options);
}

/** `user@host` of those that are asked for. What our own login or a link there goes by is not missing. @throws Failure `not-found` */
function chosenIn({ accounts, allMissing }: CarryRequest, from: AccountsRead, to: AccountsRead, linkUser: string | null): ReadonlySet<string> {
  const names = new Set(from.states.map(accountName));
  const absent = accounts.find((account) => !names.has(accountName(account)));
  if (absent !== undefined) throw failure('not-found', { kind: 'account', name: accountName(absent) });
  const there = new Set(to.states.map(accountName));
  const user = to.login.slice(0, to.login.lastIndexOf('@'));
  const isOurs = (state: AccountState): boolean => {
    return state.user === user || state.user === '' || isReservedAccount(state.user) || ownUse(state, '', linkUser) !== null;
  };
  const missing = allMissing ? from.states.filter((state) => !there.has(accountName(state)) && !isOurs(state)) : [];
  return new Set([...accounts, ...missing].map(accountName));
}

interface Definition {
  readonly does: readonly Statement[];
  /** What comes behind the rights of all. */
  readonly last: readonly Statement[];
  readonly undo: readonly string[];
}

/** What makes the account, or makes it log in as on the other side; and what takes back what can be. */
async function definitionFor(reader: Session, writer: Session, { here, there, aspects }: CarriedAccount): Promise<Definition> {
  const who = quotedName(there);
  if (here === null) {
    const { statements } = await definitionOf(reader, writer, there, false);
    // 5.6 says what is required and the limits apart.
    const apart = atLeast(reader.version, 5, 7, 6) ? [] : (['tls', 'limits'] as const);
    const requirements = apart.length === 0 ? [] : await definitionChanges(writer, { reader, here: there, there, aspects: new Set(apart) });
    const isNoted = (there.attribute ?? '') === '' || statements.some(({ redacted }) => / (?:ATTRIBUTE|COMMENT) '/.test(redacted));
    const note = isNoted ? [] : [plain(`ALTER USER ${who} ${noteClause('', there.attribute ?? '')}`)];
    // What it may not do in one database is taken from it last: until then nobody logs in.
    const isOpened = !there.locked && there.rights.some(({ kind }) => kind === 'restricted');
    const [shut, opened] = isOpened ? [[plain(`ALTER USER ${who} ACCOUNT LOCK`)], [plain(`ALTER USER ${who} ACCOUNT UNLOCK`)]] : [[], []];
    return { does: [...statements, ...shut, ...requirements, ...note], last: opened, undo: [`DROP USER ${who}`] };
  }
  const differing = definitionAspects.filter((aspect) => aspects.includes(aspect));
  const others = new Set(differing.filter((aspect) => !loginAspects.includes(aspect)));
  const does = differing.length === 0 ? [] : await definitionChanges(writer, { reader, here, there, aspects: new Set(differing) });
  const undo = others.size === 0 ? [] : await definitionChanges(writer, { reader: writer, here: there, there: here, aspects: others });
  return { does, last: [], undo: undo.map(({ redacted }) => redacted) };
}

async function readBoth(reader: Session, writer: Session, signal?: AbortSignal): Promise<BothRead> {
  const key = digestKey();
  const [from, to] = await Promise.all([readAccounts(reader, signal, key), readAccounts(writer, signal, key)]);
  const known = { from: new Set(from.words.privileges), to: new Set(to.words.privileges) };
  return { from, to, sides: { from: from.states, to: to.states, known, words: to.words, absent: await absentIn(writer, from.states) } };
}

/** Rights on tables, columns and routines that are not on the server. */
async function absentIn(session: Session, states: readonly AccountState[]): Promise<ReadonlySet<string>> {
  const rights = states.flatMap(({ rights: all }) => all).filter((right) => hasLevel(right, 'table') || hasLevel(right, 'routine'));
  const parts = rights.flatMap((right) => {
    const one = partsOf(right);
    return one === null || one.on.kind === 'server' || one.on.kind === 'database' ? [] : [{ text: rightText(right), column: one.column, on: one.on }];
  });
  const databases = [...new Set(parts.map(({ on }) => on.database))];
  if (databases.length === 0) return new Set();
  const [setting] = await session.query('SELECT @@lower_case_table_names AS folds');
  const folds = textOf(setting?.['folds']) !== '0';
  const key = (...names: readonly (string | null)[]): string => JSON.stringify(names.map((name, at) => (folds || at > 1 ? name?.toLowerCase() : name)));
  const rows = async (sql: string): Promise<readonly string[]> => {
    return (await session.query<Record<string, unknown>>(sql, [databases])).map(({ d, n, c }) => key(textOf(d), textOf(n), textOf(c)));
  };
  const found = new Set([
    ...(await rows('SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n, NULL AS c FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (?)')),
    ...(await rows('SELECT TABLE_SCHEMA AS d, TABLE_NAME AS n, COLUMN_NAME AS c FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (?)')),
    ...(await rows('SELECT ROUTINE_SCHEMA AS d, LOWER(ROUTINE_NAME) AS n, ROUTINE_TYPE AS c FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (?)')),
  ]);
  const isThere = ({ column, on }: (typeof parts)[number]): boolean => {
    return found.has(on.kind === 'table' ? key(on.database, on.table, column) : key(on.database, on.name.toLowerCase(), on.routine));
  };
  return new Set(parts.filter((one) => !isThere(one)).map(({ text }) => text));
}

/** Runs the plan and reads both servers again. @throws Failure of the server where nothing was changed, else `account-change-stopped` */
export async function carryOut({ fleet }: AccountDeps, { plan, request, statements }: CarryDraft, ran: (count: number) => void): Promise<AccountOutcome> {
  return fleet.withSession(request.fromId, (reader) => fleet.withSession(request.toId, async (writer) => {
    for (const [at, statement] of statements.entries()) {
      try {
        await writer.run(statement);
        ran(at + 1);
      } catch (thrown) {
        if (at === 0) throw thrown;
        const { detail } = errorOf(thrown);
        const params = { account: plan.accounts.map(accountName).join(', '), done: at, total: statements.length };
        throw failure('account-change-stopped', params, { server: plan.serverName, ...(detail === undefined ? {} : { detail }), cause: thrown });
      }
    }
    const { sides } = await readBoth(reader, writer);
    const again = carriedAccounts(sides, new Set(plan.accounts.map(accountName)));
    const differs = again.flatMap(({ there, aspects, grants }) => {
      const left = [...aspects.filter((aspect) => definitionAspects.includes(aspect)), ...grants];
      return left.length === 0 ? [] : [`${accountName(there)}: ${left.join(', ')}`];
    });
    return { sql: plan.sql, differs };
  }));
}
