import type { DecodedTransaction, LoggedText, RowChange, TableChange } from '../../../shared/domain/binlog/transaction';
import { Bytes } from './bytes';
import { columnsOf, type Catalogue } from './column-definitions';
import type { SqlModes } from '../../../shared/domain/sql/tokens';
import type { DumpedTransaction } from './dump';
import { eventTypes, type BinlogEvent } from './event';
import { changeKind, rowsOf, tableIdOf, type DecodedTable } from './rows';
import { readTableMap } from './table-map';
import { decodeText } from './text';

/** Rows that are listed; the rest is counted. */
const rowLimit = 200;
/** Characters of all listed values together. */
const textLimit = 1_000_000;
const statementLimit = 50;
const statementText = 10_000;

/** The tables that a transaction writes, by name, each once. */
export function tablesOf({ events }: DumpedTransaction): readonly { readonly database: string; readonly table: string }[] {
  const maps = events.filter(({ type }) => type === eventTypes.tableMap).map(({ body }) => readTableMap(body, () => null));
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
  return { gtid, at: first === undefined ? null : first.timestamp * 1000, statements, changes, tables: [...counts.values()], truncated };
}

function count(counts: Map<string, { -readonly [Key in keyof TableChange]: TableChange[Key] }>, { database, table, kind }: RowChange): void {
  const key = JSON.stringify([database, table]);
  const entry = counts.get(key) ?? { database, table, inserted: 0, updated: 0, deleted: 0 };
  counts.set(key, entry);
  if (kind === 'insert') entry.inserted++;
  else if (kind === 'update') entry.updated++;
  else entry.deleted++;
}

/** Statements that only hold a transaction together. */
const frame = /^\s*(?:BEGIN|COMMIT|ROLLBACK|XA\s+(?:START|END|PREPARE|COMMIT)\b.*)\s*$/i;

function statementOf(event: BinlogEvent, charsetOf: Catalogue['charsetOf']): LoggedText | null {
  const bytes = new Bytes(event.body);
  if (event.type === eventTypes.rowsQuery) {
    bytes.skip(1);
    return { database: '', text: decodeText(bytes.take(bytes.left), 'utf8mb4') };
  }
  if (event.type !== eventTypes.query && event.type !== eventTypes.executeLoadQuery) return null;
  // Thread, duration.
  bytes.skip(8);
  const databaseLength = bytes.uint(1);
  // The error it ended in on the source.
  bytes.skip(2);
  const variables = bytes.uint(2);
  if (event.type === eventTypes.executeLoadQuery) bytes.skip(13);
  const { charset, modes } = readingOf(new Bytes(bytes.take(variables)), charsetOf);
  const database = bytes.take(databaseLength).toString('utf8');
  bytes.skip(1);
  const text = decodeText(bytes.take(bytes.left), charset);
  return frame.test(text) ? null : { database, text, ...(modes === null ? {} : { modes }) };
}

/** Lengths of the status variables that may stand before the character set; null: a length and a text. */
const statusVariables: Readonly<Record<number, number | null>> = { 0: 4, 3: 4, 6: null };
const [modeVariable, charsetVariable] = [1, 4];
/** MODE_ANSI_QUOTES and MODE_NO_BACKSLASH_ESCAPES in the server's `system_variables.h`. */
const [ansiQuotes, noBackslashEscapes] = [1n << 2n, 1n << 20n];

interface Reading {
  readonly charset: string;
  readonly modes: SqlModes | null;
}

/** How the server read the statement: the character set in which the client sent it, and what quotes meant. */
function readingOf(variables: Bytes, charsetOf: Catalogue['charsetOf']): Reading {
  let modes: Reading['modes'] = null;
  while (variables.left > 0) {
    const code = variables.uint(1);
    if (code === charsetVariable) return { charset: charsetOf(variables.uint(2)) ?? 'utf8mb4', modes };
    if (code === modeVariable) {
      const bits = variables.uint64();
      const isOn = (bit: bigint): boolean => (bits & bit) !== 0n;
      if (isOn(ansiQuotes) || isOn(noBackslashEscapes)) modes = { ansiQuotes: isOn(ansiQuotes), noBackslashEscapes: isOn(noBackslashEscapes) };
      continue;
    }
    const length = statusVariables[code];
    if (length === undefined) break;
    variables.skip(length ?? variables.uint(1));
  }
  return { charset: 'utf8mb4', modes };
}
