// How often a part of a table is gone through, and under which settings each time: its rows are to be computed as they were.
import { failure } from '../../../shared/errors/codes';
import { quoteId, quoteString } from '../../mysql/quote';
import { offsetText } from '../../mysql/time';
import type { Transferred } from '../../mysql/rows/bulk';
import type { StatementSession } from '../../mysql/types';
import { takingMode, type Evaluation } from '../snapshot/sessions';
import type { TableToCopy } from './chunks';
import type { SourceClock } from './clock';
import { dependsOnZone } from './zone';

/** Rows of a part that are sent under the same settings. */
interface Pass {
  /** SQL, with the reader in any zone; empty: all. */
  readonly condition: string;
  /** Null: UTC, as the sessions are. */
  readonly zones: { readonly reader: string; readonly writer: string } | null;
  readonly dates: 'any' | 'as-source';
  /** What is stored of these rows is computed once more after they came; absent: it is right. */
  readonly again?: ComputedAgain;
}

/** Rows of the target whose moments are right, and what is computed of them is not. */
interface ComputedAgain {
  readonly zone: string;
  /** SQL, for the target. */
  readonly condition: string;
}

/** What is sent. */
export interface PassOrder {
  readonly reader: StatementSession;
  readonly writer: StatementSession;
  readonly table: TableToCopy;
  /** SQL of the rows of the part that keep to a condition. */
  readonly from: (condition: string) => string;
  /** The table as it is written, with its database, quoted; and SQL of the rows of the part there; empty: all. */
  readonly into: { readonly name: string; readonly where: string };
  readonly clock: SourceClock;
  readonly evaluation: Evaluation | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends the rows of a part so that each is computed as it was: in the zone of the source, and with its idea of what a date is. Most tables compute nothing
 * of the kind, and go at once. `send`: sends what keeps to a condition.
 */
export async function inPasses(order: PassOrder, send: (condition: string) => Promise<Transferred>): Promise<Transferred> {
  const passes = await passesOf(order);
  const { reader, writer, evaluation, signal } = order;
  const set = async (session: StatementSession, sql: string): Promise<void> => void (await session.run(sql, [], { signal }));
  let all: Transferred | null = null;
  for (const { condition, zones, dates, again } of passes) {
    if (zones !== null) for (const side of ['reader', 'writer'] as const) await set(order[side], `SET SESSION time_zone = ${quoteString(zones[side])}`);
    if (dates === 'as-source') await set(writer, takingMode(writer, dates, evaluation));
    all = together(all, await send(condition));
    if (again !== undefined) await computeAgain(order, again);
    // A session that fails in between is not used again, or begins anew with the same pass.
    if (dates === 'as-source') await set(writer, takingMode(writer, 'any', evaluation));
    if (zones !== null) for (const session of [reader, writer]) await set(session, "SET SESSION time_zone = '+00:00'");
  }
  return all ?? { rows: 0, bytes: 0, places: [], hashes: '0' };
}

/** Adds keys to a table under what its rows are computed in: of a virtual column, they are what is stored. */
export async function inItsZone(
  { writer, table, clock, signal }: Pick<PassOrder, 'writer' | 'table' | 'clock' | 'signal'>, work: () => Promise<void>,
): Promise<void> {
  if (table.checksInZone !== true) return work();
  const zone = clock.kind === 'several' ? clock.target ?? clock.offset : clock.offset;
  await writer.run(`SET SESSION time_zone = ${quoteString(zone)}`, [], { signal });
  await work();
  await writer.run("SET SESSION time_zone = '+00:00'", [], { signal });
}

/** A value that is given to itself stays what it is, and what is computed of it is so in the zone of the session. */
async function computeAgain({ writer, table, into, signal }: PassOrder, { zone, condition }: ComputedAgain): Promise<void> {
  const run = (sql: string): Promise<unknown> => writer.run(sql, [], { timeoutMs: Infinity, signal });
  const itself = table.columns.map(({ name }) => `${quoteId(name)} = ${quoteId(name)}`).join(', ');
  await run(`SET SESSION time_zone = ${quoteString(zone)}`);
  await run(`UPDATE ${into.name} SET ${itself} WHERE ${both(into.where, condition)}`);
}

function together(one: Transferred | null, other: Transferred): Transferred {
  if (one === null) return other;
  const places = other.places.map((found, at) => {
    const before = one.places[at];
    return found === null || before === null ? null : [...new Set([...(before ?? []), ...found])];
  });
  return { rows: one.rows + other.rows, bytes: one.bytes + other.bytes, places, hashes: String(BigInt(one.hashes) + BigInt(other.hashes)) };
}

async function passesOf(order: PassOrder): Promise<readonly Pass[]> {
  const zones: readonly ZonePass[] = dependsOnZone(order.table) ? await zonePasses(order) : [{ condition: '', zones: null }];
  return zones.flatMap((zone) => datePasses(order).map((dates): Pass => ({
    ...zone, ...dates, condition: both(zone.condition, dates.condition),
    ...(zone.again === undefined ? {} : { again: { ...zone.again, condition: both(zone.again.condition, dates.condition) } }),
  })));
}

const both = (...conditions: readonly string[]): string => conditions.filter((one) => one !== '').map((one) => `(${one})`).join(' AND ');

/** Dates that a session takes only where it takes any are in few tables: their rows go apart, and the others as the source took them. */
function datePasses({ table, evaluation }: PassOrder): readonly Pick<Pass, 'condition' | 'dates'>[] {
  const takesAny = evaluation?.dates === undefined || evaluation.dates.includes('ALLOW_INVALID_DATES');
  if (table.makesDates !== true || takesAny) return [{ condition: '', dates: 'any' }];
  const odd = table.columns.filter(({ type }) => type === 'date' || type === 'datetime').map(({ name }) => oddDate(quoteId(name)));
  if (odd.length === 0) return [{ condition: '', dates: 'as-source' }];
  const any = `COALESCE(${odd.join(' OR ')}, TRUE)`;
  return [{ condition: `NOT ${any}`, dates: 'as-source' }, { condition: any, dates: 'any' }];
}

/** SQL: a date that is no day of the calendar, but for the one of zeros alone. */
function oddDate(id: string): string {
  const isZero = `YEAR(${id}) + MONTH(${id}) + DAYOFMONTH(${id}) = 0`;
  const first = `CONCAT(LPAD(YEAR(${id}), 4, '0'), '-', LPAD(MONTH(${id}), 2, '0'), '-01')`;
  const isOdd = `MONTH(${id}) = 0 OR DAYOFMONTH(${id}) = 0 OR (DAYOFMONTH(${id}) > 28 AND DAYOFMONTH(${id}) > DAYOFMONTH(LAST_DAY(${first})))`;
  return `(${id} IS NOT NULL AND NOT (${isZero}) AND (${isOdd}))`;
}

type ZonePass = Pick<Pass, 'condition' | 'zones' | 'again'>;

/**
 * Where the clocks of the source change, a row goes in its very zone: everything is computed as it was, also of numbers. Its moments go as what the zone
 * calls them, which is one moment, but for the hour that comes twice: rows with such a moment go in the offset that it had. Where they have moments of
 * other offsets beside it, their moments go in one offset, and what is stored of them is computed once more in the zone.
 *
 * @throws Failure `moments-of-two-offsets` for these last, where a key keeps what is computed: it would be that of the first time
 */
async function zonePasses({ reader, table, from, clock, signal }: PassOrder): Promise<readonly ZonePass[]> {
  const in1 = (zone: string): ZonePass['zones'] => ({ reader: zone, writer: zone });
  if (clock.kind === 'one') return [{ condition: '', zones: in1(clock.offset) }];
  const named = clock.target === null ? null : { reader: clock.source, writer: clock.target };
  const moments = table.columns.filter(({ type }) => type === 'timestamp').map(({ name }) => quoteId(name));
  if (moments.length === 0) return [{ condition: '', zones: named ?? in1(clock.offset) }];
  const { isSafe, low, high } = momentsSql(moments, clock.source, named !== null);
  const found = await reader.query<{ low: string | number; high: string | number; many: string | number }>(
    `SELECT ${low} AS low, ${high} AS high, COUNT(*) AS many FROM ${from(`NOT (${isSafe})`)} GROUP BY 1, 2`, [], { timeoutMs: Infinity, signal },
  );
  const apart = found.filter((row) => Number(row.low) === Number(row.high)).map((row) => Number(row.low));
  const many = found.reduce((sum, row) => sum + (Number(row.low) === Number(row.high) ? 0 : Number(row.many)), 0);
  if (many > 0 && named !== null && table.checksInZone === true) {
    throw failure('moments-of-two-offsets', { table: `${table.database}.${table.table}`, count: many });
  }
  const rest = (): ZonePass => {
    const there = clock.target === null ? null : momentsSql(moments, clock.target, true);
    const again = there === null ? {} : { again: { zone: clock.target ?? clock.offset, condition: `NOT (${there.isSafe}) AND ${there.low} <> ${there.high}` } };
    return { condition: `NOT (${isSafe}) AND ${low} <> ${high}`, zones: in1(clock.offset), ...again };
  };
  return [
    ...(named === null ? [] : [{ condition: isSafe, zones: named }]),
    ...apart.map((minutes): ZonePass => ({
      condition: `NOT (${isSafe}) AND ${low} = ${String(minutes)} AND ${high} = ${String(minutes)}`, zones: in1(offsetText(minutes)),
    })),
    ...(many === 0 ? [] : [rest()]),
  ];
}

interface MomentsSql {
  /** The zone calls no other moment the same as one of the row. */
  readonly isSafe: string;
  /** The least and the largest number of minutes that the zone was away from UTC at the moments of the row. */
  readonly low: string;
  readonly high: string;
}

/** SQL of the TIMESTAMPs of a row, whatever the zone of the session. `isNamed`: they go as what the zone calls them. */
function momentsSql(ids: readonly string[], zone: string, isNamed: boolean): MomentsSql {
  const moments = ids.map((id) => momentSql(id, zone));
  const bound = (name: 'LEAST' | 'GREATEST', none: string): string => {
    const all = moments.map(({ minutes }) => `COALESCE(${minutes}, ${none})`);
    return all.length === 1 ? String(all[0]) : `${name}(${all.join(', ')})`;
  };
  const isSafe = isNamed ? moments.map(({ isOnce }) => `(${isOnce})`).join(' AND ') : 'FALSE';
  return { isSafe, low: bound('LEAST', '9999'), high: bound('GREATEST', '-9999') };
}

/** SQL of a TIMESTAMP: the minutes that a zone was away from UTC then, and that it calls no other moment the same. */
function momentSql(id: string, zone: string): { readonly minutes: string; readonly isOnce: string } {
  const isNone = `${id} IS NULL OR UNIX_TIMESTAMP(${id}) = 0`;
  const utc = `('1970-01-01 00:00:00' + INTERVAL UNIX_TIMESTAMP(${id}) SECOND)`;
  const local = (moment: string): string => `CONVERT_TZ(${moment}, '+00:00', ${quoteString(zone)})`;
  // By how much the clocks were put back, or forward, around it. Seconds.
  const back = `(21600 - TIMESTAMPDIFF(SECOND, ${local(`${utc} - INTERVAL 3 HOUR`)}, ${local(`${utc} + INTERVAL 3 HOUR`)}))`;
  const other = (sign: '+' | '-'): string => `${local(`${utc} ${sign} INTERVAL ${back} SECOND`)} <> ${local(utc)}`;
  return {
    minutes: `IF(${isNone}, NULL, TIMESTAMPDIFF(MINUTE, ${utc}, ${local(utc)}))`,
    isOnce: `${isNone} OR ${back} = 0 OR (${other('+')} AND ${other('-')})`,
  };
}
