// What each transaction of a log did, without its values.
import { statementKind } from '../../../shared/domain/binlog/statements';
import type { TableChange } from '../../../shared/domain/binlog/transaction';
import { systemSchemas } from '../../../shared/domain/scope/scope';
import type { LoggedTransaction, TransactionKind } from '../../../shared/domain/operations/rollback/transaction';
import { columnsOf } from '../../mysql/binlog/column-definitions';
import { committedAt, eventTypes, preparedXa, type BinlogEvent } from '../../mysql/binlog/event';
import { readStatement, xaEndOf } from '../../mysql/binlog/query-event';
import { changeKind, countRows, tableIdOf, type DecodedTable } from '../../mysql/binlog/rows';
import type { TransactionVisitor } from '../../mysql/binlog/stream';
import { readTableMap, tableFormOf } from '../../mysql/binlog/table-map';

const statementLimit = 5;
const textLimit = 2_000;
/** Forms of tables that are kept. */
const mostForms = 5_000;
const nothingKnown = { charsetOf: () => null, columnsOf: () => [] };

type Counted = { -readonly [Key in keyof TableChange]: TableChange[Key] };

class Current {
  readonly maps = new Map<number, DecodedTable>();
  readonly tables = new Map<string, Counted>();
  readonly statements: string[] = [];
  hasFrame = false;
  hasDml = false;
  hasDdl = false;
  isXa = false;
  thread: number | null = null;

  constructor(readonly gtid: string, readonly at: number) {}
}

/** Tells of every transaction as it ends. Changes of system schemas and of the program's own are no changes of anybody's. */
export class Summaries implements TransactionVisitor {
  readonly #tables = new Map<string, DecodedTable>();
  #current: Current | null = null;

  constructor(private readonly told: (transaction: LoggedTransaction, thread: number | null) => void) {}

  knows(): boolean {
    return true;
  }

  learn(): Promise<void> {
    return Promise.resolve();
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.#current = new Current(gtid, Math.round(committedAt(event) ?? event.timestamp * 1000));
  }

  event(event: BinlogEvent): void {
    const current = this.#current;
    if (current === null) return;
    if (event.type === eventTypes.tableMap) {
      current.maps.set(tableIdOf(event), this.#tableOf(event.body));
    } else if (event.type === eventTypes.xaPrepare) current.isXa ||= !preparedXa(event).isCommitted;
    else if (changeKind(event.type) !== null) count(current, event);
    else readText(current, event);
  }

  /** Of small transactions the most of a log are maps, and they are the same ones: each form is read once. */
  #tableOf(body: Buffer): DecodedTable {
    const form = tableFormOf(body);
    const known = this.#tables.get(form);
    if (known !== undefined) return known;
    const map = readTableMap(body, () => null);
    const table = { database: map.database, table: map.table, columns: columnsOf(map, nothingKnown) };
    if (this.#tables.size >= mostForms) this.#tables.clear();
    this.#tables.set(form, table);
    return table;
  }

  end(damage: string | null): void {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    const { gtid, at, statements, thread } = current;
    const tables = [...current.tables.values()].filter(({ database }) => !systemSchemas.some((one) => one === database) && database !== 'antipode');
    this.told({ gtid, at, tables, statements, kind: damage === null ? kindOf(current, tables.length > 0) : 'unreadable' }, thread);
  }
}

function kindOf({ isXa, hasDdl, hasDml }: Current, hasRows: boolean): TransactionKind {
  if (isXa) return 'xa';
  if (hasDml) return 'statement';
  if (hasDdl) return 'ddl';
  return hasRows ? 'rows' : 'empty';
}

function count(current: Current, event: BinlogEvent): void {
  const table = current.maps.get(tableIdOf(event));
  if (table === undefined) return;
  const key = JSON.stringify([table.database, table.table]);
  const entry = current.tables.get(key) ?? { database: table.database, table: table.table, inserted: 0, updated: 0, deleted: 0 };
  current.tables.set(key, entry);
  const rows = countRows(event, table.columns);
  const kind = changeKind(event.type);
  if (kind === 'insert') entry.inserted += rows;
  else if (kind === 'update') entry.updated += rows;
  else entry.deleted += rows;
}

function readText(current: Current, event: BinlogEvent): void {
  const read = readStatement(event, () => null);
  if (read === null) return;
  current.thread ??= read.thread;
  const kind = read.isComment ? 'comment' : statementKind(read.text);
  current.isXa ||= xaEndOf(read.text) !== null;
  if (kind === 'frame') {
    current.hasFrame = true;
    return;
  }
  if (current.statements.length < statementLimit) current.statements.push(read.text.length > textLimit ? `${read.text.slice(0, textLimit)}…` : read.text);
  if (kind === 'dml') current.hasDml = true;
  // A temporary table that is dropped with its connection changes nothing that lasts.
  else if (kind !== 'comment' && !/^\s*(?:DROP|CREATE)\s+(?:\/\*!\d+\s+)?TEMPORARY\b/i.test(read.text)) current.hasDdl = true;
}
