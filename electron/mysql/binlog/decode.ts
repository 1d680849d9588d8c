import type { DecodedTransaction, LoggedText, RowChange, TableChange } from '../../../shared/domain/binlog/transaction';
import { columnsOf, type Catalogue } from './column-definitions';
import type { DumpedTransaction } from './dump';
import { eventTypes, type BinlogEvent } from './event';
import { isFrame, readStatement } from './query-event';
import { changeKind, rowsOf, tableIdOf, type DecodedTable } from './rows';
import { readTableMap, tableNameOf } from './table-map';

/** Rows that are listed; the rest is counted. */
const rowLimit = 200;
/** Characters of all listed values together. */
const textLimit = 1_000_000;
const statementLimit = 50;
const statementText = 10_000;

/** The tables that a transaction writes, by name, each once. */
export function tablesOf({ events }: DumpedTransaction): readonly { readonly database: string; readonly table: string }[] {
  const maps = events.filter(({ type }) => type === eventTypes.tableMap).map(({ body }) => tableNameOf(body));
  return [...new Map(maps.map(({ database, table }) => [JSON.stringify([database, table]), { database, table }])).values()];
}

/**
 * Makes the events of a transaction readable.
 *
 * @throws MalformedEvent where an event is not what its form promises
 */
export function decodeTransaction(gtid: string, dumped: DumpedTransaction, catalogue: Catalogue): DecodedTransaction {
  const tables = new Map<number, DecodedTable>();
  const counts = new Map<string, { -readonly [Key in keyof TableChange]: TableChange[Key] }>();
  const changes: RowChange[] = [];
  const statements: LoggedText[] = [];
  let { truncated } = dumped;
  let text = 0;
  const list = (change: RowChange): void => {
    if (changes.length >= rowLimit || text > textLimit) {
      truncated = true;
      return;
    }
    changes.push(change);
    for (const { value } of [...(change.before ?? []), ...(change.after ?? [])]) text += value?.length ?? 0;
  };
  for (const event of dumped.events) {
    if (event.type === eventTypes.tableMap) {
      const map = readTableMap(event.body, catalogue.charsetOf);
      tables.set(map.id, { database: map.database, table: map.table, columns: columnsOf(map, catalogue) });
      continue;
    }
    if (changeKind(event.type) !== null) {
      const table = tables.get(tableIdOf(event));
      if (table === undefined) continue;
      for (const change of rowsOf(event, table)) {
        count(counts, change);
        list(change);
      }
      continue;
    }
    const statement = statementOf(event, catalogue.charsetOf);
    if (statement === null) continue;
    const { text } = statement;
    if (statements.length >= statementLimit) truncated = true;
    else if (text.length > statementText) statements.push({ ...statement, text: `${text.slice(0, statementText)}…`, isCut: true });
    else statements.push(statement);
  }
  const first = dumped.events[0];
  const incident = dumped.events.some(({ type }) => type === eventTypes.incident) ? { incident: true as const } : {};
  return { gtid, at: first === undefined ? null : first.timestamp * 1000, statements, changes, tables: [...counts.values()], truncated, ...incident };
}

function count(counts: Map<string, { -readonly [Key in keyof TableChange]: TableChange[Key] }>, { database, table, kind }: RowChange): void {
  const key = JSON.stringify([database, table]);
  const entry = counts.get(key) ?? { database, table, inserted: 0, updated: 0, deleted: 0 };
  counts.set(key, entry);
  if (kind === 'insert') entry.inserted++;
  else if (kind === 'update') entry.updated++;
  else entry.deleted++;
}

function statementOf(event: BinlogEvent, charsetOf: Catalogue['charsetOf']): LoggedText | null {
  const statement = readStatement(event, charsetOf);
  if (statement === null || isFrame(statement.text)) return null;
  const { database, text, modes, errno } = statement;
  return { database, text, ...(modes === null ? {} : { modes }), ...(errno === 0 ? {} : { errno }) };
}
