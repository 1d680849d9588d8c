// The plan of a rollback beside the originals: everything that would make it wrong is looked for in the range beforehand.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mostBeside, type BesideOrder, type BesidePlan } from '../../../shared/domain/operations/rollback/beside-plan';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import {
  inServersSpelling, nameCaseOf, nameProblems, newNameInSpelling, ownName, proposedNames, type Existing, type NameCase, type NewName,
} from '../../../shared/domain/operations/rollback/names';
import { isSystemSchema } from '../../../shared/domain/scope/scope';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { failure } from '../../../shared/errors/codes';
import { message, type MessageParams } from '../../../shared/i18n/message';
import { actingOn } from '../../../shared/domain/operations/rollback/acting';
import { readActing } from '../../comparison/logged/cascades';
import { fitsTable, inOneOffset, readTodayTable, type TodayTable } from '../../comparison/logged/tables-today';
import { LoggedTables } from '../../mysql/binlog/logged-tables';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { LiveSession } from '../../mysql/session/session';
import type { Session } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { BesideChanges, nameKey } from './beside-changes';
import { fromTransactionOn, options } from './log-reading';
import { RangeLog } from './range-log';
import { isTransactional } from './undo-reading';
import type { RollbackDeps } from './work';

export interface BesideRequest extends BesideOrder {
  readonly kind: 'beside';
}

export interface BesideDraft {
  readonly plan: BesidePlan;
  readonly request: BesideRequest;
  readonly basis: string;
}

/** Why a copy of a table cannot be taken back over a range. */
type BesideObstruction =
  'statement' | 'table-changed' | 'unreadable' | 'names-unknown' | 'table-differs' | 'partial-image' | 'json-type' | 'cascade' | 'engine' | 'zone' | 'system';
type Found = { readonly why: BesideObstruction; readonly what: string };

/** By a copy of the present, on which everything since is undone. */
export async function draftBackward(deps: RollbackDeps, id: string, name: string, request: BesideRequest, signal?: AbortSignal): Promise<BesideDraft> {
  const { fleet, clock, dataFolder } = deps;
  const { instanceId, gtid, objects, suffix } = request;
  const { set, first } = await fromTransactionOn({ fleet, instanceId, name }, [gtid], signal);
  const sessions: LiveSession[] = [];
  const connect = async (): Promise<LiveSession> => {
    const session = await fleet.connect(instanceId, options(signal));
    sessions.push(session);
    return session;
  };
  const folder = join(dataFolder, 'rollback', `plan-${id}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const session = await connect();
    const existing = await readExisting(session);
    const nameCase = await nameCaseOn(session);
    const asked = request.names ?? proposedNames(objects.map((one) => inServersSpelling(one, existing, nameCase)), suffix, existing);
    const wanted = asked.map((one) => newNameInSpelling(one, existing, nameCase));
    const { log, names, found, leftOut } = await readChoice(folder, { session, connect, range: set.toLine(), names: wanted }, signal);
    try {
      const preconditions = [
        ...namePreconditions(names, existing), ...found.map(obstructionText), ...leftOut.map(leftOutText), ...(await warnings(session, log, names)),
        ...(found.length === 0 ? [passed(log.count)] : []),
      ];
      const now = clock();
      return {
        request, basis: JSON.stringify([names, preconditions.filter(({ status }) => status !== 'pass').map((one) => [one.id, one.status])]),
        plan: {
          id, kind: 'rollback', createdAt: now, expiresAt: now + planLifeMs, instanceId, name, moment: first, names,
          transactions: Number(set.count()), changes: log.count, preconditions, warnings: [], phrase: name, way: 'backward', backup: null,
          steps: [
            {
              id: 'copy', title: message('rollback.step.copy', { count: names.length }), pointOfNoReturn: false, undoable: true,
              sql: createSql(id, names, existing.databases).map((sql) => ({ server: name, sql })),
            },
            { id: 'back', title: message('rollback.step.back', { gtid }), pointOfNoReturn: false, undoable: true, sql: [] },
            {
              id: 'name', title: message('rollback.step.name', { count: names.length }), pointOfNoReturn: true, undoable: false,
              sql: names.length === 0 ? [] : [{ server: name, sql: renameSql(id, names) }],
            },
          ],
        },
      };
    } finally {
      log.close();
    }
  } finally {
    for (const one of sessions) one.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Databases that are made for copies of whole ones, and for those of a database that is gone; `here`: what there is. */
export function newDatabases(names: readonly NewName[], here: readonly string[]): readonly { readonly database: string; readonly like: string }[] {
  const isMade = ({ database, newDatabase }: NewName): boolean => database !== newDatabase || !here.some((one) => one.toLowerCase() === database.toLowerCase());
  const made = new Map(names.filter(isMade).map(({ database, newDatabase }) => [newDatabase, database]));
  return [...made].map(([database, like]) => ({ database, like }));
}

/** All copies get their names in one statement, or none does: it takes no name that something has. */
export function renameSql(id: string, names: readonly NewName[]): string {
  const each = names.map((one, at) => `${quoteTable(one.newDatabase, ownName(id, at))} TO ${quoteTable(one.newDatabase, one.newTable)}`);
  return `RENAME TABLE ${each.join(', ')}`;
}

function createSql(id: string, names: readonly NewName[], here: readonly string[]): readonly string[] {
  return [
    ...newDatabases(names, here).map(({ database }) => `CREATE DATABASE ${quoteId(database)}`),
    ...names.map((one, at) => `CREATE TABLE ${quoteTable(one.newDatabase, ownName(id, at))} LIKE ${quoteTable(one.database, one.table)}`),
  ];
}

/** What the server has, by the names that copies may not get. */
export async function readExisting(session: Session): Promise<Existing> {
  const databases = await session.query<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA');
  const tables = await session.query<{ db: string; tab: string; type: string }>(
    'SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, TABLE_TYPE AS type FROM information_schema.TABLES',
  );
  return {
    databases: databases.map(({ name }) => name),
    tables: tables.filter(({ type }) => type !== 'VIEW').map(({ db, tab }) => ({ database: db, table: tab })),
  };
}

export async function nameCaseOn(session: Session): Promise<NameCase> {
  const [row] = await session.query<{ setting: number | string }>('SELECT @@lower_case_table_names AS setting');
  return nameCaseOf(Number(row?.setting ?? 0));
}

/** What stands in the log from a moment on, of chosen tables. */
export type BesideLog = RangeLog<BesideChanges>;

interface RangeOrder {
  readonly session: LiveSession;
  /** Over afterwards. */
  readonly dump: LiveSession;
  readonly range: string;
  readonly names: readonly NewName[];
  /** Whether the changes are kept, and of which tables one by one. */
  readonly keeps: false | { readonly oneByOne: ReadonlySet<string> };
}

/** The part of the log from the moment on, with the changes of the chosen tables alone. */
export async function readRange(folder: string, { session, dump, range, names, keeps }: RangeOrder, signal?: AbortSignal): Promise<BesideLog> {
  const edges = await readActing(session);
  const today = new Map<string, TodayTable>();
  for (const { database, table } of names) {
    const read = await readTodayTable(session, database, table);
    if (read === null) throw failure('not-found', { kind: 'table', name: `${database}.${table}` });
    today.set(nameKey(read), read);
  }
  const set = parseGtidSet(range);
  const tables = new LoggedTables(session);
  const changes = new BesideChanges(tables, { today, oneByOne: keeps === false ? new Set() : keeps.oneByOne, folder: keeps === false ? null : folder });
  return RangeLog.readInto(folder, tables, changes, dump, {
    range: set, chosen: set, wants: (database, table) => today.has(nameKey({ database, table })), most: mostBeside,
    tooMany: (most) => failure('rollback-too-many', { most }), watched: names.flatMap((name) => actingOn(edges, name)),
  }, signal);
}

interface Choice {
  readonly log: BesideLog;
  /** What can be brought back, or, with what is found, everything that was asked for. */
  readonly names: readonly NewName[];
  readonly found: readonly Found[];
  /** Tables that nothing but their own rows keeps from being brought back, while others can be. */
  readonly leftOut: readonly Found[];
}

/** Reads the range for the chosen tables; where it is of no use for some of them alone, once more without those. */
async function readChoice(
  folder: string, { session, connect, range, names }: Pick<RangeOrder, 'session' | 'range' | 'names'> & { readonly connect: () => Promise<LiveSession> },
  signal?: AbortSignal,
): Promise<Choice> {
  const read = async (into: string, some: readonly NewName[]): Promise<Omit<Choice, 'leftOut'>> => {
    mkdirSync(into, { recursive: true, mode: 0o700 });
    const log = await readRange(into, { session, dump: await connect(), range, names: some, keeps: false }, signal);
    try {
      return { log, names: some, found: await obstructions(session, log, some) };
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  };
  const all = await read(folder, names);
  const left = remaining(names, all.found);
  if (left.length === 0 || left.length === names.length) return { ...all, leftOut: [] };
  all.log.close();
  return { ...await read(join(folder, 'remaining'), left), leftOut: all.found };
}

/** What is left of a choice without the tables of whose rows a value cannot be written again; none where anything else stands in the way. */
export function remaining(names: readonly NewName[], found: readonly Found[]): readonly NewName[] {
  if (found.some(({ why }) => why !== 'json-type')) return [];
  return names.filter(({ database, table }) => !found.some(({ what }) => what === `${database}.${table}`));
}

/** Everything in the range that makes undoing it on a copy wrong, by table. */
export async function obstructions(session: Session, log: BesideLog, names: readonly NewName[]): Promise<readonly Found[]> {
  const found = new Map<string, Found>();
  const refuse = (why: BesideObstruction, what: string): void => void found.set(`${why} ${what}`, { why, what });
  for (const { kind, transaction } of log.whole()) if (kind !== 'ddl' && kind !== 'statement') refuse('unreadable', log.gtidOf(transaction));
  if (!log.unread().isEmpty()) refuse('unreadable', log.unread().shorten());
  // It names no table that a view, a trigger, a routine or a foreign key of its own time carried it on to: any of them may be chosen.
  const dml = log.firstDml();
  if (dml !== null) refuse('statement', dml.slice(0, 200));
  const tables = new Map<string, TodayTable>();
  const edges = await readActing(session);
  for (const { database, table } of names) {
    const name = `${database}.${table}`;
    const { statement, definition } = log.doneTo(database, table);
    if (statement !== null && statement !== dml) refuse('statement', `${name}: ${statement.slice(0, 200)}`);
    if (definition !== null) refuse('table-changed', `${name}: ${definition.slice(0, 200)}`);
    if (isSystemSchema(database, session.version) || database === 'antipode') refuse('system', name);
    const today = await readTodayTable(session, database, table);
    if (today === null) throw failure('not-found', { kind: 'table', name });
    tables.set(name, today);
    if (!(await isTransactional(session, today))) refuse('engine', name);
    if ((await inOneOffset(session, [today])).kept.length > 0) refuse('zone', name);
    for (const parent of actingOn(edges, { database, table })) {
      const why = `${name} → ${parent.database}.${parent.table}`;
      if (log.hasActed(parent.database, parent.table)) refuse('cascade', why);
      // A parent that had other keys, or was another table, may have acted in ways that nobody can see today.
      if (log.mayHaveActed && log.doneTo(parent.database, parent.table).definition !== null) refuse('cascade', why);
    }
  }
  for (const logged of log.tables()) {
    const name = `${logged.database}.${logged.table}`;
    const today = tables.get(name);
    if (logged.named === null) refuse('names-unknown', name);
    else if (today !== undefined && !fitsTable(logged, today)) refuse('table-differs', name);
  }
  if (found.size === 0) refuseChanges(log, refuse);
  return [...found.values()];
}

/** What changes for themselves stand in the way of. */
function refuseChanges(log: BesideLog, refuse: (why: BesideObstruction, what: string) => void): void {
  for (const { logged, touched, partial, unmakeable } of log.changes.seen()) {
    const name = `${logged.database}.${logged.table}`;
    const counted = (one: number): boolean => log.isCounted(one);
    if (touched.some((one) => log.isCounted(one) && log.obstacle(logged, one) !== null)) refuse('names-unknown', name);
    if (partial.some(counted)) refuse('partial-image', name);
    if (unmakeable.some(counted)) refuse('json-type', name);
  }
}

const reading = 'COM_BINLOG_DUMP_GTID';

const obstructionText = ({ why, what }: Found, at: number): Precondition => ({
  id: `${why}:${String(at)}`, title: message('rollback.precondition.range'), status: 'fail', sql: reading,
  measured: message(`rollback.range.${why}`, { what }), remedy: message(`rollback.range.cure.${cures[why]}`),
});

const leftOutText = ({ why, what }: Found, at: number): Precondition => ({
  id: `left-out:${String(at)}`, title: message('rollback.precondition.range'), status: 'warn', sql: reading,
  measured: message(`rollback.range.${why}`, { what }), remedy: message('rollback.range.cure.left-out'),
});

const cures = {
  'statement': 'backup', 'table-changed': 'moment', 'unreadable': 'moment', 'names-unknown': 'moment', 'table-differs': 'moment',
  'partial-image': 'backup', 'json-type': 'backup', 'cascade': 'backup', 'engine': 'none', 'zone': 'kept',
  'system': 'none',
} as const satisfies Record<BesideObstruction, string>;

const passed = (changes: number): Precondition => ({
  id: 'range', title: message('rollback.precondition.range'), status: 'pass', remedy: null, sql: reading,
  measured: message('rollback.range.whole', { changes }),
});

/** What is wrong with new names. */
export function namePreconditions(names: readonly NewName[], existing: Existing): readonly Precondition[] {
  const warned = (id: string, key: 'rollback.names.none' | 'rollback.names.problem', params: MessageParams): Precondition => ({
    id, title: message('rollback.precondition.names'), status: 'fail', measured: message(key, params), remedy: message('rollback.range.cure.names'),
    sql: 'information_schema.TABLES',
  });
  if (names.length === 0) return [warned('names:none', 'rollback.names.none', {})];
  return nameProblems(names, existing).map(({ name: { newDatabase, newTable }, problem }, at) =>
    warned(`names:${String(at)}`, 'rollback.names.problem', { name: `${newDatabase}.${newTable}`, problem }));
}

/** What a copy of these tables alone is not: told, and accepted by a word. */
async function warnings(session: Session, log: BesideLog, names: readonly NewName[]): Promise<readonly Precondition[]> {
  const others = log.others().filter((one) => !names.some(({ database, table }) => database === one.database && table === one.table));
  return [
    ...(others.length === 0 ? [] : [{
      id: 'others', title: message('rollback.precondition.others'), status: 'warn', sql: reading, remedy: message('rollback.range.cure.more'),
      measured: message('rollback.others', { tables: others.slice(0, 10).map(({ database, table }) => `${database}.${table}`).join(', ') }),
    } satisfies Precondition]),
    ...await keysWarning(session, names),
  ];
}

/** Copies have no foreign keys. */
export async function keysWarning(session: Session, names: readonly NewName[]): Promise<readonly Precondition[]> {
  const chosen = (database: string, table: string): boolean => names.some((one) => one.database === database && one.table === table);
  const keys: string[] = [];
  for (const { database, table } of names) {
    const today = await readTodayTable(session, database, table);
    for (const parent of today?.parents ?? []) {
      keys.push(`${database}.${table} → ${parent.database}.${parent.table}${chosen(parent.database, parent.table) ? '' : ' *'}`);
    }
  }
  if (keys.length === 0) return [];
  return [{
    id: 'keys', title: message('rollback.precondition.keys'), status: 'warn', sql: 'information_schema.KEY_COLUMN_USAGE',
    remedy: message('rollback.range.cure.more'), measured: message('rollback.keys', { keys: keys.slice(0, 10).join(', ') }),
  }];
}
