import { ownSchema } from '../../../shared/domain/scope/scope';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';

/** A table or view, by name alone. */
export interface NamedObject {
  readonly database: string;
  readonly name: string;
  readonly isView: boolean;
}

/** Every table and view of the user's, by name alone: cheap enough to be asked for again and again. */
export async function readNames(session: Session): Promise<readonly NamedObject[]> {
  const rows = await session.query<{ db: string; name: string; type: string }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES WHERE ${ofUsers('TABLE_SCHEMA', [ownSchema])}`,
  );
  return rows.map(({ db, name, type }) => ({ database: db, name, isView: type === 'VIEW' }));
}

export function nameText({ database, name }: Pick<NamedObject, 'database' | 'name'>): string {
  return `${database}.${name}`;
}
