import { atLeast } from '../../shared/domain/fleet/version';
import type { NamedObject, ObjectKind } from '../../shared/domain/scope/named-objects';
import { isRefusal } from './errors';
import type { Session } from './types';
import { sinceSys } from './user-schemas';

interface Catalogued {
  readonly kind: ObjectKind;
  /** Selects `db` and `name` of all of the kind; the places for names follow. */
  readonly select: string;
  /** The column that holds the name, as a condition on it is written. */
  readonly by: string;
}

/** Where the servers list what has a name. */
function catalogues(session: Session): readonly Catalogued[] {
  const schema = 'information_schema';
  const spaces = atLeast(session.version, 8, 0) ? 'INNODB_TABLESPACES' : atLeast(session.version, 5, 7) ? 'INNODB_SYS_TABLESPACES' : null;
  const of = (kind: ObjectKind, table: string, db: string, name: string, where = '1 = 1'): Catalogued => (
    { kind, select: `SELECT ${db} AS db, CONVERT(${name} USING utf8mb4) AS name FROM ${table} WHERE ${where}`, by: name }
  );
  return [
    of('TABLE', `${schema}.TABLES`, 'TABLE_SCHEMA', 'TABLE_NAME', `TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'ndbinfo' ${sinceSys})`),
    of('PROCEDURE', `${schema}.ROUTINES`, 'ROUTINE_SCHEMA', 'ROUTINE_NAME', `ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_SCHEMA NOT IN ('' ${sinceSys})`),
    of('FUNCTION', `${schema}.ROUTINES`, 'ROUTINE_SCHEMA', 'ROUTINE_NAME', `ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA NOT IN ('' ${sinceSys})`),
    of('TRIGGER', `${schema}.TRIGGERS`, 'TRIGGER_SCHEMA', 'TRIGGER_NAME', `TRIGGER_SCHEMA NOT IN ('' ${sinceSys})`),
    of('EVENT', `${schema}.EVENTS`, 'EVENT_SCHEMA', 'EVENT_NAME'),
    ...(atLeast(session.version, 9, 2) ? [of('LIBRARY', `${schema}.LIBRARIES`, 'LIBRARY_SCHEMA', 'LIBRARY_NAME')] : []),
    of('ACCOUNT', 'mysql.user', "''", "CONCAT(CONVERT(User USING utf8mb4), '@', LOWER(CONVERT(Host USING utf8mb4)))"),
    of('LOADABLE', 'mysql.func', "''", 'name'),
    of('SERVER', 'mysql.servers', "''", 'Server_name'),
    ...(spaces === null ? [] : [of('TABLESPACE', `${schema}.${spaces}`, "''", 'NAME', "SPACE_TYPE = 'General'")]),
  ];
}

/**
 * What has a name on a server, of the users' and of the kinds that statements are about. A list that the login may not read is empty.
 * With `among` only of these kinds and names, and a list that it may not read is thrown: that something is not in it would prove nothing.
 */
export async function readObjects(session: Session, among?: readonly NamedObject[]): Promise<readonly NamedObject[]> {
  const found: NamedObject[] = [];
  for (const { kind, select, by } of catalogues(session)) {
    const names = among === undefined ? [] : [...new Set(among.filter((one) => one.kind === kind).map(({ name }) => name))];
    if (among !== undefined && names.length === 0) continue;
    const chosen = names.length === 0 ? select : `${select} AND ${by} IN (${names.map(() => '?').join(', ')})`;
    const rows = await session.query<{ db: string; name: string }>(chosen, names).catch((thrown: unknown) => {
      if (among !== undefined || !isRefusal(thrown)) throw thrown;
      return [];
    });
    found.push(...rows.map(({ db, name }) => ({ kind, database: db, name })));
  }
  return found;
}
