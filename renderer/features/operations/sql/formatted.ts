import { formatDialect, mysql } from 'sql-formatter';
import { splitStatements } from '../../../../shared/domain/operations/sql/split';
import { tokensIn, type SqlToken } from '../../../../shared/domain/sql/tokens';

/** A text that was laid out anew, and how many of its statements were left as they were. */
export interface FormattedText {
  readonly text: string;
  readonly left: number;
}

/** Lays statements out anew, and nothing else: what stands between them (DELIMITER, comments) stays, as does each that might become another one. */
export function formatted(text: string): FormattedText {
  const { pieces, problem } = splitStatements(text);
  if (problem !== null) return { text, left: pieces.length };
  let left = 0;
  let end = text.length;
  let laidOut = '';
  for (const piece of [...pieces].reverse()) {
    const anew = laidOutAnew(text.slice(piece.at, piece.end));
    if (anew === null) left += 1;
    laidOut = (anew ?? text.slice(piece.at, piece.end)) + text.slice(piece.end, end) + laidOut;
    end = piece.at;
  }
  return { text: text.slice(0, end) + laidOut, left };
}

/** What makes a program, whose body nothing but its author lays out. */
const program = /^\s*(?:CREATE|ALTER)\b[\s\S]*?\b(?:PROCEDURE|FUNCTION|TRIGGER|EVENT|LIBRARY)\b/i;

/** null: it is a program, holds what only some servers run, or would not be the same statement any more. */
function laidOutAnew(sql: string): string | null {
  if (program.test(sql) || /\/\*[!+M]/.test(sql)) return null;
  try {
    const anew = formatDialect(sql, { dialect: mysql, keywordCase: 'preserve', tabWidth: 2, linesBetweenQueries: 1 });
    return isSame(tokensIn(sql), tokensIn(anew)) ? anew : null;
  } catch {
    // It does not understand the statement, which may be a right one all the same.
    return null;
  }
}

/** Words behind which a parenthesis means the same with a space and without one; a function's name is not among them. */
const beforeParenthesis: ReadonlySet<string> = new Set([
  'ALL', 'AND', 'ANY', 'AS', 'BETWEEN', 'BY', 'CHECK', 'DISTINCT', 'ELSE', 'EXISTS', 'FROM', 'HAVING', 'IN', 'INDEX', 'INTERSECT', 'JOIN', 'KEY', 'LIKE', 'NOT', 'ON', 'OR', 'OVER',
  'SELECT', 'SET', 'SOME', 'THEN', 'UNION', 'UNIQUE', 'USING', 'VALUES', 'WHEN', 'WHERE', 'XOR',
]);

/** Whether both are the same but for spaces that mean nothing. */
function isSame(before: readonly SqlToken[], after: readonly SqlToken[]): boolean {
  const [old, now] = [joined(before), joined(after)];
  return old.length === now.length && old.every((one, at) => {
    const other = now[at];
    return other !== undefined && one.text === other.text && (one.isJoined === other.isJoined || !isTelling(old[at - 1]?.text ?? '', one.text));
  });
}

interface Joined {
  readonly text: string;
  /** It stands right behind the one before it. */
  readonly isJoined: boolean;
}

const joined = (tokens: readonly SqlToken[]): readonly Joined[] => tokens.flatMap((token, at) => (
  token.kind === 'space' ? [] : [{ text: token.text.trimEnd(), isJoined: at > 0 && tokens[at - 1]?.kind !== 'space' }]
));

/** Whether a space between two of them means something. */
function isTelling(before: string, text: string): boolean {
  if (['@', '.'].includes(before) || ['@', '.'].includes(text)) return true;
  return text === '(' && /^[\w$\u0080-\uffff]+$/.test(before) && !beforeParenthesis.has(before.toUpperCase());
}
