import {
  needsPassword, shownText, type AccountChange, type AccountName, type AccountPlan, type OwnUse, type StatementParts,
} from '../../../shared/domain/operations/accounts/change';
import { accountPreconditions } from '../../../shared/domain/operations/accounts/preconditions';
import { attributesProblem } from '../../../shared/domain/accounts/attribute';
import { effectOf, misplaced, partialRevokes, type AccountEffect } from '../../../shared/domain/operations/accounts/statements';
import { levelText } from '../../../shared/domain/accounts/right';
import { accountName, quotedName, type AccountState } from '../../../shared/domain/accounts/state';
import { failure } from '../../../shared/errors/codes';
import { message, type Message } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import { sinceVersion, type Feature } from '../../mysql/dialect/features';
import type { Session } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { refuseLocked } from '../permission';
import { countDefined, countSessions, linkUserOf, ownUse, readAccounts, type AccountsRead } from './reading';

export interface AccountRequest {
  readonly instanceId: string;
  readonly change: AccountChange;
}

export interface AccountDraft {
  readonly plan: AccountPlan;
  readonly request: AccountRequest;
  readonly statements: readonly StatementParts[];
  readonly effect: AccountEffect;
  /** What must still be so when it is carried out. */
  readonly basis: string;
}

export interface AccountDeps {
  readonly fleet: FleetServers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Reads the server and says what would be done, or why not. Changes nothing. */
export async function draftAccountPlan({ fleet, clock }: AccountDeps, id: string, request: AccountRequest, signal?: AbortSignal): Promise<AccountDraft> {
  const { instanceId, change } = request;
  await refuseLocked(fleet, instanceId, 'accounts');
  const serverName = fleet.instance(instanceId).name;
  const linkUser = await linkUserOf(fleet, instanceId);
  return fleet.withSession(instanceId, async (session) => {
    refuseUnknownWords(session, change);
    const read = await readAccounts(session, signal);
    const state = subjectOf(change, read);
    refuseMisplaced(change, read, session);
    const effect = effectOf(change, state, read.words, read.states);
    if (partialRevokes(change, state, effect.after).length > 0) need(session, 'hasPartialRevokes');
    const facts = await readFacts(session, change, state);
    const own: OwnUse | null = state === undefined ? null : ownUse(state, read.login, linkUser);
    const preconditions = accountPreconditions({
      change, states: read.states, state, effect, own, login: read.login, restricts: read.rules.areNames,
      spillsOptions: session.dialect.features.hasRoles && !session.dialect.features.hasPartialRevokes, ...facts,
    });
    const now = clock();
    const onServer = (sql: string): { server: string; sql: string } => ({ server: serverName, sql });
    const undoable = effect.undo.length > 0;
    const sql = effect.statements.map((parts) => onServer(shownText(parts)));
    return {
      request, effect, statements: effect.statements,
      basis: JSON.stringify([sql, preconditions.filter(({ status }) => status === 'fail').map((one) => one.id)]),
      plan: {
        id, kind: 'accounts', createdAt: now, expiresAt: now + planLifeMs, preconditions,
        steps: [{ id: 'change', title: message(`accounts.change.${change.kind}`), sql, pointOfNoReturn: !undoable, undoable }],
        warnings: warningsOf(fleet, instanceId),
        phrase: change.kind === 'drop' ? accountName(change.account) : null,
        change: change.kind, account: change.account, serverName, sql,
        undo: effect.undo.map(onServer), undoNote: noteOf(effect), needsPassword: needsPassword(change), kept: effect.kept,
      },
    };
  }, signal === undefined ? {} : { signal });
}

function noteOf({ undoNote }: AccountEffect): Message | null {
  return undoNote === null ? null : message(`accounts.undo.${undoNote}`);
}

/** Standbys and read-only instances get the same statements by replication. */
export function warningsOf(fleet: FleetServers, instanceId: string): readonly Message[] {
  const names = fleet.replicasOf(instanceId).map(({ name }) => name);
  return names.length === 0 ? [] : [message('accounts.warning.replicas', { count: names.length, names: names.join(', ') })];
}

/** @throws Failure `version-unsupported` where the series has no such thing */
function need(session: Session, feature: Feature): void {
  if (session.dialect.features[feature]) return;
  const { major, minor, patch } = session.version;
  throw failure('version-unsupported', { version: `${String(major)}.${String(minor)}.${String(patch)}`, minimum: sinceVersion(feature).join('.') });
}

/** @throws Failure `version-unsupported`, `invalid-input` */
function refuseUnknownWords(session: Session, change: AccountChange): void {
  if (change.kind === 'lock' || change.kind === 'unlock' || (change.kind === 'create' && change.locked)) need(session, 'hasAlterUserPassword');
  if (change.kind === 'create-role') need(session, 'hasRoles');
  if (change.kind === 'rights' && (change.giveRoles.length > 0 || change.takeRoles.length > 0 || change.defaultRoles !== null)) need(session, 'hasRoles');
  if (change.kind === 'discard-old' || (change.kind === 'password' && change.keepOld)) need(session, 'hasDualPasswords');
  if (change.kind !== 'attribute') return;
  need(session, 'hasUserAttributes');
  const problem = attributesProblem(change.attributes ?? '');
  if (problem !== null) throw failure('invalid-input', { field: 'attributes', reason: attributeReasons[problem] });
}

/** In the words of JSON and of the statement, which are those of every language. */
const attributeReasons = { syntax: 'JSON', object: '{…}', comment: '"comment"', null: 'null' } as const;

/** The account that is changed, or that a clone is made after. @throws Failure `not-found`, `name-taken` */
function subjectOf(change: AccountChange, { states }: AccountsRead): AccountState | undefined {
  const find = (wanted: AccountName): AccountState | undefined => states.find((state) => isSame(state, wanted));
  const isNew = change.kind === 'create' || change.kind === 'create-role';
  const newName = isNew || change.kind === 'clone' ? change.account : change.kind === 'rename' ? change.to : null;
  refuseCutName(newName);
  const existing = isNew ? null : change.kind === 'clone' ? change.from : change.account;
  const state = existing === null ? undefined : find(existing);
  if (existing !== null && state === undefined) throw failure('not-found', { kind: 'account', name: accountName(existing) });
  const isItself = change.kind === 'rename' && isSame(change.account, change.to);
  if (newName !== null && !isItself && find(newName) !== undefined) throw failure('name-taken', { kind: 'account', name: accountName(newName) });
  return state;
}

/** @throws Failure `invalid-input` for a name that the tables of accounts do not keep as it is: they cut blanks off its end */
function refuseCutName(account: AccountName | null): void {
  const cut = [account?.user, account?.host].find((name) => name?.endsWith(' ') === true);
  if (cut !== undefined) throw failure('invalid-input', { field: 'account', reason: `“${cut}”` });
}

/** Hosts are compared without case, users with it. */
function isSame(a: AccountName, b: AccountName): boolean {
  return a.user === b.user && a.host.toLowerCase() === b.host.toLowerCase();
}

/** @throws Failure `invalid-input` for a right that cannot be given there, `not-found` for a role that is not there */
function refuseMisplaced(change: AccountChange, { words, states }: AccountsRead, session: Session): void {
  const { features, defaultAuthPlugin } = session.dialect;
  const plugin = change.kind === 'create' ? change.plugin : null;
  if (plugin !== null && !features.hasAlterUserPassword && plugin !== defaultAuthPlugin) throw failure('invalid-input', { field: 'plugin', reason: plugin });
  if (change.kind !== 'rights') return;
  const wrong = misplaced(change.give, words.privileges);
  if (wrong !== null) throw failure('invalid-input', { field: 'privilege', reason: `${wrong.privilege} ON ${levelText(wrong.on)}` });
  const absent = change.giveRoles.find((role) => !states.some((state) => isSame(state, role)));
  if (absent !== undefined) throw failure('not-found', { kind: 'account', name: quotedName(absent) });
}

async function readFacts(session: Session, { kind }: AccountChange, state: AccountState | undefined): Promise<{ sessions: number; definer: number | null }> {
  if (state === undefined || kind === 'clone') return { sessions: 0, definer: null };
  const runsAs = kind === 'drop' || kind === 'rename';
  return { sessions: await countSessions(session, state.user), definer: runsAs ? await countDefined(session, state) : null };
}
