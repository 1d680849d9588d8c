import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { quoteId, quoteString } from '../../mysql/quote';

/** A place of a document whose type its text does not tell: a column, and a path in it. */
export interface JsonPlace {
  readonly column: string;
  readonly path: string;
}

const valueAt = ({ column, path }: JsonPlace): string => `JSON_EXTRACT(${quoteId(column)}, ${quoteString(path)})`;

/** Before 8.0 a DOUBLE of a whole value prints like an integer. */
const isPrintedWhole = (value: string): string => `CAST(${value} AS CHAR) NOT REGEXP '[.e]'`;

/** The highest number that reads back from text as a signed one. Seen on every series: the highest signed one itself is taken for unsigned. */
const highestSigned = '9223372036854775806';

/** What opaque values are kept as (the number in `base64:type252:`) that SQL of a version can make. Before 8.0.20 none makes a BIT but 5.7's literal. */
function makeableCodes(target: ServerVersion): readonly string[] {
  if (!atLeast(target, 8, 0, 4)) return ['15', '16', '252', '253'];
  return ['15', '249', '250', '251', '252', '254', ...(atLeast(target, 8, 0, 20) ? ['16'] : [])];
}

const codeOf = (printed: string): string => `SUBSTRING_INDEX(SUBSTRING(${printed}, 12), ':', 1)`;

/** SQL for the source: 0, or 1 where what stands there would read back from text as another type, 2 where no SQL of the target makes it again. */
function lossAt(place: JsonPlace, source: ServerVersion, target: ServerVersion): string {
  const value = valueAt(place);
  const double = atLeast(source, 8, 0) ? '0' : isPrintedWhole(value);
  const codes = makeableCodes(target).map((code) => `'${code}'`).join(',');
  return (
    `(CASE IFNULL(JSON_TYPE(${value}),'NULL') WHEN 'INTEGER' THEN ${value} > ${highestSigned} WHEN 'STRING' THEN 0 ` +
    `WHEN 'DOUBLE' THEN ${double} WHEN 'NULL' THEN 0 WHEN 'UNSIGNED INTEGER' THEN ${value} <= ${highestSigned} WHEN 'OBJECT' THEN 0 WHEN 'ARRAY' THEN 0 ` +
    `WHEN 'BOOLEAN' THEN 0 WHEN 'DECIMAL' THEN 1 WHEN 'DATE' THEN 1 WHEN 'TIME' THEN 1 WHEN 'DATETIME' THEN 1 ` +
    `WHEN 'TIMESTAMP' THEN ${atLeast(target, 8, 0, 4) ? 1 : 2} ELSE IF(${codeOf(`JSON_UNQUOTE(${value})`)} IN (${codes}), 1, 2) END)`
  );
}

/** SQL for the source: of each place the greatest loss of any document of these rows, as `c0`, `c1` … */
export function lossStatement(from: string, places: readonly JsonPlace[], source: ServerVersion, target: ServerVersion): string {
  return `SELECT ${places.map((place, at) => `MAX(${lossAt(place, source, target)}) AS c${at}`).join(', ')} FROM ${from}`;
}

/** SQL for the source: the row holds a document that text does not carry as it is. */
export function lostInRow(places: readonly JsonPlace[], source: ServerVersion, target: ServerVersion): string {
  return `(${places.map((place) => `${lossAt(place, source, target)} > 0`).join(' OR ')})`;
}

/** A part of a CONCAT that becomes SQL: literal text between the values that the source computes. */
const sql = (...parts: readonly string[]): string => `CONCAT(${parts.join(', ')})`;
const text = (part: string): string => quoteString(part);

/**
 * What gives a value of bytes the type that a server keeps it under (the number in `base64:type252:`), as SQL that the source puts together;
 * what is in no row becomes VARBINARY. Seen on the servers: before 8.0 a hexadecimal literal is a BIT, later it is not.
 */
function opaqueCases(data: string, target: ServerVersion): string {
  const hex = `X'`;
  const bytes = [text(hex), `HEX(${data})`, text("'")];
  const cases: [code: string, expression: string][] = [];
  if (atLeast(target, 8, 0, 4)) {
    const column = (type: readonly string[]): string => sql(
      text('(SELECT b FROM JSON_TABLE(JSON_ARRAY(CAST('), ...bytes, text(" AS BINARY)), '$[*]' COLUMNS (b "), ...type, text(" PATH '$')) x)"),
    );
    const blobs = [['249', 'TINYBLOB'], ['250', 'MEDIUMBLOB'], ['251', 'LONGBLOB'], ['252', 'BLOB']] as const;
    for (const [code, type] of blobs) cases.push([code, column([text(type)])]);
    cases.push(['254', column([text('BINARY('), `LENGTH(${data})`, text(')')])]);
    const number = `CONV(HEX(${data}), 16, 10)`;
    const bits = sql(text("(SELECT b FROM JSON_TABLE('["), number, text("]', '$[*]' COLUMNS (b BIT("), `8 * LENGTH(${data})`, text(") PATH '$')) x)"));
    if (makeableCodes(target).includes('16')) cases.push(['16', bits]);
  } else {
    cases.push(['16', sql(...bytes)], ['253', sql(text('CAST('), ...bytes, text(' AS BINARY)'))]);
    cases.push(['252', sql(text('(SELECT ssl_cipher FROM mysql.user WHERE FALSE UNION ALL SELECT '), ...bytes, text(')'))]);
  }
  const otherwise = atLeast(target, 8, 0, 4) ? sql(text('CAST('), ...bytes, text(' AS BINARY)')) : sql(text('_binary '), ...bytes);
  return `${cases.map(([code, expression]) => `WHEN ${text(code)} THEN ${expression}`).join(' ')} ELSE ${otherwise}`;
}

/** SQL for the source: a text of SQL for the target that makes the value at the place with its type; NULL where nothing is lost. */
function madeAgain(place: JsonPlace, source: ServerVersion, target: ServerVersion): string {
  const value = valueAt(place);
  const printed = `JSON_UNQUOTE(${value})`;
  const cast = (type: string): string => sql(text("CAST('"), printed, text(`' AS ${type})`));
  const digits = `IF(LOCATE('.', ${printed}) = 0, 0, CHAR_LENGTH(${printed}) - LOCATE('.', ${printed}))`;
  const moment = atLeast(target, 8, 0, 4)
    ? sql(text(`(SELECT b FROM JSON_TABLE('["`), printed, text(`"]', '$[*]' COLUMNS (b TIMESTAMP(6) PATH '$')) x)`))
    : cast('DATETIME(6)');
  const data = `FROM_BASE64(SUBSTRING_INDEX(${printed}, ':', -1))`;
  const double = atLeast(source, 8, 0) ? 'NULL' : `IF(${isPrintedWhole(value)}, ${sql(printed, text('e0'))}, NULL)`;
  return (
    `CASE IFNULL(JSON_TYPE(${value}), 'NULL') WHEN 'NULL' THEN NULL WHEN 'STRING' THEN NULL WHEN 'BOOLEAN' THEN NULL ` +
    `WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL WHEN 'DOUBLE' THEN ${double} ` +
    `WHEN 'DECIMAL' THEN ${sql(text('CAST('), printed, text(' AS DECIMAL(65,'), digits, text('))'))} ` +
    `WHEN 'INTEGER' THEN ${sql(text('CAST('), printed, text(' AS SIGNED)'))} ` +
    `WHEN 'UNSIGNED INTEGER' THEN ${sql(text('CAST('), printed, text(' AS UNSIGNED)'))} ` +
    `WHEN 'DATE' THEN ${cast('DATE')} WHEN 'TIME' THEN ${cast('TIME(6)')} WHEN 'DATETIME' THEN ${cast('DATETIME(6)')} ` +
    `WHEN 'TIMESTAMP' THEN ${moment} ELSE CASE ${codeOf(printed)} ${opaqueCases(data, target)} END END`
  );
}

/** A path that is in no document: what is put there goes nowhere. */
const nowhere = ", '$[4294967295]', 0";

/** SQL for the source: what a `patch` of a transfer is, all places of one column. Never NULL, but for a text past max_allowed_packet. */
export function patchExpression(places: readonly JsonPlace[], source: ServerVersion, target: ServerVersion): string {
  const parts = places.map((place) => {
    const path = Buffer.from(place.path, 'utf8').toString('hex');
    return `IFNULL(${sql(text(`, _utf8mb4 X'${path}', `), madeAgain(place, source, target))}, '')`;
  });
  return sql(text(nowhere), ...parts);
}
