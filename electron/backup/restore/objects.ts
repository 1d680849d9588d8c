// Everything of a backup that is no row: databases, tables, programs, accounts.
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { failure, type Failure } from '../../../shared/errors/codes';
import { createProgram, eventForReplica, eventWith, inLatin1 } from '../../copy/schema/programs';
import { lockedForm } from '../../copy/schema/account-definition';
import { accountsOf } from '../../copy/schema/accounts';
import { tableDefinition } from '../../copy/schema/definition';
import { makeAttempts, type Attempt, type Counted } from '../../copy/schema/attempts';
import { accountText, grantsToGive, refusalOf } from '../../copy/schema/grants';
import { makeTables, type Later } from '../../copy/schema/schema';
import { rememberCreated } from '../../copy/created-objects';
import { databasesOf } from '../../copy/schema/catalogue';
import { writerMode, writerSession, type WriteJob, type WriterOptions } from '../../copy/snapshot/sessions';
import type { Account } from '../../mysql/dialect/accounts';
import { isRefusal, isUnreachable } from '../../mysql/errors';
import { quoteAccount } from '../../mysql/quote';
import { inBytes, plain } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import type { Marked, ReadEntry } from '../sql-file';
import { inWordsOf } from './account-forms';
import { chosenDefinition, isChosen, type ChosenDefinition, type ChosenTable, type RestoreChoice } from './choice';

/** Makes databases and tables, each noted as ours before it is there. */
export async function makeDatabasesAndTables(
  job: WriteJob, writers: readonly [Session, ...Session[]], schema: readonly ReadEntry[], tables: readonly ChosenTable[], choice: RestoreChoice,
): Promise<ReadonlyMap<unknown, Later>> {
  const { step, target } = job;
  const [writer] = writers;
  const wanted = schema.filter(({ object }) => isChosen(object, choice)).map((entry) => chosenDefinition(entry, choice));
  const of = (kind: Marked['kind']): readonly ChosenDefinition[] => wanted.filter(({ object }) => object.kind === kind);
  const here = new Set(await databasesOf(writer));
  const databases = of('DATABASE').filter(({ database }) => !here.has(database));
  const added = tables.filter(({ database }) => here.has(database)).map(({ database, table }) => ({ database, name: table }));
  await rememberCreated(step, { databases: databases.map(({ database }) => database), tables: added });
  for (const { text } of of('SRS')) await refusalOf(job, writer, [plain(text)]);
  for (const { text } of databases) await step.sql(writer, target.name, text);
  const byName = new Map(of('TABLE').map((definition) => [JSON.stringify([definition.database, definition.object.name]), definition]));
  const definitions = new Map(tables.map((table) => {
    const found = byName.get(JSON.stringify([table.database, table.table]));
    if (found === undefined) throw failure('backup-damaged', { name: 'schema.sql', detail: `no definition of ${table.of.database}.${table.table}` });
    return [table, tableDefinition(found.text)] as const;
  }));
  return makeTables(job, writers, tables, definitions);
}

const counted: Readonly<Partial<Record<Marked['kind'], Counted>>> = {
  LIBRARY: 'routines', PROCEDURE: 'routines', FUNCTION: 'routines', VIEW: 'views', TRIGGER: 'triggers', EVENT: 'events',
};

/** What makes routines, views, triggers and events, each under what it was made with. What the target refuses is left out by name. */
export function programsToMake(
  job: WriteJob, writer: Session, programs: readonly ReadEntry[], choice: RestoreChoice, options: WriterOptions,
): readonly Attempt[] {
  return programs.filter(({ object }) => isChosen(object, choice)).map((entry) => {
    const definition = chosenDefinition(entry, choice);
    const { kind, name } = entry.object;
    return {
      run: () => tryToMake(job, writer, definition, choice, options),
      leave: async (why: Failure) => job.step.log('warning', 'backup.log.left', { name: `${definition.database}.${name}`, detail: why.message }),
      ...(counted[kind] === undefined ? {} : { counts: counted[kind] }),
    };
  });
}

async function tryToMake(job: WriteJob, writer: Session, definition: ChosenDefinition, choice: RestoreChoice, options: WriterOptions): Promise<Failure | null> {
  const { object, database, text, bytes } = definition;
  const mode = object.under?.['sql_mode'] ?? '';
  const form = (of: string): string => (object.kind === 'EVENT' ? eventForm(of, choice.events, writer.version, mode) : of);
  try {
    const place = { database, table: object.table };
    if (bytes === null) await createProgram(job, writer, place, object.under ?? {}, plain(form(text)));
    else {
      const session = await writerSession(job.target, job.step.signal, { ...options, statements: 'bytes' });
      try {
        await createProgram(job, session, inLatin1(place), object.under ?? {}, inBytes(form(bytes.toString('latin1')), form(text)));
      } finally {
        session.destroy();
      }
    }
    return null;
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return thrown;
  } finally {
    await writer.run(`SET NAMES utf8mb4, sql_mode = '${writerMode}', time_zone = '+00:00'`).catch((thrown: unknown) => {
      if (!isUnreachable(thrown)) throw thrown;
    });
  }
}

function eventForm(text: string, events: RestoreChoice['events'], version: ServerVersion, mode: string): string {
  if (events === 'kept') return text;
  return events === 'disabled' ? eventWith(text, 'DISABLE', mode) : eventForReplica(text, version, mode);
}

/** What makes the accounts that the target has not, with their rights. Those that it has are left as they are. */
export async function accountsToMake(job: WriteJob, writer: Session, entries: readonly ReadEntry[]): Promise<readonly Attempt[]> {
  const { step } = job;
  const here = new Set((await accountsOf(writer)).map(accountText));
  const names = [...new Set(entries.map(({ object }) => object.name))].filter((name) => !here.has(name));
  const attempts: Attempt[] = [];
  for (const name of names) {
    const account = accountIn(name);
    const [made, ...rest] = entries.filter(({ object }) => object.name === name).map(({ statements }) => statements.map((bytes) => bytes.toString('utf8')));
    if (made === undefined) continue;
    await rememberCreated(step, { accounts: [account] });
    if (!(await makeAccount(job, writer, account, made.flatMap((sql) => inWordsOf(writer.version, sql))))) continue;
    for (const statements of rest) {
      const parts = statements.flatMap((sql) => inWordsOf(writer.version, sql));
      attempts.push(...grantsToGive(job, writer, account, parts));
    }
  }
  return attempts;
}

/** False where the target takes neither the account nor a locked one of its name: told by name. */
async function makeAccount(job: WriteJob, writer: Session, account: Account, made: readonly string[]): Promise<boolean> {
  const { step } = job;
  const who = quoteAccount(account);
  const refusal = await refusalOf(job, writer, made.map((sql): Statement => ({ sql, redacted: `CREATE USER ${who} …` })));
  if (refusal === null) return true;
  const told = { name: accountText(account), detail: refusal.message };
  // Mostly the target has no such way to log in (mysql_native_password is gone since 9.0): its rights have somebody to belong to.
  const isLocked = atLeast(writer.version, 5, 7, 6) && (await refusalOf(job, writer, [lockedForm(made[0] ?? '', who)])) === null;
  step.log('warning', isLocked ? 'backup.log.accountLocked' : 'backup.log.left', told);
  return isLocked;
}

function accountIn(name: string): Account {
  const at = name.lastIndexOf('@');
  return { user: name.slice(0, at), host: name.slice(at + 1) };
}

/** Makes all of it, and says how much there is of each. */
export async function makePrograms(job: WriteJob, attempts: readonly Attempt[]): Promise<void> {
  const { routines, views, triggers, events } = await makeAttempts(attempts);
  job.step.log('info', 'backup.log.programs', { routines, views, triggers, events });
}
