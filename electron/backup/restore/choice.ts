// What of a backup is restored, and under which names.
import { isInScope, isDatabaseInScope, isWholeDatabaseInScope } from '../../../shared/domain/scope/filters';
import { databasesNamed, renamedTable, renamedTrigger, renamedView, type NewNames } from '../../../shared/domain/backup/rename';
import type { RestoreAccounts } from '../../../shared/domain/backup/backup';
import { definerIn } from '../../../shared/domain/operations/import/names';
import { wordsIn } from '../../../shared/domain/operations/sql/words';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';
import type { TableToCopy } from '../../copy/rows/chunks';
import type { Manifest, ManifestTable } from '../manifest';
import { besideDefinition } from './beside-definition';
import { tableKey, type TableName, type TablesAs } from './table-names';
import type { Marked, ReadEntry } from '../sql-file';

export interface RestoreChoice {
  readonly scope: Scope;
  readonly names: NewNames;
  readonly accounts: RestoreAccounts;
  /** What is written enters the target's binary log. */
  readonly logged: boolean;
  /** How enabled events arrive: as they were, disabled, or as a standby has them until it is promoted. */
  readonly events: 'kept' | 'disabled' | 'replica';
  /** Where given: these tables alone, each in a database that is there, under a name that nothing has; without triggers. */
  readonly beside?: TablesAs;
}

/** What a table of the backup, or of the log behind it, is called where it is restored. */
export function restoredAs({ names, beside }: Pick<RestoreChoice, 'names' | 'beside'>, { database, table }: TableName): TableName {
  return beside?.get(tableKey({ database, table })) ?? { database: names.get(database) ?? database, table };
}

/** Of a proof: all of it, as it is. */
export const wholeChoice: RestoreChoice = { scope: wholeInstance, names: new Map(), accounts: 'missing', logged: false, events: 'disabled' };

/** A table of a backup as it is restored. */
export interface ChosenTable extends TableToCopy {
  readonly of: ManifestTable;
}

export function chosenTables({ tables }: Manifest, choice: RestoreChoice): readonly ChosenTable[] {
  return tables
    .filter(({ database, table }) => isInScope(choice.scope, database, table))
    .map((of) => ({ ...of, of, ...restoredAs(choice, of) }));
}

/** By their new names. */
export function chosenDatabases({ databases }: Manifest, { scope, names }: RestoreChoice): readonly string[] {
  return databases.filter((name) => isDatabaseInScope(scope, name)).map((name) => names.get(name) ?? name);
}

/** True where an entry of the backup belongs to what is restored: programs come with their whole database, triggers with their table's. */
export function isChosen({ kind, database, name, table }: Marked, { scope, beside }: RestoreChoice): boolean {
  if (beside !== undefined && kind !== 'TABLE' && kind !== 'SRS') return false;
  switch (kind) {
    case 'SRS':
    case 'ACCOUNT':
      return true;
    case 'DATABASE':
      return isDatabaseInScope(scope, database);
    case 'TABLE':
      return isInScope(scope, database, name);
    case 'TRIGGER':
      return isInScope(scope, database, table ?? '');
    default:
      return isWholeDatabaseInScope(scope, database);
  }
}

/** A definition, to be made in `database`. */
export interface ChosenDefinition {
  readonly object: Marked;
  readonly database: string;
  readonly text: string;
  /** Null: the text says all; else it is in the character set of the program. */
  readonly bytes: Buffer | null;
}

/** The definition of an entry under the new names. */
export function chosenDefinition({ object, statements }: ReadEntry, { names, beside }: RestoreChoice): ChosenDefinition {
  const definition = statements.at(-1) ?? Buffer.alloc(0);
  const as = object.kind === 'TABLE' ? beside?.get(tableKey({ database: object.database, table: object.name })) : undefined;
  if (beside !== undefined && as !== undefined) {
    const text = besideDefinition(definition.toString('utf8'), object.database, as, beside);
    return { object: { ...object, name: as.table }, database: as.database, text, bytes: null };
  }
  const database = names.get(object.database) ?? object.database;
  const text = definition.toString('utf8');
  if (object.bytes === true) return { object, database, text, bytes: definition };
  const made = renamedObject(object, text, names);
  return { object, database, text: object.kind === 'DATABASE' ? renamedDatabase(made, object.database, database) : made, bytes: null };
}

function renamedObject({ kind }: Marked, text: string, names: NewNames): string {
  switch (kind) {
    case 'TABLE':
      return renamedTable(text, names);
    case 'VIEW':
      return renamedView(text, names);
    case 'TRIGGER':
      return renamedTrigger(text, names);
    default:
      return text;
  }
}

/** Programs whose text names a database that has another name now. */
export function namesKept(entries: readonly ReadEntry[], choice: RestoreChoice): readonly string[] {
  if (choice.names.size === 0) return [];
  return entries
    .filter(({ object }) => object.kind !== 'VIEW' && isChosen(object, choice))
    .filter(({ object, statements }) => databasesNamed(renamedObject(object, statements.at(-1)?.toString('utf8') ?? '', choice.names), choice.names).length > 0)
    .map(({ object: { database, name } }) => `${database}.${name}`);
}

/** A definition names its definer before its kind. */
const [longestHead, headWords] = [2_000, 12];

/** In whose names the chosen views, programs, triggers and events run, `user@host`. */
export function definersOf(entries: readonly ReadEntry[], choice: RestoreChoice): readonly string[] {
  const heads = entries.filter(({ object }) => isChosen(object, choice)).map(({ statements }) => statements.at(-1)?.toString('latin1', 0, longestHead) ?? '');
  return [...new Set(heads.flatMap((head) => definerIn(wordsIn(head, {}).slice(0, headWords)) ?? []))].sort();
}

function renamedDatabase(text: string, from: string, to: string): string {
  const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
  const at = text.indexOf(quoted(from));
  return at === -1 ? text : `${text.slice(0, at)}${quoted(to)}${text.slice(at + quoted(from).length)}`;
}
