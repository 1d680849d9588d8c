import type { ObjectRights, RightsReading } from '../../../shared/domain/accounts/object-rights';
import { quotedName, type AccountRight } from '../../../shared/domain/accounts/state';
import { isUserDatabase } from '../../../shared/domain/checks/coverage';
import { objectKinds, type NamedObject, type ObjectKind } from '../../../shared/domain/scope/named-objects';
import { readObjects } from '../named-objects';
import { quoteId, quoteTable } from '../quote';
import type { Session } from '../types';

interface Row {
  readonly user: string;
  readonly host: string;
  readonly db: string;
  readonly name: string;
  readonly kind: string;
  /** Of a right on a column; '': on the whole. */
  readonly col: string;
  /** A list as the server keeps it. */
  readonly held: string;
}

const text = (column: string): string => `CONVERT(${column} USING utf8mb4)`;

/** Rights on single objects, as each table of grants keeps them. Those of columns stand beside those of their tables. */
const tables = [
  { table: 'tables_priv', name: 'Table_name', kind: "'TABLE'", col: "''", held: 'Table_priv' },
  { table: 'columns_priv', name: 'Table_name', kind: "'TABLE'", col: text('Column_name'), held: 'Column_priv' },
  { table: 'procs_priv', name: 'Routine_name', kind: text('Routine_type'), col: "''", held: 'Proc_priv' },
] as const;

const isKind = (kind: string): kind is ObjectKind => objectKinds.some((one) => one === kind);

function objectOf({ kind, db, name }: Pick<Row, 'kind' | 'db' | 'name'>): NamedObject | null {
  return isKind(kind) ? { kind, database: db, name } : null;
}

/** What a server says of rights on these objects, from its tables of grants: whatever is remembered of them, also where the object is not there. */
export async function readObjectRights(session: Session, objects: readonly NamedObject[]): Promise<RightsReading> {
  const names = [...new Set(objects.map(({ name }) => name))];
  const held = new Map<string, { readonly user: string; readonly host: string; readonly object: NamedObject; readonly rights: AccountRight[] }>();
  for (const { table, name, kind, col, held: column } of names.length === 0 ? [] : tables) {
    const rows = await session.query<Row>(
      `SELECT ${text('User')} AS user, ${text('Host')} AS host, ${text('Db')} AS db, ${text(name)} AS name, ${kind} AS kind, ${col} AS col, `
        + `${text(column)} AS held FROM mysql.${table} WHERE ${name} IN (${names.map(() => '?').join(', ')})`,
      names,
    );
    for (const row of rows) {
      const object = objectOf(row);
      if (object === null) continue;
      const key = `${row.user}\0${row.host}\0${object.kind}\0${object.database}\0${object.name}`;
      const known = held.get(key) ?? { user: row.user, host: row.host, object, rights: [] };
      known.rights.push(...rightsIn(row));
      held.set(key, known);
    }
  }
  const users = await session.query<{ user: string; host: string }>(`SELECT ${text('User')} AS user, ${text('Host')} AS host FROM mysql.user`);
  const rights: readonly ObjectRights[] = [...held.values()];
  return { rights, accounts: new Set(users.map(quotedName)), there: await readObjects(session, objects) };
}

function rightsIn({ kind, db, name, col, held }: Row): readonly AccountRight[] {
  const level = `${kind === 'TABLE' ? '' : `${kind} `}${quoteTable(db, name)}`;
  const words = held.split(',').map((word) => word.trim().toUpperCase()).filter((word) => word !== '');
  return words.map((word) => {
    const privilege = word === 'GRANT' ? 'GRANT OPTION' : word;
    return { kind: 'static', privilege: col === '' ? privilege : `${privilege} (${quoteId(col)})`, level };
  });
}

/** What a server keeps rights on: tables, views and programs, whether they are there or not. */
export async function objectsWithRights(session: Session): Promise<readonly NamedObject[]> {
  const found: NamedObject[] = [];
  for (const { table, name, kind } of tables.filter((one) => one.table !== 'columns_priv')) {
    const rows = await session.query<Pick<Row, 'db' | 'name' | 'kind'>>(
      `SELECT DISTINCT ${text('Db')} AS db, ${text(name)} AS name, ${kind} AS kind FROM mysql.${table}`,
    );
    found.push(...rows.map(objectOf).filter((object) => object !== null));
  }
  // What is in the databases of the server itself is no part of a copy, and comes by nothing that is replicated.
  return found.filter(({ database }) => isUserDatabase(database, session.version));
}
