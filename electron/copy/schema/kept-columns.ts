// Columns whose values stand somewhere beside their row, and keys on no column at all.
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { expressionSql, isKeptInZone } from '../rows/zone';

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

/** Keys on expressions, of which 8.0.13 and later tell; of one table, or of a schema. */
export async function readKeyExpressions(
  ask: Asking, version: ServerVersion, schema: string, table: string | null = null,
): Promise<readonly { readonly db: string; readonly tab: string; readonly expression: string }[]> {
  if (!atLeast(version, 8, 0, 13)) return [];
  return ask(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, EXPRESSION AS expression FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ?${table === null ? '' : ' AND TABLE_NAME = ?'} AND EXPRESSION IS NOT NULL`, table === null ? [schema] : [schema, table],
  );
}

/**
 * Whether a table keeps something beside its rows that is computed of them in the zone of a session, as {@link isKeptInZone} says: who deletes, changes or
 * writes a row in another zone leaves its keys damaged (CHECK TABLE: corrupt).
 */
export async function keepsInZone(ask: Asking, version: ServerVersion, schema: string, table: string): Promise<boolean> {
  const columns = await ask<{ readonly name: string; readonly type: string; readonly extra: string; readonly expression: string | null }>(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, EXTRA AS extra, ${expressionSql(version)} AS expression
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`, [schema, table],
  );
  const isKept = await readKeptColumns(ask, 'TABLE_SCHEMA = ? AND TABLE_NAME = ?', [schema, table]);
  const expressions = (await readKeyExpressions(ask, version, schema, table)).map(({ expression }) => expression);
  return isKeptInZone(version, columns, expressions, (column) => isKept(schema, table, column));
}
