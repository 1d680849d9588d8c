import { comparableForms, type Image } from '../../../../shared/domain/binlog/cell';
import { defaultOf, type UnreadableReason, type Verdict } from '../../../../shared/domain/promotion/dossier/classes';
import { changedColumns, classify, type Today } from '../../../../shared/domain/promotion/dossier/classify';
import type { DossierEntry, NamedCells, SingleEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { netChange, type NetChange, type SingleChange } from '../../../../shared/domain/promotion/dossier/net';
import { systemSchemas } from '../../../../shared/domain/scope/scope';
import type { Session } from '../../../mysql/types';
import type { Collected, SpilledChange } from './collect';
import { readToday } from './lookup';
import type { Partitions } from './spill';
import type { LoggedTable } from '../../../mysql/binlog/logged-tables';
import { readTodayTable, type TodayTable } from './tables-today';

type Entry = Omit<DossierEntry, 'id'>;

/** All changes of one row, in the order of the log. */
interface Row {
  readonly changes: readonly SpilledChange[];
  /** The table as the last of them describes it. */
  readonly logged: LoggedTable;
  readonly singles: readonly SingleEntry[];
  readonly net: NetChange;
}

/** The tables of the new primary, each read once. */
export class TodayTables {
  private readonly known = new Map<string, TodayTable | null>();

  constructor(private readonly session: Session) {}

  async of(database: string, table: string): Promise<TodayTable | null> {
    const key = JSON.stringify([database, table]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const read = await readTodayTable(this.session, database, table);
    this.known.set(key, read);
    return read;
  }

  cascading(): readonly string[] {
    return [...this.known.values()].flatMap((table) => (table === null || table.children.length === 0 ? [] : [`${table.database}.${table.table}`]));
  }
}

/**
 * Judges every row that was collected, some at a time: what its changes made of it, and what the new primary holds today.
 *
 * @throws what reading the new primary throws
 */
export async function* judgeRows(collected: Collected<Partitions>, session: Session, tables: TodayTables): AsyncGenerator<Entry> {
  for await (const changed of collected.changes.each<SpilledChange>()) {
    for (const rows of byTable(collected, changed)) yield* judgeTable(collected, session, tables, rows);
  }
}

/** `changed`: all changes of each row. */
function byTable(collected: Collected, changed: readonly (readonly SpilledChange[])[]): Iterable<readonly Row[]> {
  const tables = new Map<string, Row[]>();
  for (const all of changed) {
    // What was rolled back is no change.
    const changes = all.filter(({ transaction }) => collected.withdrawn.get(transaction) !== null);
    if (changes.length === 0) continue;
    const row = rowOf(collected, changes);
    const key = JSON.stringify([row.logged.database, row.logged.table]);
    const known = tables.get(key);
    if (known === undefined) tables.set(key, [row]);
    else known.push(row);
  }
  return tables.values();
}

function rowOf(collected: Collected, changes: readonly SpilledChange[]): Row {
  const tableOf = ({ table }: SpilledChange): LoggedTable => collected.tables.all[table] as LoggedTable;
  const singles = changes.map((change) => single(change, tableOf(change)));
  return {
    changes, logged: tableOf(changes.at(-1) as SpilledChange), net: netChange(singles),
    singles: singles.map(({ kind, before, after }, i) => {
      const { transaction } = changes[i] as SpilledChange;
      if (singles.length === 1) return { transaction, kind };
      return { transaction, kind, before: before === null ? null : [...before], after: after === null ? null : [...after] };
    }),
  };
}

/** A change with the names of its columns; those that the image does not hold are left out. */
export function single({ kind, before, after, documents }: SpilledChange, { columns, isHidden }: LoggedTable): SingleChange {
  const named = (values: SpilledChange['before']): Image | null =>
    (values === null ? null : new Map(values.flatMap((value, i) => (value === 0 || isHidden[i] === true ? [] : [[columns[i]?.name ?? '', value] as const]))));
  return {
    kind, before: named(before), after: named(after),
    documents: new Map(Object.entries(documents ?? {}).map(([i, changes]) => [columns[Number(i)]?.name ?? '', changes])),
  };
}

const nothing: Today = { target: null, destination: null, collisions: [], missingParents: [] };

async function* judgeTable(collected: Collected, session: Session, tables: TodayTables, rows: readonly Row[]): AsyncGenerator<Entry> {
  const [first] = rows;
  if (first === undefined) return;
  const { database, table } = first.logged;
  const today = systemSchemas.some((name) => name === database) ? null : await tables.of(database, table);
  const judged: Row[] = [];
  for (const row of rows) {
    const reason = reasonOf(collected, row, today);
    if (reason !== null || today === null) yield entryOf(row, { class: 'unreadable', proof: { code: reason ?? 'table-missing', names: [] } }, null, today);
    else if (row.net.before === null && row.net.after === null) yield entryOf(row, classify(row.net, nothing, today), null, today);
    else judged.push(row);
  }
  if (judged.length === 0 || today === null) return;
  const found = await readToday(session, today, judged.map(({ net }) => net), false);
  for (const [i, row] of judged.entries()) {
    const there = found[i] as Today;
    yield entryOf(row, classify(row.net, there, today), there, today);
  }
}

/** Why a row cannot be judged; null: it can. */
function reasonOf(collected: Collected, { changes, logged }: Row, today: TodayTable | null): UnreadableReason | null {
  for (const { transaction, table } of changes) {
    const withdrawn = collected.withdrawn.get(transaction);
    const reason = withdrawn ?? collected.obstacle(collected.tables.all[table] as LoggedTable, transaction);
    if (reason !== null) return reason;
  }
  if (systemSchemas.some((name) => name === logged.database)) return 'system-table';
  if (today === null) return 'table-missing';
  return fitsTable(logged, today) ? null : 'table-differs';
}

/** Whether a table has the key and the columns that the log speaks of, each of a form that is held alike. */
export function fitsTable(logged: LoggedTable, table: TodayTable): boolean {
  const key = logged.key.map((i) => logged.columns[i]?.name ?? '');
  if (key.length !== table.key.length || key.some((name) => !table.key.includes(name))) return false;
  return logged.columns.every(({ name }, i) => {
    const [here, there] = [logged.forms[i], table.columns.get(name)];
    if (logged.isHidden[i] === true || there?.isGenerated === true) return true;
    return here !== undefined && here !== null && there !== undefined && comparableForms(here, there.form);
  });
}

function entryOf({ logged, net, singles: changes, changes: [first] }: Row, verdict: Verdict, today: Today | null, table: TodayTable | null): Entry {
  const known: Image = net.before ?? net.after ?? new Map(changes[0]?.after ?? []);
  const key = logged.key.map((i) => logged.columns[i]?.name ?? '');
  const isOurs = logged.database === 'antipode';
  const cells = (image: Image | null | undefined): NamedCells | null => (image === null || image === undefined ? null : [...image]);
  return {
    database: logged.database, table: logged.table, class: verdict.class,
    proof: isOurs ? { code: 'own-bookkeeping', names: [] } : verdict.proof, default: isOurs ? 'nothing' : defaultOf(verdict.class),
    key: key.flatMap((name) => (known.has(name) ? [[name, known.get(name) ?? null] as const] : [])),
    before: cells(net.before), after: cells(net.after), today: cells(today?.target),
    changed: table === null ? [] : changedColumns(net, table), changes, order: first?.order ?? 0, gtids: '', transactions: 0, statements: [],
  };
}

/** An entry that is no row. */
export function wholeEntry(verdict: Verdict, gtids: string, transactions: number, statements: readonly string[], order = 0): Entry {
  return {
    database: '', table: '', class: verdict.class, default: defaultOf(verdict.class), proof: verdict.proof, key: [], before: null, after: null, today: null,
    changed: [], changes: [], order, gtids, transactions, statements,
  };
}

/** Entries of what is judged as a whole: statements, definitions, and what cannot be read. */
export function* wholeEntries(collected: Collected): Generator<Entry> {
  for (const { transaction, kind, statements } of collected.whole) {
    const verdict: Verdict = kind === 'ddl' ? { class: 'ddl', proof: { code: 'statement', names: [] } }
      : kind === 'statement' ? { class: 'not-row-format', proof: { code: 'statement', names: [] } } : { class: 'unreadable', proof: { code: kind, names: [] } };
    yield wholeEntry(verdict, collected.gtidOf(transaction), 1, statements, transaction);
  }
}
