import type { Image } from '../../../../shared/domain/binlog/cell';
import { defaultOf, type UnreadableReason, type Verdict } from '../../../../shared/domain/promotion/dossier/classes';
import { changedColumns, classify, type Today } from '../../../../shared/domain/promotion/dossier/classify';
import type { DossierEntry, NamedCells, SingleEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { netChange, type NetChange } from '../../../../shared/domain/promotion/dossier/net';
import type { ServerVersion } from '../../../../shared/domain/fleet/version';
import { isSystemSchema } from '../../../../shared/domain/scope/scope';
import type { Session } from '../../../mysql/types';
import { single, type Collected, type SpilledChange } from '../../../comparison/logged/collect';
import { readToday } from '../../../comparison/logged/lookup';
import type { Partitions } from '../../../comparison/logged/spill';
import type { LoggedTable } from '../../../mysql/binlog/logged-tables';
import { fitsTable, type TodayTable, type TodayTables } from '../../../comparison/logged/tables-today';
import { keysBrought, parentsOf, type JudgedRow } from './lost-parents';

type Entry = Omit<DossierEntry, 'id'>;

/** All changes of one row, in the order of the log. */
interface Row {
  readonly changes: readonly SpilledChange[];
  /** The table as the last of them describes it. */
  readonly logged: LoggedTable;
  readonly singles: readonly SingleEntry[];
  readonly net: NetChange;
}

/**
 * Judges every row that was collected, some at a time: what its changes made of it, and what the new primary holds today.
 *
 * @throws what reading the new primary throws
 */
export async function* judgeRows(collected: Collected<Partitions>, session: Session, tables: TodayTables): AsyncGenerator<JudgedRow> {
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

const nothing: Today = { target: null, destination: null, collisions: [], missingParents: [] };

async function* judgeTable(collected: Collected, session: Session, tables: TodayTables, rows: readonly Row[]): AsyncGenerator<JudgedRow> {
  const [first] = rows;
  if (first === undefined) return;
  const { database, table } = first.logged;
  const today = isSystemSchema(database, session.version) ? null : await tables.of(database, table);
  const judged: Row[] = [];
  for (const row of rows) {
    const reason = reasonOf(collected, row, { today, version: session.version });
    if (reason !== null || today === null) {
      yield alone(entryOf(row, { class: 'unreadable', proof: { code: reason ?? 'table-missing', names: [] } }, null, today));
    } else if (row.net.before === null && row.net.after === null) yield alone(entryOf(row, classify(row.net, nothing, today), null, today));
    else judged.push(row);
  }
  if (judged.length === 0 || today === null) return;
  const found = await readToday(session, today, judged.map(({ net }) => net), false);
  for (const [i, row] of judged.entries()) {
    const there = found[i] as Today;
    yield judgedRow(row, entryOf(row, classify(row.net, there, today), there, today), there, today);
  }
}

/** A row that nothing is made of by foreign keys. */
const alone = (entry: Entry): JudgedRow => ({ entry, brings: [], parents: [], otherwise: entry.class });

function judgedRow({ net }: Row, entry: Entry, there: Today, today: TodayTable): JudgedRow {
  const brings = net.before === null && net.after !== null ? keysBrought(today, net.after) : [];
  if (net.after === null) return { entry, brings, parents: [], otherwise: entry.class };
  const result: Image = new Map([...(there.target ?? net.before ?? []), ...net.after]);
  const changed = new Set([...(net.before === null ? net.after.keys() : entry.changed)].map((name) => name.toLowerCase()));
  const otherwise = entry.class === 'parent-missing' ? classify(net, { ...there, missingParents: [] }, today).class : entry.class;
  return { entry, brings, parents: parentsOf(today, result, (column) => changed.has(column.toLowerCase()), there.missingParents), otherwise };
}

/** Why a row cannot be judged; null: it can. */
function reasonOf(
  collected: Collected, { changes, logged }: Row, { today, version }: { readonly today: TodayTable | null; readonly version: ServerVersion },
): UnreadableReason | null {
  for (const { transaction, table } of changes) {
    const withdrawn = collected.withdrawn.get(transaction);
    const reason = withdrawn ?? collected.obstacle(collected.tables.all[table] as LoggedTable, transaction);
    if (reason !== null) return reason;
  }
  if (isSystemSchema(logged.database, version)) return 'system-table';
  if (today === null) return 'table-missing';
  return fitsTable(logged, today) ? null : 'table-differs';
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
