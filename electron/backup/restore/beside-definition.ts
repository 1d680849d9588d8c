// A table's definition for a copy beside the original. Pure.
import { SqlCursor } from '../../../shared/domain/sql/cursor';
import { isForeignKey, partsOf, referencedTable } from '../../copy/schema/definition';
import { quoteId, quoteTable } from '../../mysql/quote';
import { tableKey, type TableName, type TablesAs } from './table-names';

/**
 * CREATE TABLE, as a server prints it, for a copy called `as`. Names of constraints are of a whole database: the server names CHECKs anew, and renames
 * them with the copy; foreign keys refer to the copies of what was chosen along, and those to other tables are left out.
 */
export function besideDefinition(text: string, database: string, as: TableName, chosen: TablesAs): string {
  const parts = partsOf(text);
  // No server prints a table like that: it would be refused for its name, which the original has.
  if (parts === null) return text;
  const keys = parts.items.filter(isForeignKey);
  const items = parts.items.flatMap((item): readonly string[] => {
    if (isForeignKey(item)) return referring(item.text, `${as.table}_fk${String(keys.indexOf(item))}`, database, chosen);
    const [first, , third] = item.tokens;
    return [first?.text === 'CONSTRAINT' && third?.text === 'CHECK' ? unnamed(item.text).trim() : item.text];
  });
  return `CREATE TABLE ${quoteId(as.table)} (${items.map((item) => `\n  ${item}`).join(',')}\n${parts.tail.trimStart()}`;
}

/** A constraint without the word and its name. */
function unnamed(constraint: string): string {
  const sql = new SqlCursor(constraint);
  sql.words('CONSTRAINT');
  sql.name();
  return constraint.slice(sql.end);
}

function referring(key: string, name: string, database: string, chosen: TablesAs): readonly string[] {
  const parent = referencedTable(key, database);
  const copy = parent === null ? undefined : chosen.get(tableKey({ database: parent.database, table: parent.name }));
  if (copy === undefined) return [];
  const rest = unnamed(key);
  const sql = new SqlCursor(rest);
  while (!sql.isAtEnd && !sql.words('REFERENCES')) sql.take();
  const before = rest.slice(0, sql.end);
  sql.qualifiedName();
  return [`CONSTRAINT ${quoteId(name)}${before} ${quoteTable(copy.database, copy.table)}${rest.slice(sql.end)}`];
}
