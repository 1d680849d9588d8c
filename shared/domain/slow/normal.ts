import { SqlScanner, type SqlModes } from '../sql/tokens';

/**
 * A digest's text in one form for all series: servers put blanks, backquotes and comments about lists in other places from version to version, and
 * 8.0 writes a list of values otherwise than 5.6. What stays is the statement as one would write it, keywords as the server has them.
 */
export function normalText(digestText: string): string {
  const scanner = new SqlScanner(digestText);
  const words: string[] = [];
  let end = -1;
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'space' || token.kind === 'comment') continue;
    const operator = token.at === end ? `${words.at(-1) ?? ''}${token.text}` : '';
    end = token.at + token.text.length;
    if (operators.has(operator)) {
      words[words.length - 1] = operator === '<>' ? '!=' : operator;
      continue;
    }
    words.push(token.kind === 'name' && /^`[A-Za-z_][A-Za-z0-9_]*`$/.test(token.text) ? token.text.slice(1, -1) : token.text);
  }
  return spaced(collapsed(words));
}

/** Operators of several characters, each longer one after its beginning; a server prints `<>` as `!=`. */
const operators = new Set(['<=', '>=', '<>', '!=', '<=>', ':=', '||', '&&', '<<', '>>', '->', '->>']);

/** A list of literals, however long: `( ? , ? )`, `(...)` and a row of such lists are one. */
function collapsed(words: readonly string[]): readonly string[] {
  const text = words.join(' ')
    .replace(/\( (?:\? ,? ?|\. \. \. ?,? ?)+\)/g, '(?)')
    .replace(/\(\?\)(?: , (?:\(\?\)|\. \. \.))+/g, '(?)')
    .replace(/- \?/g, '?')
    .replace(/\? (?:, \? )*, \. \. \./g, '?');
  return text.split(' ');
}

const tight = /^[,;.)]$/;

function spaced(words: readonly string[]): string {
  let text = '';
  let before = '';
  for (const word of words) {
    const isCall = word.startsWith('(') && /^[\w$`]+$/.test(before) && !apart.has(before.toUpperCase());
    const glued = text === '' || tight.test(word) || before === '.' || before === '(' || before === '@' || (word === '@' && before !== ',') || isCall;
    text += glued ? word : ` ${word}`;
    before = word;
  }
  return text;
}

/** Words that do not stand close to the parenthesis behind them, as a function does. */
const apart = new Set([
  'ALL', 'AND', 'ANY', 'AS', 'BETWEEN', 'BY', 'CASE', 'DISTINCT', 'ELSE', 'EXISTS', 'FROM', 'HAVING', 'IN', 'INTO', 'JOIN', 'LIKE', 'LIMIT', 'NOT', 'ON', 'OR',
  'OVER', 'SELECT', 'SET', 'SOME', 'THEN', 'UNION', 'USING', 'VALUES', 'VALUE', 'WHEN', 'WHERE', 'WITH', 'XOR',
]);

/** Tables of the server itself: who asks for them watches it. */
const ownTables = /\b(?:performance_schema|information_schema|mysql|sys)\b[`\s]*\./i;
const housekeeping = new RegExp(
  '^(?:SHOW|SET|USE|BEGIN|START TRANSACTION|COMMIT|ROLLBACK|FLUSH|PURGE|CHANGE|STOP|RESET|START (?:REPLICA|SLAVE)|KILL|EXPLAIN|DESC|XA RECOVER)\\b',
  'i',
);

/** As 8.0 counts what it makes of a statement on information_schema: its own views over the data dictionary. */
const dictionary = /`?cat`?\s*\.\s*`?name`?\s+AS\b/i;
/** System variables, and no table beside them. */
const variables = /^SELECT\b(?!.*\bFROM\b).*@@/is;

/** 9.7 counts the preparing of a statement and its runs apart, by a word before its text. */
const prepared = /^(?:PREPARE|EXECUTE) (?=\(|(?:DELETE|INSERT|REPLACE|SELECT|SET|SHOW|TABLE|UPDATE|VALUES|WITH)\b)/;

/** The text of a digest as that of the statement itself, also where it stands for its preparing or for its runs once prepared. */
export const statementItself = (digestText: string): string => digestText.replace(prepared, '');

/** What a server logs in place of the statements without an index that it kept out of the log (log_throttle_queries_not_using_indexes). */
export const isThrottled = (text: string): boolean => /^throttle\s*:/.test(text);

/** Whether a statement serves the server and those who watch it (this program too), not an application. */
export function isHousekeeping(digestText: string): boolean {
  // What has no text is a command of the protocol.
  if (digestText === '' || isThrottled(digestText)) return true;
  return [housekeeping, ownTables, dictionary, variables].some((pattern) => pattern.test(statementItself(digestText)));
}

/** Whether a text ends outside of all quotes, and has no backslash but within them: it was not taken apart in the wrong places. */
function isWhole(sql: string, modes: SqlModes): boolean {
  const scanner = new SqlScanner(sql, modes);
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (!token.closed || (token.kind === 'mark' && token.text === '\\')) return false;
  }
  return true;
}

const withoutEscapes: SqlModes = { noBackslashEscapes: true };

/** A quote that ends a literal, or is a part of it. */
const doubtful = /\\['"]/;
/** What the server, or this program, puts in place of what it did not keep. */
const isCut = (sql: string): boolean => sql.endsWith('...');

/**
 * How a text is to be taken apart of which nobody says under which sql_mode it ran: a literal that ends in a backslash leaves the quotes of the whole
 * text odd where that mode is not taken into account. null: it cannot be told, as of a text that is cut.
 */
export function modesOf(sql: string): SqlModes | null {
  if (!doubtful.test(sql)) return {};
  if (isCut(sql)) return null;
  if (isWhole(sql, {})) return {};
  return isWhole(sql, withoutEscapes) ? withoutEscapes : null;
}

/** The texts of one statement, as bytes of which nobody says in which character set they are may be read; that one in which quotes are in their places. */
export function readingOf(texts: readonly [string, ...(readonly string[])]): string {
  return texts.find((text) => isWhole(text, modesOf(text) ?? {})) ?? texts[0];
}

/** A statement with `?` in place of each literal. Where it cannot be told where its literals end, all that follows the first doubtful one is hidden. */
export function withoutLiterals(sql: string, modes: SqlModes | null = modesOf(sql)): string {
  const scanner = new SqlScanner(sql, modes ?? {});
  let text = '';
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    // What is in a comment may be anything, a password too.
    if (token.kind === 'comment') continue;
    const isLiteral = token.kind === 'string' || token.kind === 'number';
    text += isLiteral ? '?' : token.text;
    if (modes === null && isLiteral && doubtful.test(token.text)) break;
  }
  return text;
}

const everyMode: readonly SqlModes[] = [{}, { ansiQuotes: true }, withoutEscapes, { ansiQuotes: true, noBackslashEscapes: true }];

/** The modes under which a sample has the form that the server counted it by; where none does, what its own text says. */
export function modesByDigest(sample: string, digestText: string): SqlModes | null {
  if (!/["\\]/.test(sample)) return {};
  const wanted = normalText(statementItself(digestText)).toUpperCase();
  return everyMode.find((modes) => normalText(inBackquotes(withoutLiterals(sample, modes), modes)).toUpperCase() === wanted) ?? modesOf(sample);
}

/** Names in backquotes, as a server prints them. */
function inBackquotes(sql: string, modes: SqlModes): string {
  if (modes.ansiQuotes !== true) return sql;
  const scanner = new SqlScanner(sql, modes);
  let text = '';
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    const isQuoted = token.kind === 'name' && token.text.startsWith('"');
    text += isQuoted ? `\`${token.text.slice(1, -1).replaceAll('""', '"').replaceAll('`', '``')}\`` : token.text;
  }
  return text;
}

/** Whether a statement stands for one with other values: `?` outside of texts, names and comments. */
export function hasPlaceholder(sql: string, modes: SqlModes | null = modesOf(sql)): boolean {
  const scanner = new SqlScanner(sql, modes ?? {});
  for (let token = scanner.next(); token !== null; token = scanner.next()) if (token.kind === 'mark' && token.text === '?') return true;
  return false;
}

/** All names and words of a statement, in lower case: whatever it can call or read is among them. */
export function namesIn(sql: string, modes: SqlModes): ReadonlySet<string> {
  const scanner = new SqlScanner(sql, modes);
  const found = new Set<string>();
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'word') found.add(token.text.toLowerCase());
    // Under ANSI_QUOTES a string is a name.
    if (token.kind === 'name' || token.kind === 'string') found.add(token.text.slice(1, -1).replaceAll('``', '`').replaceAll('""', '"').toLowerCase());
  }
  return found;
}

/** The first word of a statement, in upper case. */
export function verbOf(sql: string): string {
  const scanner = new SqlScanner(sql);
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'word') return token.text.toUpperCase();
    if (token.kind !== 'space' && token.kind !== 'comment' && token.text !== '(') return '';
  }
  return '';
}
