import { isHarmlessCall, strongFunctions } from './functions';
import { classOf, type SqlClass } from './statement-kind';
import { isName, type StatementWords, type Word } from './words';

/** How a statement within one is classed. */
type Inner = (statement: StatementWords) => SqlClass;

/** What reads; and what runs, or seems to read and does more. */
export function queryClass(statement: StatementWords, verb: string, inner: Inner): SqlClass {
  const { words } = statement;
  switch (verb) {
    case 'WITH':
      return withClass(statement, inner);
    case 'EXPLAIN':
    case 'DESCRIBE':
    case 'DESC':
      return explainClass(statement, inner);
    case 'CHECKSUM':
      return words[1]?.upper === 'TABLE' || words[1]?.upper === 'TABLES' ? classOf('read', 'verb') : classOf('unknown', 'not-understood');
    case 'GET':
      return words.some(({ upper }) => upper === 'DIAGNOSTICS') && expressionsClass(statement).kind === 'read'
        ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    default:
      return expressionsClass(statement);
  }
}

/** What the expressions of a statement may do; `tolerated`: words before a parenthesis that are no calls, by their place. */
export function expressionsClass({ words, version }: StatementWords, tolerated: ReadonlySet<number> = new Set()): SqlClass {
  let isWaiting = false;
  let isSetting = false;
  for (const [at, word] of words.entries()) {
    const { upper } = word;
    const next = words[at + 1]?.upper ?? '';
    if (upper === 'INTO' && (next === 'OUTFILE' || next === 'DUMPFILE')) return classOf('administration', 'writes-file');
    // Into what is not a variable of the session: a table of another product, or a variable of a routine.
    if (upper === 'INTO' && next !== '@') return classOf('unknown', 'not-understood');
    isSetting ||= (upper === 'INTO' && next === '@') || (upper === ':' && next === '=');
    if (upper === 'PROCEDURE' && words[0]?.upper !== 'SHOW') return classOf('unknown', 'not-understood');
    if (locksRows(words, at)) return classOf('write', 'locks-rows');
    if (next !== '(' || !isName(word) || tolerated.has(at)) continue;
    const call = callClass(words, at, version);
    if (call === 'waits') isWaiting = true;
    else if (call !== null) return call;
  }
  return classOf(isSetting ? 'session' : 'read', isWaiting ? 'waits' : 'verb');
}

function locksRows(words: readonly Word[], at: number): boolean {
  const says = (...wanted: readonly string[]): boolean => wanted.every((word, offset) => words[at + offset]?.upper === word);
  return says('FOR', 'UPDATE') || says('FOR', 'SHARE') || says('LOCK', 'IN', 'SHARE');
}

/** What stands before a parenthesis; null: nothing that does more than read. */
function callClass(words: readonly Word[], at: number, version: number | null): SqlClass | 'waits' | null {
  const word = words[at];
  const before = words[at - 1]?.upper;
  // The columns of a derived table, `AS d (a, b)`; the name of a window, `w AS (`.
  if (word === undefined || before === 'AS') return null;
  if (before === '.') return classOf('unknown', 'function');
  if (word.token.kind === 'name') return classOf('unknown', 'function');
  switch (strongFunctions[word.upper]) {
    case 'locks':
      return classOf('administration', 'locks');
    case 'file':
      return classOf('administration', 'file');
    case 'waits':
      return 'waits';
    default:
      return isHarmlessCall(word.upper, version) ? null : classOf('unknown', 'function');
  }
}

/** A statement behind the tables that it defines for itself. */
function withClass(statement: StatementWords, inner: Inner): SqlClass {
  const { words } = statement;
  const tolerated = new Set<number>();
  let at = words.findIndex(({ upper }) => upper === 'WITH') + 1;
  const depth = words[at - 1]?.depth ?? 0;
  if (words[at]?.upper === 'RECURSIVE') at += 1;
  for (;;) {
    if (!isName(words[at])) return classOf('unknown', 'not-understood');
    if (words[at + 1]?.upper === '(') {
      tolerated.add(at);
      at = behind(words, at + 1);
    } else at += 1;
    if (words[at]?.upper !== 'AS' || words[at + 1]?.upper !== '(') return classOf('unknown', 'not-understood');
    at = behind(words, at + 1);
    if (words[at]?.upper !== ',') break;
    at += 1;
  }
  const main = words[at]?.upper ?? '';
  const isQuery = ['SELECT', 'TABLE', 'VALUES', '('].includes(main);
  if (isQuery || depth > 0) return isQuery ? expressionsClass(statement, tolerated) : classOf('unknown', 'not-understood');
  if (main !== 'UPDATE' && main !== 'DELETE') return classOf('unknown', 'not-understood');
  const within = expressionsClass({ ...statement, words: words.slice(0, at) }, tolerated);
  if (within.kind === 'unknown' || within.kind === 'administration') return within;
  // The rows cannot be counted by themselves: the tables that are defined before belong to them.
  return { ...inner({ ...statement, words: words.slice(at) }), touched: [] };
}

/** The place behind the parentheses that open at a place. */
function behind(words: readonly Word[], at: number): number {
  const depth = words[at]?.depth ?? 0;
  const end = words.findIndex((word, place) => place > at && word.upper === ')' && word.depth === depth);
  return end === -1 ? words.length : end + 1;
}

const explained = ['SELECT', 'TABLE', 'VALUES', 'WITH', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', '('];

/** EXPLAIN runs nothing, with ANALYZE it does; of 5.6 it runs derived tables, which read. */
function explainClass(statement: StatementWords, classOfInner: Inner): SqlClass {
  const { words } = statement;
  let runs = false;
  let at = 1;
  for (;;) {
    const upper = words[at]?.upper ?? '';
    const next = words[at + 1]?.upper ?? '';
    if (upper === 'ANALYZE') {
      runs = true;
      at += 1;
    } else if (upper === 'EXTENDED' || upper === 'PARTITIONS') at += 1;
    else if (upper === 'FORMAT' && next === '=') at += 3;
    else if (upper === 'INTO' && next === '@') at += 3;
    else if (upper === 'FOR' && (next === 'SCHEMA' || next === 'DATABASE')) at += 3;
    else break;
  }
  const inner = words[at]?.upper ?? '';
  const rest = words.slice(at);
  if (inner === 'FOR' && words[at + 1]?.upper === 'CONNECTION' && rest.length === 3 && !runs) return classOf('read', 'verb');
  if (explained.includes(inner)) {
    const told = classOfInner({ ...statement, words: rest });
    if (runs) return { ...told, reason: told.kind === 'read' ? 'verb' : 'runs-explained' };
    // Servers up to 8.0 run a stored function to explain it.
    return ['function', 'not-understood', 'locks', 'file'].includes(told.reason) ? told : classOf('read', 'verb');
  }
  // DESCRIBE of a table, with a column or a pattern.
  const isTable = isName(words[at]) && rest.length <= 4 && rest.every(({ upper, token }) => upper === '.' || token.kind !== 'mark');
  return isTable && !runs ? classOf('read', 'verb') : classOf('unknown', 'not-understood');
}
