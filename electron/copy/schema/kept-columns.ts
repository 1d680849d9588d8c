// Columns whose values stand somewhere beside their row.

/** Whether a key is on a column, or a partition is chosen by it. */
export type IsKept = (database: string, table: string, column: string) => boolean;

interface KeyRow {
  readonly db: string;
  readonly tab: string;
  readonly name: string;
}
interface PartRow {
  readonly db: string;
  readonly tab: string;
  readonly part: string | null;
  readonly sub: string | null;
}

/** Asks a server; `Row`: of the columns of the statement. */
export type Asking = <Row>(sql: string, params: readonly unknown[]) => Promise<readonly Row[]>;

/** Reads it of all tables of the schemas that a condition on TABLE_SCHEMA names. */
export async function readKeptColumns(ask: Asking, schemas: string, params: readonly unknown[] = []): Promise<IsKept> {
  const keys = await ask<KeyRow>(
    `SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS tab, COLUMN_NAME AS name FROM information_schema.STATISTICS
     WHERE COLUMN_NAME IS NOT NULL AND ${schemas}`, params,
  );
  const parts = await ask<PartRow>(
    `SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS tab, PARTITION_EXPRESSION AS part, SUBPARTITION_EXPRESSION AS sub
     FROM information_schema.PARTITIONS WHERE PARTITION_NAME IS NOT NULL AND ${schemas}`, params,
  );
  const keyed = new Set(keys.map(({ db, tab, name }) => [db, tab, name.toLowerCase()].join('\0')));
  const parted = new Map(parts.map(({ db, tab, part, sub }) => [`${db}\0${tab}`, `${part ?? ''} ${sub ?? ''}`.toLowerCase()]));
  // Old servers print an expression as it was written, names without quotes: one that is a part of another word counts too.
  return (database, table, column) =>
    keyed.has([database, table, column.toLowerCase()].join('\0')) || parted.get(`${database}\0${table}`)?.includes(column.toLowerCase()) === true;
}
