import { ownSchema } from '../../../shared/domain/scope/scope';
import { hasErrno } from '../../mysql/errors';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';
import { readCatalogue } from '../../copy/schema/catalogue';
import { definitionOf, type DefinedKind, type DefinedObject, type Definition } from '../../copy/schema/defined';
import { atLeast } from '../../../shared/domain/fleet/version';
import { isWholeDatabaseInScope } from '../../../shared/domain/scope/filters';
import { takesPrograms, takesTable, type CopyScope } from '../../copy/schema/scope';
import { showCreate, showProgram } from '../../copy/schema/shown';

const fields: Readonly<Record<DefinedKind, string>> = {
  DATABASE: 'Create Database', TABLE: 'Create Table', VIEW: 'Create View', PROCEDURE: 'Create Procedure', FUNCTION: 'Create Function',
  TRIGGER: 'SQL Original Statement', EVENT: 'Create Event', LIBRARY: 'Create Library',
};

/** 1049, 1146, 1305, 1360, 1539: no such database, table, routine, trigger, event. 1347: it is not a view. */
const absent = [1049, 1146, 1305, 1360, 1539, 1347];

/** The definition of an object; null where it is not there. One that its server cannot show is what the server says instead. */
export async function readDefinition(session: Session, object: DefinedObject): Promise<Definition | null> {
  const { kind, database, name } = object;
  try {
    if (kind === 'DATABASE') {
      const { shown, text } = await showCreate(session, `DATABASE IF NOT EXISTS ${quoteId(name)}`, fields[kind], name);
      return definitionOf(object, shown, text);
    }
    if (kind === 'TABLE') {
      const { text } = await showCreate(session, `TABLE ${quoteTable(database, name)}`, fields[kind], name);
      return definitionOf(object, {}, text);
    }
    const { shown, text, bytes } = await showProgram(session, object, fields[kind]);
    return definitionOf(object, shown, bytes === null ? text : Buffer.from(bytes).toString('latin1'));
  } catch (thrown) {
    if (hasErrno(thrown, ...absent)) return null;
    // 1356: before 8.0 a view that does not work is not shown.
    if (hasErrno(thrown, 1356)) return definitionOf(object, {}, '1356');
    throw thrown;
  }
}

interface ProgramRow {
  readonly db: string;
  readonly name: string;
  readonly kind: DefinedKind;
  /** Whose trigger it is. */
  readonly tab: string;
}

/** Names of everything in a portion that has a definition, our own schema apart. */
export async function definedObjects(session: Session, portion: CopyScope): Promise<readonly DefinedObject[]> {
  const { databases, tables, views } = await readCatalogue(session, portion);
  const all: DefinedObject[] = [
    ...databases.filter((name) => isWholeDatabaseInScope(portion.scope, name)).map((name): DefinedObject => ({ kind: 'DATABASE', database: name, name })),
    ...tables.map((table): DefinedObject => ({ kind: 'TABLE', ...table })),
    ...views.map((view): DefinedObject => ({ kind: 'VIEW', ...view })),
  ];
  const names = async (view: string, of: string, columns: string, more = ''): Promise<readonly ProgramRow[]> =>
    session.query(`SELECT ${of}_SCHEMA AS db, ${of}_NAME AS name, ${columns} FROM information_schema.${view} WHERE ${ofUsers(`${of}_SCHEMA`)}${more}`);
  const programs = [
    ...(await names('ROUTINES', 'ROUTINE', "ROUTINE_TYPE AS kind, '' AS tab", " AND ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')")),
    ...(await names('EVENTS', 'EVENT', "'EVENT' AS kind, '' AS tab")),
    ...(await names('TRIGGERS', 'TRIGGER', "'TRIGGER' AS kind, EVENT_OBJECT_TABLE AS tab")),
    ...(atLeast(session.version, 9, 2, 0) ? await names('LIBRARIES', 'LIBRARY', "'LIBRARY' AS kind, '' AS tab") : []),
  ];
  for (const { db, name, kind, tab } of programs) {
    const takes = kind === 'TRIGGER' ? takesTable(portion, db, tab) : takesPrograms(portion, db);
    if (databases.includes(db) && takes) all.push({ kind, database: db, name });
  }
  return all.filter(({ database }) => database !== ownSchema);
}
