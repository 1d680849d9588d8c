// What a restore would do, read from the folder and from the target. Changes nothing.
import type { RestoreNote, RestoreOrder, RestorePlan } from '../../../shared/domain/backup/backup';
import { permission, type LockReason } from '../../../shared/domain/fleet/policy';
import { atLeast, compareVersions, parseServerVersion } from '../../../shared/domain/fleet/version';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { goneFrom, isDatabaseInScope, isInScope } from '../../../shared/domain/scope/filters';
import { isSystemSchema, ownSchema, systemSchemas } from '../../../shared/domain/scope/scope';
import { failure, type AppError } from '../../../shared/errors/codes';
import { absentAccounts } from '../../mysql/accounts/absent';
import { byName, readCatalogue } from '../../copy/schema/catalogue';
import type { FleetServers } from '../../fleet/types';
import { featuresOf } from '../../mysql/dialect/features';
import { readObjects } from '../../mysql/named-objects';
import { globalVariable } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { versionIn, type Manifest } from '../manifest';
import { readOnlyAgain, readOnlyDatabases } from '../read-only';
import { chosenDatabases, chosenTables, definersOf, namesKept, type RestoreChoice } from './choice';
import { planLater, type LaterParts } from './later/plan';
import { oldMoments } from './old-moments';
import { definitionsIn, type OpenBackup } from './open';

/** What an order chooses of a backup: all of it is what it is of, no more, also where a log is followed that tells of others. */
export function choiceOf({ scope: asked, renamings, accounts, asStandby }: RestoreOrder, of: Pick<Manifest, 'scope'> | null): RestoreChoice {
  const scope = asked.kind === 'instance' && of !== null ? of.scope : asked;
  return { scope, names: new Map(renamings.map(({ from, to }) => [from, to])), accounts, logged: !asStandby, events: asStandby ? 'replica' : 'disabled' };
}

/** The servers that a plan asks. */
type PlanParts = LaterParts & { readonly fleet: Pick<FleetServers, 'refresh' | 'replicasOf'> };

/** What a plan is made for: to be shown, or to see at its confirmation that it still holds, without the log. */
interface Planning {
  readonly id: string;
  readonly clock: () => number;
  readonly readsLog: boolean;
}

/** Reads both and says what would be done, and why it cannot be. */
export async function planRestore(
  parts: PlanParts, backup: OpenBackup, order: RestoreOrder, { id, clock, readsLog }: Planning,
): Promise<RestorePlan> {
  const { fleet } = parts;
  const view = await fleet.refresh(order.targetId);
  const { name } = fleet.instance(order.targetId);
  const { manifest } = backup;
  const choice = choiceOf(order, manifest);
  const tables = chosenTables(manifest, choice);
  const allowed = permission(view.health.state === 'reachable' ? view.role : 'unknown', 'import');
  const old = oldMoments(manifest, choice);
  const obstacles: AppError[] = old === null ? [] : [old.error];
  if (!allowed.allowed) {
    obstacles.push(refusedRole(fleet, order.targetId, allowed.reason));
  }
  // Its binary logs are reset with the position: whoever follows it would be cut off.
  const followers = order.asStandby ? followersOf(fleet, order.targetId) : [];
  if (followers.length > 0) obstacles.push(failure('target-is-source', { name, replicas: followers.join(', ') }).error);
  const inTheWay = await fleet.withSession(order.targetId, async (session) => {
    obstacles.push(...(await obstaclesOf(session, backup, order, name)));
    return objectsInTheWay(session, backup, choice);
  });
  if (inTheWay.length > 0 && !order.replace) obstacles.push(failure('restore-in-the-way', { name, objects: namesOf(inTheWay) }).error);
  // A log is read through for nothing where the restore is refused anyway.
  const { later, obstacles: behind } = obstacles.length > 0 || !readsLog ? noLater : await planLater(parts, backup, order, choice, id);
  const notes = await notesOf(fleet, backup, order, choice);
  // Its life begins once it can be shown: a log may take longer to read than a plan lives.
  const now = clock();
  return {
    id, order, targetName: name, createdAt: now, expiresAt: now + planLifeMs, phrase: name, databases: chosenDatabases(manifest, choice), tables: tables.length,
    rows: tables.reduce((sum, table) => sum + table.of.rows, 0), plainBytes: plainBytesOf(backup, tables.flatMap(({ of }) => of.files.map(({ path }) => path))),
    inTheWay, notes, later, obstacles: [...obstacles, ...behind],
  };
}

const noLater = { later: null, obstacles: [] };

/** Who follows a server, as it says itself and as the inventory knows; also one that is away just now. */
function followersOf(fleet: PlanParts['fleet'], id: string): readonly string[] {
  const connected = (fleet.view(id).facts?.replicas ?? []).map(({ host, uuid }) => host ?? uuid ?? '?');
  const registered = fleet.replicasOf(id).map(({ name }) => name);
  return registered.length > 0 ? registered : connected;
}

/** A standby takes changes from its primary alone; a fenced server takes none. */
function refusedRole(fleet: PlanParts['fleet'], id: string, reason: LockReason): AppError {
  const { name } = fleet.instance(id);
  if (reason === 'role-unknown') return failure('role-unknown', { name }).error;
  if (reason === 'fenced') return failure('target-fenced', { name }).error;
  const { sourceId } = fleet.view(id);
  return failure('target-is-replica', { name, source: sourceId === null ? '—' : fleet.instance(sourceId).name }).error;
}

function plainBytesOf({ manifest }: OpenBackup, paths: readonly string[]): number {
  const mine = new Set(paths);
  return manifest.files.reduce((sum, file) => (mine.has(file.path) ? sum + file.plainBytes : sum), 0);
}

/** Names past this are counted. */
export const mostNamed = 10;

export function namesOf(objects: readonly NamedObject[]): string {
  return objects.slice(0, mostNamed).map(({ database, name }) => (database === '' ? name : `${database}.${name}`)).join(', ');
}

/** What the target has of the names that will be made: whole databases where they come whole, else tables. */
export async function objectsInTheWay(session: Session, { manifest }: OpenBackup, choice: RestoreChoice): Promise<readonly NamedObject[]> {
  const wanted = new Set(chosenTables(manifest, choice).map(({ database, table }) => JSON.stringify([database.toLowerCase(), table.toLowerCase()])));
  const programs = new Set(manifest.programs.map(({ kind, database, name }) =>
    JSON.stringify([kind, (choice.names.get(database) ?? database).toLowerCase(), name.toLowerCase()])));
  const databases = new Set(chosenDatabases(manifest, choice).map((name) => name.toLowerCase()));
  return (await readObjects(session)).filter(({ kind, database, name }) => {
    if (!databases.has(database.toLowerCase())) return false;
    if (kind === 'TABLE' && wanted.has(JSON.stringify([database.toLowerCase(), name.toLowerCase()]))) return true;
    return programs.has(JSON.stringify([kind, database.toLowerCase(), name.toLowerCase()]));
  }).sort(byName);
}

async function obstaclesOf(session: Session, { manifest }: OpenBackup, order: RestoreOrder, name: string): Promise<readonly AppError[]> {
  const out = [...namesAmiss(manifest, order)];
  if ((await globalVariable(session, 'lower_case_table_names')) !== '0') out.push(...namesAsOne(manifest, choiceOf(order, manifest)));
  const here = new Set(chosenDatabases(manifest, choiceOf(order, manifest)));
  // A backup of an old server may hold a `sys` of its user, and the target has one of its own.
  const own = [...here].find((database) => isSystemSchema(database, session.version));
  const isTold = out.some(({ code, params }) => code === 'name-taken' && params.name === own);
  if (own !== undefined && !isTold) out.push(failure('name-taken', { kind: 'database', name: own }, { server: name }).error);
  const closed = (await readOnlyDatabases(session)).filter((database) => here.has(database));
  if (closed.length > 0) out.push(failure('restore-read-only', { name, databases: closed.slice(0, mostNamed).join(', ') }, { server: name }).error);
  if (!order.asStandby) return out;
  if (order.scope.kind !== 'instance' || order.renamings.length > 0 || manifest.scope.kind !== 'instance') {
    out.push(failure('invalid-input', { field: 'asStandby', reason: 'whole instance, no renaming' }).error);
  }
  const { databases } = await readCatalogue(session, { scope: { kind: 'instance' } });
  if (databases.length > 0) out.push(failure('restore-not-empty', { name }).error);
  return out;
}

/** Names that the backup does not hold, and new ones of which two would be one. */
function namesAmiss({ databases, tables }: Manifest, { renamings, scope }: RestoreOrder): readonly AppError[] {
  const out: AppError[] = [];
  const unknown = renamings.find(({ from }) => !databases.includes(from));
  if (unknown !== undefined) out.push(failure('not-found', { kind: 'database', name: unknown.from }).error);
  const held = databases.map((name) => [name, new Set(tables.filter(({ database }) => database === name).map(({ table }) => table))] as const);
  const gone = goneFrom(scope, new Map(held));
  if (gone !== null) out.push(failure('not-found', gone).error);
  const names = new Map(renamings.map(({ from, to }) => [from, to]));
  const chosen = databases.filter((database) => isDatabaseInScope(scope, database)).map((database) => names.get(database) ?? database);
  const folded = chosen.map((database) => database.toLowerCase());
  const twice = chosen.find((database, at) => folded.indexOf(database.toLowerCase()) !== at && names.size > 0);
  const reserved = renamings.find(({ to }) => [ownSchema, ...systemSchemas].some((schema) => schema === to.toLowerCase()));
  const clash = twice ?? reserved?.to;
  if (clash !== undefined) out.push(failure('name-taken', { kind: 'database', name: clash }).error);
  return out;
}

/** Names that are two by their letters, where the target keeps all in small ones: found before anything is dropped for them. */
function namesAsOne(manifest: Manifest, choice: RestoreChoice): readonly AppError[] {
  const databases = chosenDatabases(manifest, choice);
  const views = manifest.programs.filter(({ kind, database, name }) => kind === 'TABLE' && isInScope(choice.scope, database, name))
    .map(({ database, name }) => ({ database: choice.names.get(database) ?? database, table: name }));
  const tables = [...chosenTables(manifest, choice), ...views].map(({ database, table }) => `${database}.${table}`);
  const clash = (kind: 'database' | 'table', names: readonly string[]): readonly AppError[] => {
    const folded = names.map((name) => name.toLowerCase());
    const twice = names.find((_name, at) => folded.indexOf(folded[at] ?? '') !== at);
    return twice === undefined ? [] : [failure('name-taken', { kind, name: twice }).error];
  };
  const found = clash('database', databases);
  return found.length > 0 ? found : clash('table', tables);
}

async function notesOf(fleet: PlanParts['fleet'], backup: OpenBackup, order: RestoreOrder, choice: RestoreChoice): Promise<readonly RestoreNote[]> {
  const { manifest } = backup;
  const notes: RestoreNote[] = [];
  const programs = await definitionsIn(backup, 'programs.sql');
  const chosen = new Set(chosenDatabases(manifest, choice));
  const events = manifest.programs.filter(({ kind, database }) => kind === 'EVENT' && chosen.has(choice.names.get(database) ?? database));
  const newName = ({ database, name }: NamedObject): string => `${choice.names.get(database) ?? database}.${name}`;
  if (events.length > 0) notes.push({ kind: 'events-disabled', names: events.map(newName) });
  const kept = namesKept(programs, choice);
  if (kept.length > 0) notes.push({ kind: 'names-kept', names: kept });
  if (order.accounts === 'none' && manifest.accounts.length > 0) notes.push({ kind: 'accounts-left', names: manifest.accounts });
  const made = new Set(order.accounts === 'none' ? [] : manifest.accounts);
  const definers = definersOf(programs, choice).filter((one) => !made.has(one));
  const absent = await fleet.withSession(order.targetId, (session) => absentAccounts(session, definers));
  if (absent === null) notes.push({ kind: 'definers-unknown', names: definers });
  else if (absent.length > 0) notes.push({ kind: 'definers-absent', names: absent });
  const closed = readOnlyAgain(manifest, choice);
  const source = versionIn(manifest);
  const facts = fleet.view(order.targetId).facts;
  const there = facts === null ? null : parseServerVersion(facts.server.version);
  if (closed.length > 0) notes.push({ kind: there === null || featuresOf(there).hasReadOnlyDatabases ? 'read-only' : 'read-only-lost', names: closed });
  if (there !== null && (there.major !== source.major || there.minor !== source.minor || (compareVersions(there, source) < 0 && atLeast(source, 8, 0)))) {
    notes.push({ kind: 'other-series', names: [source.raw, there.raw] });
  }
  return notes;
}
