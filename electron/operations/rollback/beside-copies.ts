// Copies beside the originals, under names that only their rollback gives until they are whole: made, named, or taken away.
import * as v from 'valibot';
import { ownName } from '../../../shared/domain/operations/rollback/names';
import { failure } from '../../../shared/errors/codes';
import { hasErrno } from '../../mysql/errors';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { LiveSession } from '../../mysql/session/session';
import { memoryKey } from '../../tasks/memory';
import { TakenBack } from '../../tasks/taken-back';
import type { StepContext } from '../../tasks/types';
import { newDatabases, renameSql } from './beside-plan';
import type { BesideInput, RollbackWork } from './work';

/** What was made and nothing else: a cancel takes this much away and no more. */
export const madeKey = memoryKey('made', v.object({
  databases: v.array(v.string()), tables: v.array(v.object({ database: v.string(), table: v.string() })),
  /** Databases of which the server said that it made them. */
  confirmed: v.optional(v.array(v.string())),
}));
/** The copies are whole, and the statement that names them was sent, or is about to be. */
const namingKey = memoryKey('naming', v.boolean());

/** What was made is kept before it is there, so that no end of the program leaves anything that nobody knows. */
export interface CopiesMade {
  /** `sql`: makes the table of that quoted name. */
  makeTable(name: { readonly database: string; readonly table: string }, sql: (table: string) => string): Promise<void>;
  /** Notes a table that is about to be made by others. */
  noteTable(name: { readonly database: string; readonly table: string }): Promise<void>;
}

/** Makes the databases of copies that are not there, each with the character set of the one that it stands beside. */
export async function makeDatabases(context: StepContext, writer: LiveSession, { name, names }: BesideInput): Promise<CopiesMade> {
  const made = { databases: [] as string[], tables: [] as { database: string; table: string }[], confirmed: [] as string[] };
  // A name that is taken by now is not ours to take away: what is noted is what could be made.
  const make = async (sql: string, note: () => void, forget: () => void): Promise<void> => {
    note();
    await context.remember(madeKey, made);
    try {
      await context.sql(writer, name, sql);
    } catch (thrown) {
      if (hasErrno(thrown, 1007, 1050)) {
        forget();
        await context.remember(madeKey, made);
      }
      throw thrown;
    }
  };
  const here = await writer.query<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA');
  for (const { database, like } of newDatabases(names, here.map((row) => row.name))) {
    const [row] = await writer.query<{ charset: string; collation: string }>(
      'SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [like],
    );
    const sql = `CREATE DATABASE ${quoteId(database)} CHARACTER SET ${row?.charset ?? 'utf8mb4'}${row === undefined ? '' : ` COLLATE ${row.collation}`}`;
    await make(sql, () => made.databases.push(database), () => made.databases.pop());
    made.confirmed.push(database);
    await context.remember(madeKey, made);
  }
  return {
    makeTable: ({ database, table }, sql) =>
      make(sql(quoteTable(database, table)), () => made.tables.push({ database, table }), () => made.tables.pop()),
    async noteTable({ database, table }) {
      made.tables.push({ database, table });
      await context.remember(madeKey, made);
    },
  };
}

/** Gives the copies, which are whole, their names. What the server has then decides, not how the statement ended. */
export async function giveNames(work: RollbackWork, input: BesideInput, context: StepContext): Promise<void> {
  const { id, name, names } = input;
  const wasSent = context.recall(namingKey) === true;
  let missed: unknown = null;
  try {
    if (wasSent && await unnamed(work, input, context) === 0) return;
    await context.remember(namingKey, true);
    await context.sql(await work.connect(context.signal), name, renameSql(id, names));
    return;
  } catch (thrown) {
    missed = thrown;
  } finally {
    work.endSessions();
  }
  const left = await unnamed(work, input, context);
  work.endSessions();
  if (left === names.length) throw new TakenBack(missed instanceof Error ? missed : failure('internal', { detail: String(missed) }));
  if (left > 0) throw missed;
}

/** How many copies have no other name yet than our own. */
async function unnamed(work: RollbackWork, { id, names }: BesideInput, context: StepContext): Promise<number> {
  const session = await work.connect(context.signal);
  const rows = await session.query<{ db: string; tab: string }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab FROM information_schema.TABLES WHERE TABLE_NAME IN (${names.map(() => '?').join(', ')})`,
    names.map((_, at) => ownName(id, at)),
  );
  return rows.length;
}

/** Takes away what was made, and nothing else: tables by a name that only this rollback gives, databases that it made and that are empty. */
export async function takeAway(work: RollbackWork, { id, name, names }: BesideInput, context: StepContext): Promise<void> {
  const made = context.recall(madeKey);
  if (made === undefined) return;
  const own = new Set(names.map((_, at) => ownName(id, at)));
  const leave = (what: string): void => context.log('warning', 'rollback.log.left', { name, what });
  const writer = await work.connect(context.signal);
  try {
    for (const { database, table } of made.tables) {
      if (own.has(table)) await context.sql(writer, name, `DROP TABLE IF EXISTS ${quoteTable(database, table)}`);
      else leave(`${database}.${table}`);
    }
    for (const database of made.databases) {
      if (made.confirmed?.includes(database) === true && await isEmpty(writer, database)) {
        await context.sql(writer, name, `DROP DATABASE IF EXISTS ${quoteId(database)}`);
      } else leave(database);
    }
    await context.remember(madeKey, { databases: [], tables: [], confirmed: [] });
  } finally {
    work.endSessions();
  }
}

/** What somebody else has put there since is not ours. */
async function isEmpty(session: LiveSession, database: string): Promise<boolean> {
  const [row] = await session.query<{ n: number | string }>(
    `SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?)
     + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?)
     + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?) AS n`, [database, database, database],
  );
  return Number(row?.n) === 0;
}
