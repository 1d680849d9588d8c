import { hiddenMark, mayHoldSecret } from '../../../shared/domain/operations/sql/secret';
import type { SqlClass } from '../../../shared/domain/operations/sql/statement-kind';
import { isSignificant, tokensIn, type SqlModes, type SqlToken } from '../../../shared/domain/sql/tokens';

/** What statements begin with: a word that is none of these may be a part of a secret. */
const verbs = new Set([
  'ALTER', 'ANALYZE', 'BEGIN', 'BINLOG', 'CALL', 'CHANGE', 'CHECK', 'CHECKSUM', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DESC', 'DESCRIBE', 'DO', 'DROP',
  'EXECUTE', 'EXPLAIN', 'FLUSH', 'GRANT', 'HANDLER', 'INSERT', 'INSTALL', 'KILL', 'LOAD', 'LOCK', 'OPTIMIZE', 'PREPARE', 'PURGE', 'RENAME', 'REPAIR', 'REPLACE',
  'RESET', 'REVOKE', 'ROLLBACK', 'SELECT', 'SET', 'SHOW', 'START', 'STOP', 'TABLE', 'TRUNCATE', 'UPDATE', 'USE', 'VALUES', 'WITH', 'XA',
]);
/** What may follow PASSWORD and is no secret. */
const besidePassword = new Set([
  'AND', 'AS', 'BINARY', 'BY', 'CHAR', 'DISCARD', 'EXPIRE', 'FOR', 'FROM', 'HISTORY', 'IN', 'IS', 'LIKE', 'NOT', 'NULL', 'OLD', 'ON', 'OR', 'RANDOM', 'REQUIRE',
  'RETAIN', 'REUSE', 'TEXT', 'USING', 'VARBINARY', 'VARCHAR', 'WHERE',
]);
const secretName = /(?:passw(?:or)?d|passphrase|pwd|pass|secret|token|key)$/i;
const markTokens = tokensIn(hiddenMark).length;
const plainName = /^`[\w$\u0080-\uffff]+`$/;

type Span = readonly [from: number, to: number, shown: string];

/** A statement that ran, or is to run, as it may be written down; `all`: without its literals, whatever it is. One that does not end is its verb alone. */
export function shownStatement(sql: string, known: Pick<SqlClass, 'kind' | 'reason'>, all = false): string {
  if (known.reason === 'unclosed') return `${verbIn(sql)} ${hiddenMark}`.trimStart();
  return all || mayHoldSecret(sql, known.kind) ? withoutSecrets(sql).text : sql;
}

/** The verb that a text begins with; '': none that is known. */
export function verbIn(sql: string): string {
  const verb = tokensIn(sql).find(isSignificant)?.text.toUpperCase() ?? '';
  return verbs.has(verb) ? verb : '';
}

/**
 * A statement without its literals and what else may be a secret. A quote that is missing makes what is behind it its own opposite: then a literal holds the
 * word that a secret follows, or does not end, and everything from the first quote on goes (`cut`).
 */
export function withoutSecrets(sql: string): { readonly text: string; readonly cut: boolean } {
  const readings = sql.includes('\\') ? [tokensIn(sql), tokensIn(sql, { noBackslashEscapes: true })] : [tokensIn(sql)];
  const spans = readings.flatMap((tokens) => [...literalsOf(tokens), ...unquotedSecrets(tokens), ...commentsOf(tokens)]);
  const end = readings.every(isSound) ? sql.length : firstDoubt(sql, readings);
  const kept = spans.filter(([from]) => from < end);
  const text = replaced(sql, kept, end);
  return end === sql.length ? { text, cut: false } : { text: `${text.trimEnd()} ${hiddenMark}`.trimStart(), cut: true };
}

/** Whether a text is taken apart as it was meant, however its session takes backslashes. */
export function isSoundText(sql: string): boolean {
  const modes: readonly SqlModes[] = sql.includes('\\') ? [{}, { noBackslashEscapes: true }] : [{}];
  return modes.every((mode) => isSound(tokensIn(sql, mode)));
}

function isSound(tokens: readonly SqlToken[]): boolean {
  return tokens.every(({ kind, text, closed }, at) => {
    const next = tokens[at + 1]?.kind;
    if (!closed) return false;
    // 'it's-here': no writer of SQL puts a word right behind a literal.
    if (kind === 'string') return !mayHoldSecret(text, 'read') && next !== 'word' && next !== 'number' && next !== 'name';
    return kind !== 'name' || plainName.test(text) || !(mayHoldSecret(text, 'read') || /['"]/.test(text));
  });
}

function firstDoubt(sql: string, readings: readonly (readonly SqlToken[])[]): number {
  const quote = sql.search(/['"`]/);
  const open = readings.flatMap((tokens) => tokens.filter(({ closed }) => !closed).map(({ at }) => at));
  return Math.min(quote === -1 ? sql.length : quote, ...open);
}

function literalsOf(tokens: readonly SqlToken[]): readonly Span[] {
  return tokens.filter(({ kind }) => kind === 'string').map(({ at, text }) => [at, at + text.length, hiddenMark]);
}

/** A comment that names a secret goes as a whole, of another what is in quotes, which need not come in pairs there. What runs is the same without it. */
export function commentsOf(tokens: readonly SqlToken[]): readonly Span[] {
  return tokens.filter(({ kind }) => kind === 'comment').flatMap(({ at, text, closed }): readonly Span[] => {
    if (isLeftOut(text)) return [];
    const to = at + text.length;
    const mark = text.includes(hiddenMark) ? hiddenMark : '…';
    if (mayHoldSecret(text, 'read')) return [[at, to, text.startsWith('/*') ? `/* ${mark} */` : `-- ${mark}`]];
    const quote = text.search(/['"]/);
    return quote === -1 ? [] : [[at + quote, to, text.startsWith('/*') && closed ? `${mark} */` : mark]];
  });
}

/** A statement that was cut when it was kept before. */
const isLeftOut = (comment: string): boolean => /^-- [^'"`]*<hidden literal>$/.test(comment) && verbIn(comment.slice(3)) !== '';

/** What stands where a secret does, in quotes or not: behind IDENTIFIED … BY, behind PASSWORD, behind what is called so and given a value. */
function unquotedSecrets(tokens: readonly SqlToken[]): readonly Span[] {
  const words = tokens.map((token, place) => ({ token, place, upper: token.text.toUpperCase() })).filter(({ token }) => isSignificant(token));
  return words.flatMap(({ token, upper }, at): readonly Span[] => {
    if (token.kind !== 'word') return [];
    const [one, two] = [words[at + 1], words[at + 2]];
    const isBy = upper === 'BY' || (upper === 'AS' && words.slice(Math.max(0, at - 3), at).some((before) => before.upper === 'WITH'));
    if (isBy && words.slice(Math.max(0, at - 3), at).some((before) => before.upper === 'IDENTIFIED')) return spanFrom(tokens, one?.place);
    if (secretName.test(upper) && (one?.upper === '=' || one?.upper === ':')) return spanFrom(tokens, (two?.upper === '=' ? words[at + 3] : two)?.place);
    const isValue = one !== undefined && ['word', 'number', 'string'].includes(one.token.kind) && !besidePassword.has(one.upper);
    return upper === 'PASSWORD' && isValue ? spanFrom(tokens, one.place) : [];
  });
}

/** From a token up to the next blank; of what is left out already it is the mark. */
function spanFrom(tokens: readonly SqlToken[], place: number | undefined): readonly Span[] {
  const first = place === undefined ? undefined : tokens[place];
  if (first === undefined) return [];
  const rest = tokens.slice(place);
  const marked = rest.slice(0, markTokens).map(({ text }) => text).join('') === hiddenMark ? markTokens : 1;
  const ends = marked > 1 || first.kind === 'string' ? [';', ',', ')'] : [';'];
  const length = rest.findIndex(({ kind, text }, at) => at >= marked && (kind === 'space' || kind === 'comment' || ends.includes(text)));
  const last = (length === -1 ? rest : rest.slice(0, length)).at(-1) ?? first;
  return [[first.at, last.at + last.text.length, hiddenMark]];
}

/** A text up to an end, with other words in its spans; those that overlap are one. */
export function replaced(sql: string, spans: readonly Span[], end = sql.length): string {
  let text = '';
  let shownTo = 0;
  for (const [from, to, shown] of [...spans].sort(([a], [b]) => a - b)) {
    if (from >= shownTo) text += sql.slice(shownTo, from) + shown;
    shownTo = Math.max(shownTo, to);
  }
  return shownTo >= end ? text : text + sql.slice(shownTo, end);
}
