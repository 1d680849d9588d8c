import { defaultText, enforcedChecks, generatedFrom, namesOneOf } from '../../../shared/domain/operations/charset/expressions';
import type { ColumnFacts } from '../../../shared/domain/operations/charset/facts';
import type { DataProblem, TableNotice } from '../../../shared/domain/operations/charset/plan';
import { members } from '../../../shared/domain/operations/charset/storage';
import { isRefusal } from '../../mysql/errors';
import { literal, quoteId } from '../../mysql/quote';
import { numberOf, textOf } from '../../mysql/reading';
import { ask, converted, convertedColumns, isWider, place, type Scan } from './scan-questions';

/** Members and defaults that the definition writes down and that the new character set has not: members become question marks without a word. */
export async function writtenProblems(scan: Scan): Promise<readonly DataProblem[]> {
  const found: DataProblem[] = [];
  for (const column of convertedColumns(scan).filter(({ charset }) => !isWider(charset, scan.target.charset))) {
    const isList = column.type === 'enum' || column.type === 'set';
    const texts = isList ? members(column.fullType) : [defaultText(column.line)].filter((text) => text !== null);
    if (texts.length === 0) continue;
    const { charset } = scan.target;
    const all = texts.map((text) => `SELECT CONVERT(${literal(text)} USING utf8mb4) AS v`).join(' UNION ALL ');
    const rows = await ask(scan, `SELECT v FROM (${all}) AS m WHERE CAST(CONVERT(CONVERT(v USING ${charset}) USING utf8mb4) AS BINARY) <> CAST(v AS BINARY)`);
    const lost = rows.map((row) => textOf(row['v']) ?? '');
    if (lost.length === 0) continue;
    found.push(isList ? { kind: 'members-lost', errno: 0, column: column.name, values: lost }
      : { kind: 'default-lost', errno: 1067, column: column.name, value: lost[0] ?? '' });
  }
  return found;
}

/** The rows of a table as they will be: its texts in the new character set, under their names. */
function rowsThen(scan: Scan, more: readonly string[] = []): string {
  const columns = scan.table.columns.map(({ name }) => {
    const change = scan.conversion.columns.find((one) => one.name === name);
    return change === undefined ? quoteId(name) : `${converted(scan, name)} COLLATE ${change.to} AS ${quoteId(name)}`;
  });
  return `(SELECT ${[...columns, ...more].join(', ')} FROM ${place(scan)}) AS t`;
}

const changed = ({ conversion }: Scan): readonly string[] => conversion.columns.map(({ name }) => name);

/** Conditions that rows fulfil now and would not then: the server refuses the whole table. */
export async function checkProblems(scan: Scan): Promise<readonly DataProblem[]> {
  const found: DataProblem[] = [];
  for (const { name, expression } of enforcedChecks(scan.table.definition).filter((one) => namesOneOf(one.expression, changed(scan)))) {
    const [row] = await ask(scan, `SELECT SUM(NOT ${expression}) AS n FROM ${rowsThen(scan)}`);
    const rows = numberOf(row?.['n']) ?? 0;
    if (rows > 0) found.push({ kind: 'check', errno: 3819, check: name, rows });
  }
  return found;
}

const asBytesOf = (value: string): string => `CAST(CAST(${value} AS CHAR CHARACTER SET utf8mb4) AS BINARY)`;

/** Generated columns whose value hangs on the bytes or on the order of a text, as MD5(a) and a = 'E' do. */
export async function computedNotices(scan: Scan): Promise<readonly TableNotice[]> {
  const found: TableNotice[] = [];
  for (const column of scan.table.columns.filter(({ generated, type }) => generated && !/^geom|^point|^line|^poly|^multi|^vector/.test(type))) {
    const expression = generatedFrom(column.line);
    if (expression === null || !namesOneOf(expression, changed(scan))) continue;
    const rows = await rowsComputed(scan, column, expression);
    if (rows !== 0) found.push({ kind: 'computed', column: column.name, rows });
  }
  return found;
}

async function rowsComputed(scan: Scan, { name }: ColumnFacts, expression: string): Promise<number | null> {
  const old = 'antipode value before';
  try {
    const [row] = await ask(scan, `SELECT SUM(NOT (${asBytesOf(expression)} <=> ${quoteId(old)})) AS n FROM `
      + rowsThen(scan, [`${asBytesOf(quoteId(name))} AS ${quoteId(old)}`]));
    return numberOf(row?.['n']) ?? 0;
  } catch (thrown) {
    // What cannot be asked beforehand is told as that; the table itself may be converted.
    if (isRefusal(thrown)) return null;
    throw thrown;
  }
}

/** Collations of 9.0.0 of Unicode and later take blanks at the end of a text for characters like others; the old ones did not see them. */
const seesBlanks = (collation: string): boolean => /_0900_|^binary$/.test(collation);

/** Texts with blanks at their end, where the new collation is the first to see them. */
export async function trailingNotices(scan: Scan): Promise<readonly TableNotice[]> {
  const columns = convertedColumns(scan).filter(({ name, type }) => /varchar|text/.test(type)
    && scan.conversion.columns.some((one) => one.name === name && seesBlanks(one.to) && !seesBlanks(one.from)));
  if (columns.length === 0) return [];
  const [row] = await ask(scan, `SELECT ${columns.map(({ name }, at) => `SUM(${quoteId(name)} LIKE '% ') AS n${at}`).join(', ')} FROM ${place(scan)}`);
  return columns.flatMap(({ name }, at): readonly TableNotice[] => {
    const rows = numberOf(row?.[`n${at}`]) ?? 0;
    return rows === 0 ? [] : [{ kind: 'trailing', column: name, rows }];
  });
}
