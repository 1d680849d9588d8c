// What makes the objects of a source again, as files that `mysql` runs.
import { isReservedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { atLeast } from '../../../shared/domain/fleet/version';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { isRefusal } from '../../mysql/errors';
import { setDatabaseDefault } from '../../mysql/default-collation';
import { quoteAccount, quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { accountsOf, defaultRolesOf, ignoredAccounts } from '../../copy/schema/accounts';
import { definitionOf } from '../../copy/schema/account-definition';
import type { Catalogue } from '../../copy/schema/catalogue';
import { changedOr } from '../../copy/schema/changed';
import { accountText, grantsOf } from '../../copy/schema/grants';
import { namedPrograms, settingsFor, shownField, type Program } from '../../copy/schema/programs';
import { commentForMode, databaseCollation, parameterCollation, showCreate, showProgram, type Shown } from '../../copy/schema/shown';
import { usedSpatialSystems } from '../../copy/schema/server-wide';
import { evaluationSql, writerMode, type Evaluation, type ReadJob } from '../../copy/snapshot/sessions';
import type { TableToCopy } from '../../copy/rows/chunks';
import type { SqlEntry } from '../sql-file';

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Databases and tables, with all that stands in their definitions. */
export async function tableEntries(job: ReadJob, reader: Session, catalogue: Catalogue, tables: readonly TableToCopy[]): Promise<readonly SqlEntry[]> {
  const entries: SqlEntry[] = (await usedSpatialSystems(reader, catalogue)).map(({ id, statement }) => ({
    object: { kind: 'SRS', database: '', name: id }, statements: [utf8(statement)],
  }));
  for (const database of catalogue.databases) {
    if (database === ownSchema) continue;
    const { text } = await showCreate(reader, `DATABASE IF NOT EXISTS ${quoteId(database)}`, 'Create Database', database);
    entries.push({ object: { kind: 'DATABASE', database, name: database }, statements: [utf8(text)] });
  }
  for (const table of tables) {
    job.step.checkpoint();
    const { database, table: name } = table;
    const { text } = await showCreate(reader, `TABLE ${quoteTable(database, name)}`, 'Create Table', name).catch((thrown: unknown) => {
      throw changedOr(thrown, job, table);
    });
    entries.push({ object: { kind: 'TABLE', database, name }, statements: [utf8(`USE ${quoteId(database)}`), utf8(text)] });
  }
  return entries;
}

/** Something that the source would not show, and what it said. */
export interface NotShown {
  readonly object: NamedObject;
  readonly why: string;
}

/** Routines, views, triggers and events, each under what it was made with. A view that does not work is left out by name. */
export async function programEntries(
  job: ReadJob, reader: Session, catalogue: Catalogue,
): Promise<{ readonly entries: readonly SqlEntry[]; readonly notShown: readonly NotShown[] }> {
  const entries: SqlEntry[] = [];
  const notShown: NotShown[] = [];
  const defaults = await defaultCollations(reader);
  for (const program of await namedPrograms(job, reader, catalogue)) {
    if (program.database === ownSchema) continue;
    job.step.checkpoint();
    try {
      entries.push(await programEntry(reader, program, defaults.get(program.database) ?? ''));
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      const { kind, database, name } = program;
      notShown.push({ object: { kind: kind === 'VIEW' ? 'TABLE' : kind, database, name }, why: thrown.message });
      job.step.log('warning', 'backup.log.notShown', { name: `${database}.${name}`, detail: thrown.message });
    }
  }
  return { entries: inOrderOfNeed(entries), notShown };
}

async function defaultCollations(reader: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await reader.query<{ name: string; collation: string }>(
    'SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA',
  );
  return new Map(rows.map(({ name, collation }) => [name, collation]));
}

/** `collation`: the default of its database now. One that was made under another is made under that again, as mysqldump does it. */
async function programEntry(reader: Session, { kind, database, name, table }: Program, collation: string): Promise<SqlEntry> {
  const { shown, text, bytes } = await showProgram(reader, { kind, database, name }, shownField(kind));
  const under = settingsOf(shown);
  const mode = under['sql_mode'] ?? '';
  const definition = bytes === null ? utf8(commentForMode(text, mode)) : Buffer.from(commentForMode(Buffer.from(bytes).toString('latin1'), mode), 'latin1');
  const made = shown[databaseCollation] ?? '';
  const isOther = made !== '' && collation !== '' && oneCharsetName(made) !== oneCharsetName(collation);
  const before = isOther ? [setDatabaseDefault(database, made).sql] : [];
  const opening = [...before, `USE ${quoteId(database)}`, settingsFor(shown, reader.version)].map(utf8);
  const closing = isOther ? ['SET NAMES utf8mb4', setDatabaseDefault(database, collation).sql].map(utf8) : [];
  const object = { kind, database, name, ...(table === undefined ? {} : { table }), under, ...(bytes === null ? {} : { bytes: true }) };
  return { object, statements: [...opening, definition], ...(closing.length === 0 ? {} : { closing }) };
}

const settingNames = ['sql_mode', 'character_set_client', 'collation_connection', 'time_zone', databaseCollation, parameterCollation];

function settingsOf(shown: Shown): Record<string, string> {
  return Object.fromEntries(settingNames.flatMap((name) => (typeof shown[name] === 'string' ? [[name, shown[name]]] : [])));
}

/** Views after those that they name; all else in its order. By hand a file is run once, from its beginning to its end. */
function inOrderOfNeed(entries: readonly SqlEntry[]): readonly SqlEntry[] {
  const views = new Map(entries.filter(({ object }) => object.kind === 'VIEW').map((entry) => [quoteTable(entry.object.database, entry.object.name), entry]));
  const ordered = new Set<SqlEntry>();
  const add = (entry: SqlEntry, above: ReadonlySet<SqlEntry>): void => {
    if (ordered.has(entry) || above.has(entry)) return;
    const within = new Set([...above, entry]);
    const text = entry.statements.at(-1)?.toString('utf8') ?? '';
    for (const [name] of text.matchAll(/`(?:[^`]|``)+`\.`(?:[^`]|``)+`/g)) {
      const needed = views.get(name);
      if (needed !== undefined) add(needed, within);
    }
    ordered.add(entry);
  };
  for (const entry of entries) {
    if (entry.object.kind === 'VIEW') add(entry, new Set());
    else ordered.add(entry);
  }
  return [...ordered];
}

/** Accounts and roles, then what they may do, then the roles that they have by default. Holds hashes of passwords. */
export async function accountEntries(job: ReadJob, reader: Session): Promise<readonly SqlEntry[]> {
  const all = (await accountsOf(reader)).filter(({ user }) => !isReservedAccount(user));
  const ignored = await ignoredAccounts(reader, all);
  for (const account of ignored) job.step.log('warning', 'sync.log.accountIgnored', { account: accountText(account) });
  const accounts = all.filter((account) => !ignored.includes(account));
  const entryOf = (name: string, statements: readonly string[]): SqlEntry => ({
    object: { kind: 'ACCOUNT', database: '', name }, statements: statements.map(utf8),
  });
  const made: SqlEntry[] = [];
  const given: SqlEntry[] = [];
  for (const account of accounts) {
    job.step.checkpoint();
    const { statements } = await definitionOf(reader, reader, account, false);
    made.push(entryOf(accountText(account), statements.map(({ sql }) => sql)));
    given.push(entryOf(accountText(account), await grantsOf(reader, account)));
  }
  const roles = reader.dialect.features.hasRoles ? await defaultRolesOf(reader) : [];
  const chosen = accounts.flatMap((account) => {
    const mine = roles.filter((row) => row.user === account.user && row.host === account.host).map(({ role }) => quoteAccount(role));
    return mine.length === 0 ? [] : [entryOf(accountText(account), [`SET DEFAULT ROLE ${mine.join(', ')} TO ${quoteAccount(account)}`])];
  });
  return [...made, ...given, ...chosen];
}

/** What a session of `mysql` needs before it runs the files; the same that a restore sets. */
export function sessionStatements(reader: Session, evaluation: Evaluation | null): readonly string[] {
  return [
    'SET NAMES utf8mb4',
    `SET SESSION sql_mode = '${writerMode}', time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, innodb_strict_mode = OFF`,
    '/*!80013 SET SESSION sql_require_primary_key = OFF */',
    '/*!80030 SET SESSION sql_generate_invisible_primary_key = OFF */',
    '/*!80400 SET SESSION restrict_fk_on_non_standard_key = OFF */',
    ...(atLeast(reader.version, 8, 0) ? [] : ["/*!80011 SET SESSION default_collation_for_utf8mb4 = 'utf8mb4_general_ci' */"]),
    ...(evaluation === null ? [] : evaluationSql(evaluation)),
  ];
}
