import { listOf } from './condition';
import { classOf, type SqlClass } from './statement-kind';
import { endOf, isName, type StatementWords, type Word } from './words';

const objects = new Set(['TABLE', 'DATABASE', 'SCHEMA', 'INDEX', 'VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'LIBRARY']);
const ofTheServer = new Set(['USER', 'ROLE', 'SERVER', 'TABLESPACE', 'LOGFILE', 'RESOURCE', 'INSTANCE', 'REFERENCE']);
/** What stands between the verb and the kind of its object. */
const between = new Set([
  'OR', 'REPLACE', 'TEMPORARY', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'ONLINE', 'OFFLINE', 'IGNORE', 'AGGREGATE', 'UNDO', 'JSON', 'RELATIONAL',
  'DUALITY', 'SQL', 'SECURITY',
  'INVOKER', 'ALGORITHM', '=', 'MERGE', 'TEMPTABLE', 'UNDEFINED', 'DEFINER', 'IF', 'NOT', 'EXISTS', 'MATERIALIZED',
]);
/** What takes rows, columns, keys or files of a table away. */
const takesAway = new Set(['DROP', 'TRUNCATE', 'DISCARD', 'COALESCE', 'REMOVE', 'EXCHANGE', 'REORGANIZE', 'IMPORT']);

/** What defines, changes and takes away objects. */
export function definitionClass(statement: StatementWords, verb: string): SqlClass {
  const { words } = statement;
  if (verb === 'TRUNCATE') return { ...classOf('destroys', 'verb'), touched: tablesIn(statement, words.slice(words[1]?.upper === 'TABLE' ? 2 : 1)) };
  if (verb === 'OPTIMIZE') return classOf('ddl', 'verb');
  const { kind, at } = objectOf(words);
  if (verb === 'DROP' && words[1]?.upper === 'PREPARE') return words.length === 3 ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
  if (kind === null) return classOf('unknown', 'not-understood');
  if (ofTheServer.has(kind)) return classOf(verb === 'DROP' ? 'destroys' : 'administration', kind === 'USER' || kind === 'ROLE' ? 'account' : 'server-wide');
  switch (verb) {
    case 'DROP':
      return { ...classOf('destroys', 'verb'), touched: kind === 'TABLE' ? tablesIn(statement, withoutIfExists(words.slice(at + 1))) : [] };
    case 'ALTER':
      return kind === 'TABLE' ? alterTableClass(words) : classOf('ddl', 'verb');
    case 'CREATE':
      // A function of a library has the server run what is in it.
      return words.some(({ upper }) => upper === 'SONAME') ? classOf('administration', 'server-wide') : classOf('ddl', 'verb');
    default:
      return kind === 'TABLE' ? classOf('ddl', 'verb') : classOf('unknown', 'not-understood');
  }
}

/** The kind of what a statement is about, and where it says so; null: not understood. */
export function objectOf(words: readonly Word[]): { readonly kind: string | null; readonly at: number } {
  let isDefiner = false;
  for (const [at, word] of words.entries()) {
    if (at === 0) continue;
    const { upper } = word;
    if (objects.has(upper) || ofTheServer.has(upper)) return { kind: upper, at };
    if (upper === 'TABLES') return { kind: 'TABLE', at };
    if (upper === 'DEFINER') isDefiner = true;
    // DEFINER = 'user'@'host': names of any form.
    else if (!between.has(upper) && !(isDefiner && at < 14)) return { kind: null, at };
  }
  return { kind: null, at: 0 };
}

function alterTableClass(words: readonly Word[]): SqlClass {
  // IGNORE of 5.6 leaves out rows that collide.
  if (words[1]?.upper === 'IGNORE') return classOf('destroys', 'drops-part');
  return words.some(({ upper }, at) => at > 2 && takesAway.has(upper)) ? classOf('destroys', 'drops-part') : classOf('ddl', 'verb');
}

const withoutIfExists = (words: readonly Word[]): readonly Word[] => (words[0]?.upper === 'IF' && words[1]?.upper === 'EXISTS' ? words.slice(2) : words);

/** The tables of a list, whose rows are lost whole; none where something else stands there. */
function tablesIn({ sql }: StatementWords, words: readonly Word[]): SqlClass['touched'] {
  const named = words.filter(({ upper }) => upper !== 'RESTRICT' && upper !== 'CASCADE');
  const tables = named.length === 0 ? [] : listOf(named);
  if (!tables.every((table) => table.length > 0 && table.length <= 3 && isName(table[0]) && isName(table.at(-1)))) return [];
  return tables.map((table) => {
    const [first] = table;
    const last = table.at(-1);
    return { table: first === undefined || last === undefined ? '' : sql.slice(first.token.at, endOf(last)), condition: '', limit: null };
  });
}
