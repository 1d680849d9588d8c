import { mostNames, type SchemaNames } from '../../../shared/domain/operations/sql/names';
import { errorOf } from '../../../shared/errors/codes';
import type { Session } from '../../mysql/types';

/** Each statement ends soon, at the server too: a catalog of very many tables is not worth its load. */
const limits = { timeoutMs: 3_000, cancel: 'kill' } as const;
const most = String(mostNames + 1);

/** What can be named on a server: its databases, and tables and columns of one of them. Three statements at most, of names alone. */
export async function readNames(session: Session, database: string | null): Promise<SchemaNames> {
  const databases = await session.query<{ name: string }>(`SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA LIMIT ${most}`, [], limits);
  const names = databases.map(({ name }) => name);
  if (database === null) return { databases: first(names), tables: [], more: names.length > mostNames };
  const tables = await session.query<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? LIMIT ${most}`, [database], limits,
  );
  const columns = await columnsOf(session, database);
  const byTable = new Map<string, string[]>();
  for (const { table, name } of columns ?? []) {
    const before = byTable.get(table);
    if (before === undefined) byTable.set(table, [name]);
    else before.push(name);
  }
  return {
    databases: first(names), tables: first(tables.map(({ name }) => name)).map((name) => ({ name, columns: byTable.get(name) ?? [] })),
    more: columns === null || [names, tables, columns].some(({ length }) => length > mostNames),
  };
}

const first = (names: readonly string[]): readonly string[] => names.slice(0, mostNames);

/** null: not in time. Old servers open every table for it. */
async function columnsOf(session: Session, database: string): Promise<readonly { readonly table: string; readonly name: string }[] | null> {
  try {
    const rows = await session.query<{ of: string; name: string; place: string | number }>(
      `SELECT TABLE_NAME AS \`of\`, COLUMN_NAME AS name, ORDINAL_POSITION AS place FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? LIMIT ${most}`,
      [database], limits,
    );
    return rows.map(({ of, name, place }) => ({ table: of, name, place: Number(place) })).sort((a, b) => a.place - b.place);
  } catch (thrown) {
    if (errorOf(thrown).code !== 'query-timeout') throw thrown;
    return null;
  }
}
