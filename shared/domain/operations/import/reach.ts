// Which databases a view, a program, a table or a query names: by where a name with a point stands, and where that may be either, as one of a database.
import { valueOf } from '../../sql/tokens';
import { isName, type Word } from '../sql/words';
import { fromBytes } from './names';

/** What a name with a point is: behind `tables` one of a table, in an expression a column of something; `on`: an expression that a comma ends. */
type Place = 'expression' | 'on' | 'tables';
interface Level {
  place: Place;
  /** Within a call such as `EXTRACT(YEAR FROM …)`, whose FROM names no table. */
  readonly isCall: boolean;
  /** Behind `DROP INDEX i` or its like, whose ON names a table. */
  ofIndex: boolean;
}

/** All of these are reserved on every server, and so never names without quotes. */
const toExpression = new Set(['WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'SET', 'VALUES', 'SELECT', 'UNION']);
const toTables = new Set([
  'FROM', 'JOIN', 'STRAIGHT_JOIN', 'UPDATE', 'DELETE', 'TABLE', 'CALL', 'REFERENCES', 'DROP', 'ALTER', 'CREATE', 'RENAME', 'ANALYZE', 'OPTIMIZE', 'INDEX',
]);
/** These are functions as well. */
const orCalls = new Set(['INSERT', 'REPLACE', 'TRUNCATE']);
const adding = new Set(['INSERT', 'REPLACE', 'IGNORE', 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED']);
const withFrom = new Set(['EXTRACT', 'TRIM', 'SUBSTRING', 'SUBSTR', 'MID']);
/** What these look at is a table, and else they are other words. */
const looks = new Set(['HANDLER', 'DESCRIBE', 'DESC', 'EXPLAIN']);
/** Before a parenthesis that holds tables. */
const opensTables = new Set(['FROM', 'JOIN', 'STRAIGHT_JOIN', ',', '(']);
const others = new Set(['ON', 'LIKE', 'INTO', ',']);
const counts = (upper: string): boolean => toExpression.has(upper) || toTables.has(upper) || orCalls.has(upper) || others.has(upper);

const read = (word: Word): string => fromBytes(valueOf(word.token));
const level = (place: Place, isCall = false): Level => ({ place, isCall, ofIndex: false });

/** The databases that words name from a place on, as they are written. */
export function databasesWithin(words: readonly Word[], from: number, start: Place = 'expression'): readonly string[] {
  const found = new Set<string>();
  let levels = [level(start)];
  for (let at = from; at < words.length; at += 1) {
    const [word, now] = [words[at], levels.at(-1)];
    if (word === undefined || now === undefined) break;
    const [previous, next] = [words[at - 1]?.upper ?? '', words[at + 1]?.upper ?? ''];
    if (word.upper === '(') levels.push(level(now.place === 'tables' && opensTables.has(previous) ? 'tables' : 'expression', withFrom.has(previous)));
    else if (word.upper === ')') levels = levels.length > 1 ? levels.slice(0, -1) : levels;
    else if (word.upper === ';') levels = [level('expression')];
    else if (previous === '.') continue;
    else if (word.upper === 'ROW' && previous === 'EACH') now.place = 'expression';
    // `FROM .t` names no database FROM.
    else if (counts(word.upper)) moves(now, word.upper, previous, next);
    else if (isName(word) && next === '.') {
      const parts = words[at + 3]?.upper === '.' ? 3 : 2;
      const isCalled = words[at + 2 * parts - 1]?.upper === '(';
      if (now.place === 'tables' || parts === 3 || isCalled || looks.has(previous)) found.add(read(word));
      at += 2 * parts - 2;
    }
  }
  return [...found];
}

/** What a word makes of the place behind it. */
function moves(now: Level, upper: string, previous: string, next: string): void {
  switch (upper) {
    case 'ON':
      now.place = next === 'DUPLICATE' ? 'expression' : now.ofIndex ? 'tables' : now.place === 'tables' ? 'on' : now.place;
      return;
    case ',':
      if (now.place === 'on') now.place = 'tables';
      return;
    case 'LIKE':
      // `CREATE TABLE t (LIKE u)`.
      if (previous === '(') now.place = 'tables';
      return;
    case 'INTO':
      // Else of SELECT … INTO variables.
      now.place = adding.has(previous) ? 'tables' : 'expression';
      return;
    case 'FROM':
      if (!now.isCall) now.place = 'tables';
      return;
    default: {
      // `FORCE INDEX (i)` is no statement of its own.
      if (upper === 'INDEX') now.ofIndex = next !== '(' && next !== 'FOR';
      const isBeginning = (upper === 'STRAIGHT_JOIN' && previous === 'SELECT') || (upper === 'UPDATE' && previous === 'KEY');
      if (isBeginning || toExpression.has(upper)) now.place = 'expression';
      else if (toTables.has(upper)) now.place = upper === 'INDEX' ? now.place : 'tables';
      else if (next !== '(') now.place = 'tables';
    }
  }
}
