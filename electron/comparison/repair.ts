// The statements that make rows of a standby what they are on its source.
import type { RowDifference } from '../../shared/domain/verification/result';
import { quoteId, quoteTable } from '../mysql/quote';
import type { QueryOptions, StatementSession } from '../mysql/types';
import type { ComparedTable, DescribedColumn } from './compared-table';
import { literalOf, literalText } from './key-range';
import { formOf } from './row-hash';
import { hasContent } from './row-values';
import { onBoth, type Side } from './sides';
import { keepsOffset, zoneOf } from '../copy/rows/clock';
import { keepsInZone } from '../copy/schema/kept-columns';
import { offsetText } from '../mysql/time';

/** One row as both sides hold it now: literals, column by column; null where it is not there. */
export interface RowToRepair {
  readonly locator: string;
  readonly copies: number;
  readonly source: readonly string[] | null;
  readonly standby: readonly string[] | null;
  /**
   * Of a table with stored columns, or keys, that may be computed from moments: the offset that the source's own zone had at all of this row's; null: they
   * had more than one, or it is not known.
   */
  readonly zone?: string | null;
  /** A key keeps what is computed so: the row as it stands there goes in that offset too, or its key is left behind. */
  readonly isKept?: true;
}

/** What makes one row right, in the order in which it must run among those of other rows. */
export interface RepairStatement {
  readonly locator: string;
  /** Rows that go first make room for what comes in their place. */
  readonly order: 0 | 1 | 2;
  readonly sql: string;
}

/** Why a row cannot be written as it is on the source. */
export type Unrepairable = 'generated' | 'zone' | 'too-long';

/** A row with more bytes is not carried through this program and a statement. */
const mostBytes = 8 * 1024 * 1024;

/**
 * The statements for a row; none: both sides hold the same of it now. Generated columns are not written, they follow. Values of unique keys may change
 * places between rows, so such a row goes first and comes last.
 */
export function repairStatements(table: ComparedTable, row: RowToRepair): readonly RepairStatement[] | Unrepairable {
  const { locator, source, standby, copies } = row;
  const name = quoteTable(table.database, table.table);
  const which = table.key === null ? hasContent(table.standby, locator) : locator;
  const isComputed = row.zone !== undefined && row.zone !== utc;
  const isKept = isComputed && row.isKept === true && standby !== null;
  // It is found by what its moments are called in UTC.
  if (isKept && (row.zone === null || (table.key?.columns ?? table.standby).some(isMoment))) return 'zone';
  const gone = `DELETE FROM ${name} WHERE ${which}${table.key === null ? ` LIMIT ${copies}` : ''}`;
  const remove = (isKept ? [inZone(row.zone ?? utc), gone, inZone(utc)] : [gone]).map((sql): RepairStatement => ({ locator, order: 0, sql }));
  if (source === null) return standby === null ? [] : remove;
  const count = standby === null ? copies : 1;
  const made = isComputed ? insertsInZone(table, name, source, { count, zone: row.zone }) : [insertSql(table, name, source, count)];
  const inserts = made?.map((sql): RepairStatement => ({ locator, order: 2, sql })) ?? 'zone';
  if (standby === null) return inserts;
  const differing = table.standby.filter((_, at) => source[at] !== standby[at]);
  if (differing.length === 0) return [];
  // The key of a row may hold a moment: it is found in UTC, and comes back in the zone of the source.
  if (isComputed) return inserts === 'zone' ? inserts : [...remove, ...inserts];
  const written = differing.filter(({ generated }) => !generated);
  if (written.length === 0) return 'generated';
  if (written.some(({ name: column }) => table.unique.includes(column))) return inserts === 'zone' ? inserts : [...remove, ...inserts];
  const set = written.map((column) => `${quoteId(column.name)} = ${source[table.standby.indexOf(column)] ?? 'NULL'}`).join(', ');
  return [{ locator, order: 1, sql: `UPDATE ${name} SET ${set} WHERE ${which}` }];
}

function insertSql(table: ComparedTable, name: string, values: readonly string[], copies: number): string {
  const written = table.standby.flatMap((column, at) => (column.generated ? [] : [{ column, value: values[at] ?? 'NULL' }]));
  const row = `(${written.map(({ value }) => value).join(', ')})`;
  return `INSERT INTO ${name} (${written.map(({ column }) => quoteId(column.name)).join(', ')}) VALUES ${Array.from({ length: copies }, () => row).join(', ')}`;
}

/** What the session is in. */
const utc = '+00:00';
const inZone = (zone: string): string => `SET SESSION time_zone = '${zone}'`;

/** A row whose stored columns are computed in an offset; null: in which one is not known. */
function insertsInZone(
  table: ComparedTable, name: string, values: readonly string[], { count, zone }: { readonly count: number; readonly zone: string | null },
): readonly string[] | null {
  if (zone === null) return null;
  const moved = values.map((value, at) =>
    (table.standby.slice(at, at + 1).some(isMoment) && value !== 'NULL' && !value.startsWith("'0000-") ? `CONVERT_TZ(${value}, '${utc}', '${zone}')` : value));
  return [inZone(zone), insertSql(table, name, moved, count), inZone(utc)];
}

const isMoment = ({ type }: DescribedColumn): boolean => type === 'timestamp';
const isZoned = ({ standby }: ComparedTable): boolean => standby.some(isMoment) && standby.some(({ extra }) => /\bSTORED GENERATED\b/i.test(extra));

/** The one offset that the server's own zone had at every moment of a row; null: there were several. The session is in UTC, of which every moment is told. */
async function offsetOf(table: ComparedTable, { session, columns }: Side, which: string, options: QueryOptions): Promise<string | null> {
  const moments = columns.filter(isMoment).map(({ name }) => quoteId(name));
  const local = (id: string): string => `CONVERT_TZ(${id}, '${utc}', @@GLOBAL.time_zone)`;
  const [row] = await session.query<Record<string, string | number | null>>(
    `SELECT ${moments.map((id, at) => `TIMESTAMPDIFF(MINUTE, ${id}, ${local(id)}) AS m${at}`).join(', ')}
     FROM ${quoteTable(table.database, table.table)} WHERE ${which} LIMIT 1`, [], options,
  );
  const offsets = new Set(Object.values(row ?? {}).flatMap((minutes) => (minutes === null ? [] : [Number(minutes)])));
  return offsets.size > 1 ? null : offsetText([...offsets][0] ?? 0);
}

type Zone = Pick<RowToRepair, 'zone' | 'isKept'>;

/** Of a table whose keys keep what is computed in a zone; null: they keep nothing of the kind. In which offset that was is known where it is always one. */
async function keptZone({ database, table }: ComparedTable, { source, standby }: { readonly source: Side; readonly standby: Side }): Promise<Zone | null> {
  const { session } = standby;
  if (!(await keepsInZone((sql, params) => session.query(sql, params), session.version, database, table))) return null;
  return { isKept: true, zone: await keepsOffset(source.session) ? await zoneOf(source.session) : null };
}

/** Reads rows that were found to differ as both sides hold them now. */
export async function readRepairs(
  table: ComparedTable, sides: { readonly source: Side; readonly standby: Side }, rows: readonly RowDifference[], options: QueryOptions,
): Promise<readonly (RowToRepair | { readonly locator: string; readonly why: Unrepairable })[]> {
  const out: (RowToRepair | { readonly locator: string; readonly why: Unrepairable })[] = [];
  const kept = await keptZone(table, sides);
  const zoneAt = async (which: string): Promise<Zone> => (kept ?? (isZoned(table) ? { zone: await offsetOf(table, sides.source, which, options) } : {}));
  for (const { locator, copies, kind } of rows) {
    if (table.key === null) {
      // Without a key the content is the row: it is counted on both sides, and the surplus of one is what differs.
      const counts = await onBoth(sides, (side) => countOf(table, side, locator, options));
      const surplus = counts.source - counts.standby;
      const from = kind === 'missing' ? sides.source : sides.standby;
      const values = surplus === 0 ? null : await literalsOf(table, from, hasContent(from.columns, locator), options);
      const zone = surplus > 0 ? await zoneAt(hasContent(from.columns, locator)) : kept ?? {};
      if (values === 'too-long') out.push({ locator, why: 'too-long' });
      else {
        const [source, standby] = [surplus > 0 ? values : null, surplus < 0 ? values : null];
        out.push({ locator, copies: surplus === 0 ? copies : Math.abs(surplus), source, standby, ...zone });
      }
      continue;
    }
    const both = await onBoth(sides, (side) => literalsOf(table, side, locator, options));
    if (both.source === 'too-long' || both.standby === 'too-long') out.push({ locator, why: 'too-long' });
    else out.push({ locator, copies: 1, source: both.source, standby: both.standby, ...(both.source === null ? kept ?? {} : await zoneAt(locator)) });
  }
  return out;
}

async function countOf(table: ComparedTable, { session, columns }: Side, hash: string, options: QueryOptions): Promise<number> {
  const [row] = await session.query<{ found: string | number }>(
    `SELECT COUNT(*) AS found FROM ${quoteTable(table.database, table.table)} WHERE ${hasContent(columns, hash)}`, [], options,
  );
  return Number(row?.found ?? 0);
}

async function literalsOf(
  table: ComparedTable, { session, columns }: Side, which: string, options: QueryOptions,
): Promise<readonly string[] | 'too-long' | null> {
  const name = quoteTable(table.database, table.table);
  const long = columns.filter((column) => ['long', 'json'].includes(formOf(column)));
  if (long.length > 0) {
    const size = long.map((column) => `IFNULL(LENGTH(${quoteId(column.name)}),0)`).join('+');
    const [row] = await session.query<{ bytes: string | number }>(`SELECT ${size} AS bytes FROM ${name} WHERE ${which} LIMIT 1`, [], options);
    if (Number(row?.bytes ?? 0) > mostBytes) return 'too-long';
  }
  const [row] = await session.query<Record<string, string | number | null>>(
    `SELECT ${columns.map((column, at) => `${literalText(column)} AS v${at}`).join(', ')} FROM ${name} WHERE ${which} LIMIT 1`, [], options,
  );
  return row === undefined ? null : columns.map((column: DescribedColumn, at) => {
    const value = row[`v${at}`];
    return literalOf(column, value === null || value === undefined ? null : String(value));
  });
}

/** Triggers of a table that a statement of a session would fire; those of replicated rows do not fire. */
export async function triggersOf(session: StatementSession, database: string): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ tab: string }>(
    'SELECT EVENT_OBJECT_TABLE AS tab FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?', [database],
  );
  return new Set(rows.map(({ tab }) => tab));
}
