import type { TableConversion } from '../../../shared/domain/operations/charset/convert';
import type { CharsetTarget, ColumnFacts, KeyFacts, TableFacts } from '../../../shared/domain/operations/charset/facts';
import { otherReading, type SuspiciousText } from '../../../shared/domain/operations/charset/other-reading';
import type { DataProblem, DuplicateGroup, TableNotice } from '../../../shared/domain/operations/charset/plan';
import { members, mostBytes } from '../../../shared/domain/operations/charset/storage';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import { literal, quoteId } from '../../mysql/quote';
import { numberOf, textOf } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { checkProblems, computedNotices, trailingNotices, writtenProblems } from './scan-definition';
import { ask, converted, convertedColumns, isWider, place, type Scan } from './scan-questions';

/** Groups that are shown; whether there are more is said. */
const mostGroups = 20;
const mostSamples = 5;
/** Values of a column that are looked at for another reading. */
const mostLooked = 500;
const longestLooked = 4000;

/** Reads the rows of a table for what stands against its conversion. Changes nothing; the table is read as any query reads it. */
export async function scanTable(
  session: Session, table: TableFacts, conversion: TableConversion, target: CharsetTarget, signal?: AbortSignal,
): Promise<{ readonly problems: readonly DataProblem[]; readonly notices: readonly TableNotice[] }> {
  const scan: Scan = { session, table, conversion, target, signal };
  // Groups are told apart by as much as a key can have.
  await session.run('SET SESSION max_sort_length = 16384');
  const problems = [...await writtenProblems(scan), ...await memberProblems(scan), ...await valueProblems(scan), ...await duplicates(scan)];
  if (problems.length > 0) return { problems, notices: [] };
  return { problems: await checkProblems(scan), notices: [...await computedNotices(scan), ...await trailingNotices(scan)] };
}

async function memberProblems(scan: Scan): Promise<readonly DataProblem[]> {
  const found: DataProblem[] = [];
  for (const column of convertedColumns(scan).filter(({ type }) => type === 'enum' || type === 'set')) {
    const to = scan.conversion.columns.find(({ name }) => name === column.name)?.to ?? scan.target.collation;
    const all = members(column.fullType).map((one) => `SELECT CONVERT(${literal(one)} USING ${scan.target.charset}) COLLATE ${to} AS v`).join(' UNION ALL ');
    const rows = await ask(scan, `SELECT GROUP_CONCAT(v SEPARATOR ', ') AS vs FROM (${all}) AS m GROUP BY v HAVING COUNT(*) > 1`);
    if (rows.length > 0) found.push({ kind: 'members', errno: 1291, column: column.name, values: rows.map((row) => textOf(row['vs']) ?? '') });
  }
  return found;
}

interface Question {
  readonly column: ColumnFacts;
  readonly kind: 'not-in-charset' | 'text-too-long';
  readonly condition: string;
  readonly most: number;
}

async function valueProblems(scan: Scan): Promise<readonly DataProblem[]> {
  const questions = convertedColumns(scan).filter(({ type }) => type !== 'enum' && type !== 'set').flatMap((column) => questionsOn(scan, column));
  if (questions.length === 0) return [];
  const [row] = await ask(scan, `SELECT ${questions.map(({ condition }, at) => `SUM(${condition}) AS n${at}`).join(', ')} FROM ${place(scan)}`);
  const found: DataProblem[] = [];
  for (const [at, { column, kind, condition, most }] of questions.entries()) {
    const rows = numberOf(row?.[`n${at}`]) ?? 0;
    if (rows === 0) continue;
    if (kind === 'text-too-long') {
      found.push({ kind, errno: 1406, column: column.name, rows, most });
      continue;
    }
    const samples = await ask(scan, `SELECT LEFT(${quoteId(column.name)}, 80) AS v FROM ${place(scan)} WHERE ${condition} LIMIT ${mostSamples}`);
    found.push({ kind, errno: 1366, column: column.name, rows, samples: samples.map((one) => textOf(one['v']) ?? '') });
  }
  return found;
}

function questionsOn(scan: Scan, column: ColumnFacts): readonly Question[] {
  const value = quoteId(column.name);
  const anew = scan.conversion.columns.some(({ name, reread }) => reread && name === column.name);
  const into = converted(scan, column.name);
  const most = mostBytes(column.type);
  const lost = anew
    ? `${value} IS NOT NULL AND ${into} IS NULL`
    : `${value} IS NOT NULL AND CAST(CONVERT(${into} USING ${column.charset ?? ''}) AS BINARY) <> CAST(${value} AS BINARY)`;
  return [
    ...(anew || !isWider(column.charset, scan.target.charset) ? [{ column, kind: 'not-in-charset' as const, condition: lost, most: 0 }] : []),
    ...(most === null ? [] : [{ column, kind: 'text-too-long' as const, condition: `${value} IS NOT NULL AND LENGTH(${into}) > ${most}`, most }]),
  ];
}

async function duplicates(scan: Scan): Promise<readonly DataProblem[]> {
  const { table, conversion } = scan;
  const touched = (key: KeyFacts): boolean => key.unique && key.parts.every(({ column }) => column !== null)
    && key.parts.some(({ column }) => conversion.columns.some(({ name }) => name === column));
  const found: DataProblem[] = [];
  for (const key of table.keys.filter(touched)) {
    const groups = await groupsOf(scan, key);
    if (groups.length > 0) found.push({ kind: 'duplicates', errno: 1062, key: key.name, groups: groups.slice(0, mostGroups),
      more: groups.length > mostGroups });
  }
  return found;
}

async function groupsOf(scan: Scan, key: KeyFacts): Promise<readonly DuplicateGroup[]> {
  const names = key.parts.map(({ column }) => column ?? '');
  const parts = key.parts.map(({ column, prefix }) => {
    const change = scan.conversion.columns.find(({ name }) => name === column);
    if (change === undefined) return prefix === null ? quoteId(column ?? '') : `LEFT(${quoteId(column ?? '')}, ${prefix})`;
    const into = converted(scan, change.name);
    return `${prefix === null ? into : `LEFT(${into}, ${prefix})`} COLLATE ${change.to}`;
  });
  const shown = names.map((name) => `LEFT(CAST(${quoteId(name)} AS CHAR CHARACTER SET utf8mb4), 60)`).join(", ' / ', ");
  const rows = await ask(
    scan,
    `SELECT COUNT(*) AS n, GROUP_CONCAT(CONCAT(${shown}) SEPARATOR '\\n') AS vs FROM ${place(scan)} `
    + `WHERE ${names.map((name) => `${quoteId(name)} IS NOT NULL`).join(' AND ')} GROUP BY ${parts.join(', ')} HAVING COUNT(*) > 1 LIMIT ${mostGroups + 1}`,
  );
  return rows.map((row) => ({ rows: numberOf(row['n']) ?? 0, values: (textOf(row['vs']) ?? '').split('\n').slice(0, 8) }));
}

/** Looks at texts that are not plain ASCII for those that were UTF-8 once and were taken for latin1 on their way in. */
export async function lookForOtherReadings(
  session: Session, table: TableFacts, conversion: TableConversion, target: CharsetTarget, signal?: AbortSignal,
): Promise<readonly SuspiciousText[]> {
  const scan: Scan = { session, table, conversion, target, signal };
  const found: SuspiciousText[] = [];
  for (const column of convertedColumns(scan)) {
    const charset = oneCharsetName(column.charset ?? '');
    if (column.type === 'enum' || column.type === 'set' || !['latin1', 'utf8mb3', 'utf8mb4'].includes(charset)) continue;
    const value = quoteId(column.name);
    const beyond = charset === 'latin1' ? `LENGTH(CONVERT(${value} USING utf8mb4)) <> LENGTH(${value})` : `LENGTH(${value}) <> CHAR_LENGTH(${value})`;
    const rows = await ask(scan, `SELECT ${value} AS v FROM ${place(scan)} WHERE ${beyond} AND CHAR_LENGTH(${value}) <= ${longestLooked} LIMIT ${mostLooked}`);
    const two = rows.flatMap((row) => {
      const kept = textOf(row['v']) ?? '';
      const other = otherReading(kept);
      return other === null ? [] : [{ kept: kept.slice(0, 120), other: other.slice(0, 120) }];
    });
    if (two.length > 0) found.push({
      database: table.database, table: table.table, column: column.name, looked: rows.length, suspicious: two.length, samples: two.slice(0, mostSamples),
    });
  }
  return found;
}
