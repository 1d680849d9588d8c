import { isName, nameOf, partsOf, unwrapped, type Word } from './words';

const constants = new Set(['TRUE', 'FALSE', 'NULL', 'UNKNOWN']);
const grammar = new Set(['SELECT', 'FROM', 'WHERE', 'AND', 'OR']);
/** A LIMIT beyond this holds nothing back. */
const largestLimit = 100_000;

/**
 * Whether a condition holds a statement to some of the rows, as far as its words tell: somewhere a column is compared with something else than itself, and
 * nothing beside it lets all the others in. `WHERE 1`, `1 = 1`, `id = id`, `id <> 5`, `NOT …`, `… IS NOT NULL`, `LIKE '%'`, `id > 0` and what is not
 * understood do not.
 */
export function holdsBack(words: readonly Word[]): boolean {
  const condition = unwrapped(words);
  if (condition.length === 0) return false;
  const outer = Math.min(...condition.map(({ depth }) => depth));
  const has = (...wanted: readonly string[]): boolean => condition.some(({ upper, depth }) => depth === outer && wanted.includes(upper));
  if (has('XOR', ':')) return false;
  const either = splitAt(condition, outer, ['OR'], '|');
  if (either.length > 1) return either.every(holdsBack);
  const all = splitAt(condition, outer, ['AND'], '&');
  if (all.length > 1) return all.some(holdsBack);
  return isPredicate(condition, outer);
}

/** Parts between OR or AND, those of BETWEEN left together; `mark`: the character that stands twice for the same. */
function splitAt(words: readonly Word[], outer: number, separators: readonly string[], mark: string): readonly (readonly Word[])[] {
  const parts: Word[][] = [[]];
  let isBetween = false;
  for (const [at, word] of words.entries()) {
    const isDouble = word.upper === mark && words[at - 1]?.upper === mark && words[at - 1]?.depth === outer;
    if (word.depth === outer && word.upper === 'BETWEEN') isBetween = true;
    if (word.depth === outer && (separators.includes(word.upper) || isDouble)) {
      if (word.upper === 'AND' && isBetween) isBetween = false;
      else {
        if (isDouble) parts.at(-1)?.pop();
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)?.push(word);
  }
  return parts;
}

/** What may follow a comparison only where its outcome is compared again. */
const furtherPredicates = new Set(['<', '>', '=', '!', 'NOT', 'IS', 'LIKE', 'IN', 'BETWEEN', 'REGEXP', 'RLIKE', 'SOUNDS', 'MEMBER', ':']);

/** One comparison of a column, plain as it is, with something else. */
function isPredicate(words: readonly Word[], outer: number): boolean {
  const at = words.findIndex(({ upper, depth }) => depth === outer && furtherPredicates.has(upper));
  if (at < 1) return false;
  const { operator, length } = operatorAt(words, at);
  const [left, right] = [unwrapped(words.slice(0, at)), words.slice(at + length)];
  if (right.length === 0 || right.some(({ upper, depth }) => depth === outer && furtherPredicates.has(upper))) return false;
  const column = columnOf(left);
  switch (operator) {
    case 'IS':
      return column !== null && right.length === 1 && right[0]?.upper === 'NULL';
    case 'IN':
      return isOther(column, right) && !right.some(isZero);
    case 'BETWEEN':
      return isOther(column, right);
    case 'LIKE':
      return column !== null && right.length === 1 && right[0]?.token.kind === 'string' && !/^['"][%_]*['"]$/.test(right[0].token.text);
    case '=':
    case '<=>':
      return (isOther(column, right) && isTelling(right)) || (isOther(columnOf(unwrapped(right)), left) && isTelling(left));
    case '<':
    case '<=':
      return isOther(column, right);
    case '>':
    case '>=':
      return isOther(column, right) && isHigh(right);
    default:
      return false;
  }
}

/** A word, or marks that stand without a gap. */
function operatorAt(words: readonly Word[], at: number): { readonly operator: string; readonly length: number } {
  const first = words[at];
  if (first === undefined || first.token.kind === 'word') return { operator: first?.upper ?? '', length: 1 };
  let operator = '';
  let length = 0;
  const continues = (next: Word | undefined): next is Word =>
    next !== undefined && /^[<>=!:]$/.test(next.upper) && next.token.at === first.token.at + operator.length;
  for (let next = words[at]; continues(next); next = words[at + length]) {
    operator += next.upper;
    length += 1;
  }
  return { operator, length: Math.max(1, length) };
}

/** The column that a side is, and nothing else is done with; null: something else. */
function columnOf(words: readonly Word[]): string | null {
  const last = words.at(-1);
  const isPlain = words.every((word, at) => (at % 2 === 0 ? isName(word) : word.upper === '.')) && words.length % 2 === 1 && words.length <= 5;
  return isPlain && last !== undefined && !(last.token.kind === 'word' && words.length === 1 && constants.has(last.upper)) ? nameOf(last) : null;
}

/** A column, and the other side does not hold it too. */
function isOther(column: string | null, words: readonly Word[]): boolean {
  return column !== null && !columnsIn(words).has(column);
}

/** Text of every kind but digits equals 0. */
function isZero({ upper, token }: Word): boolean {
  return upper === 'FALSE' || (token.kind === 'number' && Number(token.text) === 0);
}

/** Not 0, and no arithmetic that may come to it. */
function isTelling(words: readonly Word[]): boolean {
  if (words.some(isZero)) return false;
  const isArithmetic = words.every(({ token }) => token.kind === 'number' || token.kind === 'mark');
  return !isArithmetic || words.length === 1 || (words.length === 2 && words[0]?.upper === '-') || words[0]?.upper === '@' || words[0]?.upper === '?';
}

/** A value that not every key or moment is above. */
function isHigh(words: readonly Word[]): boolean {
  const [only] = words;
  if (only === undefined || words.length !== 1) return false;
  if (only.token.kind === 'number') return Number(only.token.text) > 1;
  return only.token.kind === 'string' && !/^['"]\s*(?:[-+]?\d?|(?:0|1[0-8]|19[0-8])\d*-.*)['"]$/.test(only.token.text);
}

/** The columns that are named: names that are neither called, nor constants, nor variables, nor behind another name's point. */
function columnsIn(words: readonly Word[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [at, word] of words.entries()) {
    const [before, after] = [words[at - 1]?.upper, words[at + 1]?.upper];
    if (!isName(word) || before === '@' || after === '(' || after === '.') continue;
    if (word.token.kind === 'word' && (constants.has(word.upper) || /^_[a-z]/i.test(word.token.text) || grammar.has(word.upper))) continue;
    found.add(nameOf(word));
  }
  return found;
}

/** The LIMIT that a statement has at its end; null: none, or one that cannot be read. */
export function limitIn(words: readonly Word[]): number | null {
  const at = words.findLastIndex(({ upper, depth }) => depth === 0 && upper === 'LIMIT');
  const number = words[at + 1];
  return at === -1 || number?.token.kind !== 'number' || at + 2 !== words.length ? null : Number(number.token.text);
}

/** Whether such a LIMIT holds a statement back. */
export const isHoldingLimit = (limit: number | null): boolean => limit !== null && limit <= largestLimit;

/** The words of a clause, up to one of those that may follow it. */
export function clause(words: readonly Word[], begin: string, ...ends: readonly string[]): readonly Word[] {
  const at = words.findIndex(({ upper, depth }) => depth === 0 && upper === begin);
  if (at === -1) return [];
  const rest = words.slice(at + 1);
  const end = rest.findIndex(({ upper, depth }) => depth === 0 && ends.includes(upper));
  return end === -1 ? rest : rest.slice(0, end);
}

/** The comma-separated parts of a list. */
export const listOf = (words: readonly Word[]): readonly (readonly Word[])[] => partsOf(words, ',');
