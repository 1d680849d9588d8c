// The table that rows go into, as its server has it.
import { ownSchema, systemSchemas } from '../../../../shared/domain/scope/scope';
import type { TargetColumn } from '../../../../shared/domain/operations/import/rows/form';
import { atLeast } from '../../../../shared/domain/fleet/version';
import type { Session } from '../../../mysql/types';

/** A table with what decides how rows go into it. */
export interface TargetTable {
  readonly columns: readonly TargetColumn[];
  /** null: a view. */
  readonly engine: string | null;
  readonly triggers: number;
  /** Whether a key may be taken. */
  readonly keyed: boolean;
}

interface ColumnRow {
  readonly name: string; readonly type: string; readonly nullable: string; readonly preset: string | null; readonly extra: string;
  readonly charset: string | null;
  readonly srid: number | string | null;
}

/** Whether rows of a file may go into a database: never into the server's own, nor into ours. */
export function takesRows(database: string): boolean {
  return ![...systemSchemas, ownSchema].includes(database.toLowerCase());
}

/** Reads a table; null: there is none of that name. */
export async function readTarget(session: Session, database: string, table: string): Promise<TargetTable | null> {
  const srid = atLeast(session.version, 8, 0, 3) ? 'SRS_ID' : 'NULL';
  const rows = await session.query<ColumnRow>(
    `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS preset, EXTRA AS extra,
       CHARACTER_SET_NAME AS charset, ${srid} AS srid
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`, [database, table]);
  const [info] = await session.query<{ engine: string | null; kind: string; triggers: string | number; keyed: string | number }>(
    `SELECT ENGINE AS engine, TABLE_TYPE AS kind,
     (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?) AS triggers,
     (SELECT COUNT(*) FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = ? AND s.TABLE_NAME = ? AND s.NON_UNIQUE = 0) AS keyed
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`, [database, table, database, table, database, table]);
  if (info === undefined || rows.length === 0) return null;
  return { columns: rows.map(columnOf), engine: info.engine, triggers: Number(info.triggers), keyed: Number(info.keyed) > 0 };
}

function columnOf({ name, type, nullable, preset, extra, charset, srid }: ColumnRow): TargetColumn {
  const [generated, numbered] = [/\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(extra), /\bauto_increment\b/i.test(extra)];
  const isNullable = nullable === 'YES';
  return {
    name, type, charset, srid: srid === null ? null : Number(srid), nullable: isNullable, generated, numbered, invisible: /\bINVISIBLE\b/i.test(extra),
    optional: isNullable || generated || numbered || preset !== null || /\bDEFAULT_GENERATED\b/i.test(extra),
  };
}
