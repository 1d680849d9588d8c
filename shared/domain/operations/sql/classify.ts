import type { SqlModes } from '../../sql/tokens';
import { setClass } from './classify-set';
import { changeClass } from './classify-change';
import { definitionClass } from './classify-definition';
import { queryClass } from './classify-query';
import { executedText, isSameWithoutComments, type Executed } from './executed';
import { classOf, rankOf, type SqlClass } from './statement-kind';
import { wordsIn, type StatementWords, type Word } from './words';

/**
 * What a statement may do, by its tokens and nothing else: no server is asked. What is not understood is `unknown`, never a reading. Without a version
 * every way in which some server takes its version comments is looked at, and the worst is the answer.
 */
export function classify(sql: string, modes: SqlModes = {}, version: number | null = null): SqlClass {
  const ways: SqlClass[] = [];
  for (const threshold of version === null ? thresholdsOf(sql, modes) : [version]) {
    const readings = ([5, 6] as const).map((digits) => executedText(sql, modes, { executes: (number) => number <= threshold, digits }));
    // Newer servers take six digits before a blank alone: two such comments may be taken each in its own way.
    if (readings.some(({ sixDigits }) => sixDigits > 1)) return classOf('unknown', 'not-understood');
    for (const reading of readings.some(({ sixDigits }) => sixDigits > 0) ? readings : readings.slice(1)) ways.push(classifyAs(reading, modes, version));
  }
  return ways.reduce((worst, one) => (rankOf(one.kind) > rankOf(worst.kind) ? one : worst));
}

/** Every version at which a server takes the text in another way: what a comment hides is only met where that one is skipped. */
function thresholdsOf(sql: string, modes: SqlModes): readonly number[] {
  const thresholds = new Set([0, Number.MAX_SAFE_INTEGER]);
  for (const threshold of thresholds) {
    for (const digits of [5, 6] as const) {
      for (const met of executedText(sql, modes, { executes: (number) => number <= threshold, digits }).versions) thresholds.add(met);
    }
  }
  return [...thresholds];
}

function classifyAs(executed: Executed, modes: SqlModes, version: number | null): SqlClass {
  const { text, closed, certain } = executed;
  if (!closed) return classOf('unknown', 'unclosed');
  if (!certain || !isSameWithoutComments(executed, modes)) return classOf('unknown', 'not-understood');
  const all = wordsIn(text, modes);
  const words = all.at(-1)?.upper === ';' ? all.slice(0, -1) : all;
  // Nothing at all: a comment.
  if (words.length === 0) return classOf('session', 'verb');
  const isProgram = words[0]?.upper === 'CREATE' || words[0]?.upper === 'ALTER';
  if (words.some(({ upper, token }) => (upper === ';' && !isProgram) || !token.closed)) return classOf('unknown', 'several-statements');
  if (words.some(({ depth }) => depth < 0)) return classOf('unknown', 'not-understood');
  return statementClass({ words, sql: text, version });
}

const administration = new Set([
  'ANALYZE', 'BINLOG', 'CACHE', 'CHANGE', 'CHECK', 'CLONE', 'FLUSH', 'GRANT', 'HANDLER', 'IMPORT', 'INSTALL', 'KILL', 'LOAD', 'LOCK', 'PURGE', 'REPAIR',
  'RESET', 'RESTART', 'REVOKE', 'SHUTDOWN', 'STOP', 'UNINSTALL',
]);

/** What a statement may do that has no version comments any more. */
function statementClass(statement: StatementWords): SqlClass {
  const verb = statement.words.find(({ upper }) => upper !== '(')?.upper ?? '';
  return { ...classByVerb(statement, verb), verb };
}

function classByVerb(statement: StatementWords, verb: string): SqlClass {
  const { words } = statement;
  if (words[0]?.upper === '(' && !['SELECT', 'TABLE', 'VALUES', 'WITH'].includes(verb)) return classOf('unknown', 'not-understood');
  if (administration.has(verb)) return classOf('administration', 'verb');
  switch (verb) {
    case 'SELECT':
    case 'TABLE':
    case 'VALUES':
    case 'WITH':
    case 'DO':
    case 'SHOW':
    case 'HELP':
    case 'EXPLAIN':
    case 'DESCRIBE':
    case 'DESC':
    case 'CHECKSUM':
    case 'SIGNAL':
    case 'RESIGNAL':
    case 'GET':
      return queryClass(statement, verb, statementClass);
    case 'INSERT':
    case 'REPLACE':
    case 'UPDATE':
    case 'DELETE':
      return changeClass(statement, verb);
    case 'CREATE':
    case 'ALTER':
    case 'DROP':
    case 'TRUNCATE':
    case 'RENAME':
    case 'OPTIMIZE':
      return definitionClass(statement, verb);
    case 'SET':
      return setClass(statement);
    case 'USE':
    case 'UNLOCK':
    case 'DEALLOCATE':
    case 'BEGIN':
    case 'COMMIT':
    case 'ROLLBACK':
    case 'SAVEPOINT':
    case 'RELEASE':
    case 'START':
      return sessionClass(words, verb);
    case 'XA':
      return words[1]?.upper === 'RECOVER' ? classOf('read', 'verb') : classOf('administration', 'verb');
    case 'CALL':
      return classOf('unknown', 'procedure');
    case 'PREPARE':
    case 'EXECUTE':
      return classOf('unknown', 'prepared');
    default:
      return classOf('unknown', 'not-understood');
  }
}

/** USE, transactions and what ends something of the session itself. */
function sessionClass(words: readonly Word[], verb: string): SqlClass {
  const rest = words.slice(1).map(({ upper }) => upper);
  const says = (...wanted: readonly string[]): boolean => wanted.every((word, at) => rest[at] === word);
  switch (verb) {
    case 'USE':
      return rest.length === 1 ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    case 'UNLOCK':
      return rest.length === 1 ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    case 'DEALLOCATE':
      return rest.length === 2 && says('PREPARE') ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    case 'BEGIN':
      return rest.length === 0 || (rest.length === 1 && says('WORK')) ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    case 'RELEASE':
      return rest.length === 2 && says('SAVEPOINT') ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    case 'SAVEPOINT':
      return rest.length === 1 ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    case 'START':
      if (!says('TRANSACTION')) return classOf('administration', 'verb');
      if (rest.includes('WRITE')) return classOf('write', 'opens-writing');
      return rest.slice(1).every((word) => [',', 'WITH', 'CONSISTENT', 'SNAPSHOT', 'READ', 'ONLY'].includes(word))
        ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
    default:
      // A transaction is ended by both; where it held changes they were asked about by themselves.
      return rest.every((word, at) => ['WORK', 'AND', 'NO', 'CHAIN', 'RELEASE', 'TO', 'SAVEPOINT'].includes(word) || (at > 0 && at === rest.length - 1))
        ? classOf('session', 'verb') : classOf('unknown', 'not-understood');
  }
}
