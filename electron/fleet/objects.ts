import type { DatabaseObjects, TableObject } from '../../shared/domain/fleet/view';
import { ownSchema } from '../../shared/domain/scope/scope';
import type { Session } from '../mysql/types';
import { ofUsers } from '../mysql/user-schemas';

interface TableRow {
  db: string;
  name: string;
  type: string;
  engine: string | null;
  rows_estimate: string | number | null;
  bytes: string | number | null;
}

/**
 * Databases, their tables with sizes, and how many views, routines, triggers and events they have; system schemas and
 * our own left out. Source: information_schema; sizes and rows are the server's estimates.
 */
export async function readObjects(session: Session): Promise<readonly DatabaseObjects[]> {
  // Sizes as they are now; the server otherwise answers with statistics that may be a day old.
  if (session.dialect.features.hasStatsExpiry) await session.run('SET SESSION information_schema_stats_expiry = 0');
  const query = <Row>(select: string, column: string): Promise<Row[]> => session.query<Row>(`${select} WHERE ${ofUsers(column, [ownSchema])}`);
  const schemas = await query<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA', 'SCHEMA_NAME');
  const tables = await query<TableRow>(
    'SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, TABLE_ROWS AS rows_estimate, DATA_LENGTH + INDEX_LENGTH AS bytes ' +
      'FROM information_schema.TABLES',
    'TABLE_SCHEMA',
  );
  const routines = await counted(query('SELECT ROUTINE_SCHEMA AS db FROM information_schema.ROUTINES', 'ROUTINE_SCHEMA'));
  const triggers = await counted(query('SELECT TRIGGER_SCHEMA AS db FROM information_schema.TRIGGERS', 'TRIGGER_SCHEMA'));
  const events = await counted(query('SELECT EVENT_SCHEMA AS db FROM information_schema.EVENTS', 'EVENT_SCHEMA'));
  return schemas
    .map(({ name }) => {
      const own = tables.filter((row) => row.db === name);
      return {
        name,
        tables: own.filter((row) => row.type === 'BASE TABLE').map(tableOf).sort((a, b) => compare(a.name, b.name)),
        views: own.filter((row) => row.type === 'VIEW').length,
        routines: routines.get(name) ?? 0,
        triggers: triggers.get(name) ?? 0,
        events: events.get(name) ?? 0,
      };
    })
    .sort((a, b) => compare(a.name, b.name));
}

function tableOf(row: TableRow): TableObject {
  const number = (value: string | number | null): number | null => (value === null ? null : Number(value));
  return { name: row.name, engine: row.engine, rows: number(row.rows_estimate), bytes: number(row.bytes) };
}

async function counted(rows: Promise<{ db: string }[]>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { db } of await rows) counts.set(db, (counts.get(db) ?? 0) + 1);
  return counts;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
