import { expressionsClass } from './classify-query';
import { clause, holdsBack, isHoldingLimit, limitIn, listOf } from './condition';
import { classOf, type SqlClass, type TouchedRows } from './statement-kind';
import { endOf, isName, type StatementWords, type Word } from './words';

const modifiers = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE']);

/** INSERT, REPLACE, UPDATE, DELETE. */
export function changeClass(statement: StatementWords, verb: string): SqlClass {
  const { words } = statement;
  const begin = 1 + words.slice(1).findIndex(({ upper }) => !modifiers.has(upper));
  const rest = words.slice(begin);
  if (rest.length === 0) return classOf('unknown', 'not-understood');
  const inner = verb === 'INSERT' || verb === 'REPLACE' ? addedClass(statement, begin) : expressionsClass(statement);
  if (inner.kind === 'unknown' || inner.kind === 'administration') return inner;
  switch (verb) {
    case 'INSERT':
    case 'REPLACE':
      return addClass(rest, verb);
    case 'UPDATE':
      return updateClass(statement, rest);
    default:
      return deleteClass(statement, rest);
  }
}

/** INTO of INSERT is no INTO of a query, and its table with the columns behind it no call. */
function addedClass(statement: StatementWords, begin: number): SqlClass {
  const words = statement.words.map((word, at) => (at === begin && word.upper === 'INTO' ? { ...word, upper: 'TABLE' } : word));
  const table = words[begin]?.upper === 'TABLE' ? begin + 1 : begin;
  const name = words[table + 1]?.upper === '.' ? table + 2 : table;
  // `INSERT t (a)`, `INSERT INTO db.t (a)`; a qualified name is a call anywhere else.
  return expressionsClass({ ...statement, words }, new Set(isName(words[name]) && words[name + 1]?.upper === '(' ? [name] : []));
}

/** Rows are added; where others give way to them, whose number nothing bounds, it is more. */
function addClass(rest: readonly Word[], verb: string): SqlClass {
  const fromQuery = rest.some(({ upper, depth }) => depth <= 1 && (upper === 'SELECT' || upper === 'TABLE' || upper === 'WITH'));
  const replaces = verb === 'REPLACE' || rest.some(({ upper }, at) => upper === 'DUPLICATE' && rest[at + 1]?.upper === 'KEY');
  if (fromQuery && replaces) return classOf('unbounded-write', 'replaces-rows');
  return classOf('write', replaces ? 'replaces-rows' : 'verb');
}

function updateClass(statement: StatementWords, rest: readonly Word[]): SqlClass {
  const at = rest.findIndex(({ upper, depth }) => depth === 0 && upper === 'SET');
  if (at < 1) return classOf('unknown', 'not-understood');
  const table = rest.slice(0, at);
  return isOneTable(table) ? boundedClass(statement, table, rest.slice(at)) : classOf('unbounded-write', 'several-tables');
}

function deleteClass(statement: StatementWords, rest: readonly Word[]): SqlClass {
  if (rest[0]?.upper !== 'FROM') return classOf(rest.some(({ upper }) => upper === 'FROM') ? 'unbounded-write' : 'unknown', 'several-tables');
  const end = rest.findIndex(({ upper, depth }) => depth === 0 && ['WHERE', 'ORDER', 'LIMIT', 'USING'].includes(upper));
  const table = rest.slice(1, end === -1 ? undefined : end);
  if (rest[end]?.upper === 'USING' || !isOneTable(table)) return classOf('unbounded-write', 'several-tables');
  return boundedClass(statement, table, end === -1 ? [] : rest.slice(end));
}

/** One table with its alias and partitions: no list, no join, no derived table. */
function isOneTable(words: readonly Word[]): boolean {
  if (listOf(words).length !== 1) return false;
  return isName(words[0]) && words.every((word, at) => {
    if (word.depth > 0) return isName(word) || word.upper === ',';
    if (word.upper === '(') return words[at - 1]?.upper === 'PARTITION';
    return word.upper !== 'JOIN' && word.upper !== 'STRAIGHT_JOIN' && (isName(word) || ['.', ')'].includes(word.upper));
  });
}

/** A statement on one table: by what it is held to some of its rows. */
function boundedClass({ sql }: StatementWords, table: readonly Word[], rest: readonly Word[]): SqlClass {
  const where = clause(rest, 'WHERE', 'ORDER', 'LIMIT');
  const limit = limitIn(rest);
  const touched: TouchedRows = { table: textOf(sql, table), condition: where.length === 0 ? '' : `WHERE ${textOf(sql, where)}`, limit };
  if (isHoldingLimit(limit) || holdsBack(where)) return { ...classOf('write', 'verb'), touched: [touched] };
  return { ...classOf('unbounded-write', where.length === 0 ? 'no-where' : 'always-true'), touched: [touched] };
}

function textOf(sql: string, words: readonly Word[]): string {
  const [first] = words;
  const last = words.at(-1);
  return first === undefined || last === undefined ? '' : sql.slice(first.token.at, endOf(last));
}
