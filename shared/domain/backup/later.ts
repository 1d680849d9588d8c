// A moment behind a backup: which changes of the log lead there, and what keeps them from doing so. Pure.
import { leavesTables, mentions, namesWord } from '../binlog/statements';
import type { GtidSet } from '../gtid/set';
import type { ActingRules } from '../operations/rollback/acting';
import { inverseOf, type UndoAct } from '../operations/rollback/undo';
import type { Table } from '../promotion/dossier/classify';
import type { SingleChange } from '../promotion/dossier/net';
import { isInScope, isWholeDatabaseInScope } from '../scope/filters';
import { ownSchema, systemSchemas, type Scope } from '../scope/scope';
import type { LogGap } from './moment';

/** What a backup holds and a log says, as sets of transactions. */
interface LogAround {
  readonly held: GtidSet;
  /** What the log holds, and what it held once. */
  readonly logged: GtidSet;
  readonly purged: GtidSet;
  /** What the log holds from the moment on, by its own order; empty: the moment is its end. */
  readonly from: GtidSet;
}

/** The transactions that lead from a backup to a moment; or why none do, and which are in the way. */
export function lackingOf({ held, logged, purged, from }: LogAround): { readonly range: GtidSet } | { readonly state: LogGap; readonly gtids: GtidSet } {
  const executed = logged.union(purged);
  const foreign = held.subtract(executed);
  if (!foreign.isEmpty()) return { state: 'foreign', gtids: foreign };
  // Of a server that had them in another order: what the backup holds of them cannot be taken out of it.
  const behind = held.intersect(from);
  if (!behind.isEmpty()) return { state: 'held', gtids: behind };
  const range = executed.subtract(from).subtract(held);
  const missing = range.subtract(logged);
  return missing.isEmpty() ? { range } : { state: 'purged', gtids: missing };
}

const backwards = { insert: 'delete', update: 'update', delete: 'insert' } as const satisfies Record<SingleChange['kind'], SingleChange['kind']>;

/** What is written to make a logged change again, on a row that is as it was before: what takes back its opposite. */
export function forwardOf({ kind, before, after }: SingleChange, table: Table): UndoAct | 'nothing' | 'partial-image' {
  return inverseOf({ kind: backwards[kind], before: after, after: before, documents: new Map() }, table);
}

/** Accounts, servers and what goes with its connection: no part of what rows lead to. */
const beside = /^\s*(?:(?:CREATE|ALTER|DROP|RENAME)\s+(?:USER|ROLE|SERVER)|(?:CREATE|DROP)\s+(?:\/\*!\d+\s+)?TEMPORARY)\b/i;

/**
 * Whether a statement of the log may have changed what is restored, by what it names and where it ran: too much is found rather than too little. One
 * that `changesRows` may have done so by a view, a trigger or a function that it does not name: of a part nobody can tell.
 */
export function concerns(text: string, ranIn: string, changesRows: boolean, { scope, databases, tables }: Restored): boolean {
  if (changesRows && scope.kind === 'partial') return true;
  if (leavesTables(text) || beside.test(text)) return false;
  const isNamed = (database: string): boolean => ranIn.toLowerCase() === database.toLowerCase() || namesWord(text, database);
  // Of a whole instance whatever is not known to be elsewhere is of it.
  if (scope.kind === 'instance') return ![ownSchema, ...systemSchemas].some((name) => namesWord(text, name)) || databases.some(isNamed);
  return databases.some((database) => isWholeDatabaseInScope(scope, database) && isNamed(database))
    || tables.some(({ database, table }) => isInScope(scope, database, table) && mentions(text, ranIn, database, table));
}

/** What is restored, by the names of the log. */
interface Restored {
  readonly scope: Scope;
  /** Of the whole backup, as are its tables. */
  readonly databases: readonly string[];
  readonly tables: readonly TableName[];
}

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** A table that a foreign key refers to, and what makes the key act. */
interface ReferredTable extends TableName, ActingRules {}

/** A table as SHOW CREATE TABLE writes it. */
export interface Definition extends TableName {
  readonly text: string;
}

/** A table whose changes foreign keys carry on in restored ones, by one of which it is known. */
interface ActingParent extends ActingRules {
  readonly isRestored: boolean;
  readonly child: string;
}

interface KeysAround {
  readonly acting: ReadonlyMap<string, ActingParent>;
  readonly outside: ReadonlyMap<string, string>;
}

/**
 * What the foreign keys of restored tables do, by the names of tables (`database.table`). `acting`: those whose changes go on in them. `outside`: of
 * restored ones a key (`child → parent`) to a table that is not, their own or of a table that a change of theirs reaches.
 */
export function keysAround(restored: readonly Definition[]): KeysAround {
  const [acting, outside] = [new Map<string, ActingParent>(), new Map<string, string>()];
  const nameOf = ({ database, table }: TableName): string => `${database}.${table}`;
  const names = new Set(restored.map(nameOf));
  const followed: (readonly [parent: string, child: string])[] = [];
  for (const definition of restored) {
    const child = nameOf(definition);
    for (const { onDelete, onUpdate, ...referred } of parentsIn(definition.text, definition.database)) {
      const parent = nameOf(referred);
      if (!names.has(parent)) outside.set(child, `${child} → ${parent}`);
      if (!onDelete && onUpdate.size === 0) continue;
      const known = acting.get(parent);
      acting.set(parent, {
        isRestored: names.has(parent), child, onDelete: onDelete || known?.onDelete === true, onUpdate: new Set([...known?.onUpdate ?? [], ...onUpdate]),
      });
      if (onUpdate.size > 0) followed.push([parent, child]);
    }
  }
  // As long as one more is found: keys may go round.
  for (let before = -1; before < outside.size;) {
    before = outside.size;
    for (const [parent, child] of followed) {
      const key = outside.get(child);
      if (key !== undefined && names.has(parent) && !outside.has(parent)) outside.set(parent, key);
    }
  }
  return { acting, outside };
}

/** Tables that foreign keys of a definition refer to, as SHOW CREATE TABLE writes it; a comment that looks like it counts. */
export function parentsIn(definition: string, database: string): readonly ReferredTable[] {
  const name = '`((?:[^`]|``)+)`';
  const rule = '(?:RESTRICT|CASCADE|SET NULL|NO ACTION|SET DEFAULT)';
  const columns = '((?:`(?:[^`]|``)+`(?:, )?)+)';
  const reference = new RegExp(`\\bREFERENCES ${name}(?:\\.${name})? \\(${columns}\\)((?: ON (?:DELETE|UPDATE) ${rule})*)`, 'g');
  const plain = (text: string): string => text.replaceAll('``', '`');
  return [...definition.matchAll(reference)].map(([, first = '', second, referred = '', rules = '']) => {
    const acts = (of: string): boolean => new RegExp(`ON ${of} (?:CASCADE|SET NULL|SET DEFAULT)`).test(rules);
    const named = [...referred.matchAll(/`((?:[^`]|``)+)`/g)].map(([, column = '']) => plain(column));
    return {
      ...(second === undefined ? { database, table: plain(first) } : { database: plain(first), table: plain(second) }),
      onDelete: acts('DELETE'), onUpdate: new Set(acts('UPDATE') ? named : []),
    };
  });
}
