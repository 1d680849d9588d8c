import type { CheckReport, MissingObject } from '../checks/check';
import type { PlannedStep } from '../tasks/plan';
import { ownSchema, type Scope, type ScopeDatabase } from './scope';
import { isInScope } from './filters';

export type PartialScope = Extract<Scope, { kind: 'partial' }>;

/** Some tables of a database, or all of it but some. */
export interface ScopePart {
  readonly database: string;
  /** null: everything in it, present and future, but `except`. */
  readonly tables: readonly string[] | null;
  /** Tables that are not part of it; only where `tables` is null. */
  readonly except: readonly string[];
}

/** What a change of scope adds and what it takes away. */
export interface ScopeDifference {
  readonly added: readonly ScopePart[];
  readonly removed: readonly ScopePart[];
}

type Entries = ReadonlyMap<string, readonly string[] | null>;

/** Each database once; one that is chosen as a whole and by tables is chosen as a whole. */
function entriesOf({ databases }: PartialScope): Entries {
  const entries = new Map<string, readonly string[] | null>();
  for (const { database, tables } of databases) {
    const before = entries.get(database);
    entries.set(database, tables === null || before === null ? null : [...new Set([...(before ?? []), ...tables])]);
  }
  return entries;
}

/** What differs between two partial scopes, by name alone. */
export function scopeDifference(from: PartialScope, to: PartialScope): ScopeDifference {
  const [before, after] = [entriesOf(from), entriesOf(to)];
  return { added: without(after, before), removed: without(before, after) };
}

/** What the one scope takes in and the other does not. */
function without(one: Entries, other: Entries): ScopePart[] {
  return [...one].flatMap(([database, tables]): ScopePart[] => {
    const theirs = other.get(database);
    if (theirs === null) return [];
    if (tables === null) return [{ database, tables: null, except: theirs ?? [] }];
    const rest = tables.filter((table) => !(theirs ?? []).includes(table));
    return rest.length === 0 ? [] : [{ database, tables: rest, except: [] }];
  });
}

/** The scope in one form: each database once, in the order of names. Two scopes that take in the same are the same then. */
export function settledScope(scope: PartialScope): PartialScope {
  const databases: ScopeDatabase[] = [...entriesOf(scope)]
    .filter(([database, tables]) => database !== ownSchema && tables?.length !== 0)
    .map(([database, tables]) => ({ database, tables: tables === null ? null : [...tables].sort() }));
  return { kind: 'partial', databases: databases.sort((one, other) => (one.database < other.database ? -1 : 1)) };
}

/** The scope with more taken in. */
export function widenedScope({ databases }: PartialScope, missing: readonly MissingObject[]): PartialScope {
  return settledScope({
    kind: 'partial', databases: [...databases, ...missing.map(({ database, table }) => ({ database, tables: table === null ? null : [table] }))],
  });
}

export function isInPart({ database, tables, except }: ScopePart, inDatabase: string, table: string): boolean {
  return database === inDatabase && (tables === null ? !except.includes(table) : tables.includes(table));
}

/** What was taken out of the scope before and has not come back. */
export function stillReleased(released: readonly ScopePart[], scope: Scope): (database: string, table: string) => boolean {
  return (database, table) => !isInScope(scope, database, table) && released.some((part) => isInPart(part, database, table));
}

/** `db`, `db.*` without some, `db.table`: for texts. Names are untrusted. */
export function partText({ database, tables, except }: ScopePart): string {
  if (tables !== null) return tables.map((table) => `${database}.${table}`).join(', ');
  return except.length === 0 ? `${database}.*` : `${database}.* − ${except.join(', ')}`;
}

/** A part with what it holds on the source now; estimates of the server. */
export interface PlannedPart {
  readonly part: ScopePart;
  readonly tables: number;
  readonly rows: number | null;
  readonly bytes: number | null;
}

/** What a change of scope would do, before it is done. */
export interface ScopeChangePlan {
  readonly from: PartialScope;
  readonly to: PartialScope;
  readonly added: readonly PlannedPart[];
  readonly removed: readonly PlannedPart[];
  /** Names on the standby, left there before, that make way for the copy. */
  readonly inTheWay: readonly string[];
  /** Names on the standby that go with the change; empty where what is removed stays there. */
  readonly dropped: readonly string[];
  /** Replicas that follow the standby: what is copied outside of its binary log does not reach them. */
  readonly replicas: readonly string[];
  readonly report: CheckReport;
  /** For about how long the standby receives but does not apply, seconds; null: unknown. */
  readonly pauseSeconds: number | null;
  readonly steps: readonly PlannedStep[];
  /** The name of the task where something is dropped; null: nothing has to be typed. */
  readonly phrase: string | null;
}
