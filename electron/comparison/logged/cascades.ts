import type { ActingKey, ActingRules } from '../../../shared/domain/operations/rollback/acting';
import type { Session } from '../../mysql/types';
import type { TodayTable } from './tables-today';

/** What makes the rows of others change along with those of a table; null: nothing does. Whether the log holds what they did is said by its events. */
export async function cascadesOf(session: Session, table: TodayTable): Promise<ActingRules | null> {
  if (table.children.length === 0) return null;
  const acting = (await readActing(session)).filter(({ parent }) => parent.database === table.database && parent.table === table.table);
  if (acting.length === 0) return null;
  return { onDelete: acting.some(({ onDelete }) => onDelete), onUpdate: new Set(acting.flatMap(({ onUpdate }) => [...onUpdate])) };
}

/** All foreign keys of the server that act by themselves, by what makes them act. */
export async function readActing(session: Session): Promise<readonly ActingKey[]> {
  const rules = await session.query<{ db: string; tab: string; name: string; onDelete: string; onUpdate: string }>(
    `SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name, DELETE_RULE AS onDelete, UPDATE_RULE AS onUpdate
     FROM information_schema.REFERENTIAL_CONSTRAINTS
     WHERE DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL')`,
  );
  if (rules.length === 0) return [];
  const parts = await session.query<{ db: string; tab: string; name: string; parentDb: string; parentTab: string; referred: string }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name, REFERENCED_TABLE_SCHEMA AS parentDb, REFERENCED_TABLE_NAME AS parentTab,
     REFERENCED_COLUMN_NAME AS referred FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL`,
  );
  const idOf = ({ db, tab, name }: { db: string; tab: string; name: string }): string => JSON.stringify([db, tab, name]);
  const partsById = new Map<string, typeof parts>();
  for (const part of parts) partsById.set(idOf(part), [...(partsById.get(idOf(part)) ?? []), part]);
  return rules.flatMap(({ onDelete, onUpdate, ...rule }): readonly ActingKey[] => {
    const columns = partsById.get(idOf(rule)) ?? [];
    const [first] = columns;
    if (first === undefined) return [];
    return [{
      child: { database: rule.db, table: rule.tab }, parent: { database: first.parentDb, table: first.parentTab }, onDelete: acts(onDelete),
      onUpdate: new Set(acts(onUpdate) ? columns.map(({ referred }) => referred) : []),
    }];
  });
}

const acts = (rule: string): boolean => rule === 'CASCADE' || rule === 'SET NULL';
