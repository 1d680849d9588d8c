import { isUserDatabase } from '../../checks/coverage';
import { valueOf } from '../../sql/tokens';
import { isHarmlessCall } from '../sql/functions';
import { isName, nameOf, type Word } from '../sql/words';
import { fromBytes, nameAt, type WrittenName } from './names';
import type { RefusedReason } from './verdict';

/** Reserved words: without quotes they are these verbs wherever they stand. */
const reserved = new Map<string, RefusedReason>([
  ['GRANT', 'account'], ['REVOKE', 'account'], ['KILL', 'server-wide'], ['PURGE', 'server-wide'], ['OUTFILE', 'file'], ['DUMPFILE', 'file'], ['LOAD', 'file'],
]);
/** These are names as well: they count where a statement may begin. */
const verbs = new Set(['SHUTDOWN', 'RESTART', 'FLUSH', 'RESET', 'STOP', 'CHANGE', 'INSTALL', 'UNINSTALL', 'CLONE', 'BINLOG']);
const before = new Set([';', 'BEGIN', 'THEN', 'ELSE', 'DO', 'LOOP', 'REPEAT', ':', ')', 'ROW', 'DETERMINISTIC', 'DATA', 'SQL', 'INVOKER', 'DEFINER', '']);
const definitions = new Set(['CREATE', 'ALTER', 'DROP', 'RENAME']);
const objects = new Map<string, RefusedReason>([
  ['USER', 'account'], ['ROLE', 'account'], ['SERVER', 'server-wide'], ['TABLESPACE', 'server-wide'], ['INSTANCE', 'server-wide'], ['LOGFILE', 'server-wide'],
]);
const lasting = new Set(['GLOBAL', 'PERSIST', 'PERSIST_ONLY']);
const ofTheLog = new Set(['sql_log_bin', 'gtid_next', 'gtid_purged']);
const programs = new Set(['TRIGGER', 'EVENT', 'PROCEDURE', 'FUNCTION']);
/** Text that is run as a statement may be any. */
const anything = new Set(['PREPARE', 'EXECUTE']);
/** Verbs of programs that run by themselves, or with rows of the file, by which more than rows come. */
const changing = new Set(['UPDATE', 'DELETE', 'DROP', 'ALTER', 'RENAME', 'CALL', 'DUPLICATE', 'LOAD']);
const changingOrCalls = new Set(['REPLACE', 'TRUNCATE']);
/** Before the parenthesis of columns, and words of programs that stand before one. */
const beforeColumns = new Set(['INTO', 'TABLE', 'INSERT']);
const ofPrograms = new Set(['IF', 'ELSEIF', 'WHILE', 'UNTIL', 'CASE', 'RETURNS', 'DO', 'MEDIUMBLOB', 'LONGTEXT', 'MEDIUMTEXT']);
/** Behind these a UNION is one of queries. */
const ofQueries = new Set(['SELECT', 'TABLE', 'VALUES', 'WITH', '(', ')']);
/** Its rows are another server's. */
const elsewhere = new Set(['FEDERATED', 'CONNECT', 'SPIDER']);
const merging = new Set(['MERGE', 'MRG_MYISAM']);
/** Engines that keep the rows of a table themselves. */
export const ownEngines: ReadonlySet<string> = new Set([
  'INNODB', 'MYISAM', 'MEMORY', 'HEAP', 'ARCHIVE', 'CSV', 'NDB', 'NDBCLUSTER', 'ROCKSDB', 'TOKUDB', 'ARIA',
]);

/** Whether something in the words reads or writes a schema of the server's; what information_schema shows anybody may see. */
export function namesSystemSchema(words: readonly Word[], fold: (name: string) => string): boolean {
  return words.some((word, at) => {
    if (words[at + 1]?.upper !== '.' || words[at - 1]?.upper === '.' || !isName(word) || !isName(words[at + 2])) return false;
    const name = fold(fromBytes(valueOf(word.token)));
    return !isUserDatabase(name) && name.toLowerCase() !== 'information_schema';
  });
}

/** What a definition would do beyond its own database, now or once it runs; null: nothing that is known. `kind`: what it makes. */
export function refusedWithin(words: readonly Word[], kind: string): RefusedReason | null {
  if (kind === 'TABLE') {
    const isElsewhere = (word: Word, at: number): boolean => (word.upper === 'ENGINE' && elsewhere.has(engineBehind(words, at))) || isConnection(words, at);
    return words.some(isElsewhere) ? 'outside' : null;
  }
  if (!programs.has(kind)) return null;
  for (const at of words.keys()) {
    const found = at === 0 ? null : refusedAt(words, at);
    if (found !== null) return found;
  }
  return null;
}

function refusedAt(words: readonly Word[], at: number): RefusedReason | null {
  const upper = words[at]?.upper ?? '';
  const [previous, next] = [words[at - 1]?.upper ?? '', words[at + 1]?.upper ?? ''];
  const known = reserved.get(upper);
  if (known !== undefined && previous !== '.') return known;
  if (verbs.has(upper) && before.has(previous)) return 'server-wide';
  if (definitions.has(upper)) return next === 'DATABASE' || next === 'SCHEMA' ? 'outside' : objects.get(next) ?? null;
  const isSet = previous === 'SET' || previous === ',';
  if (isSet && lasting.has(upper) && isName(words[at + 1])) return 'server-wide';
  const isOfAll = upper === '@' && next === '@' && lasting.has(words[at + 2]?.upper ?? '');
  if (isSet && isOfAll && ['=', ':'].includes(words[at + 5]?.upper ?? '')) return 'server-wide';
  if (previous === 'SET' && ['PASSWORD', 'ROLE'].includes(upper)) return 'account';
  return ofTheLog.has(nameOf(words[at])) && ['=', ':'].includes(next) ? 'binlog' : null;
}

/** The option of a table by which its rows are another server's, whatever its engine comes to. */
function isConnection(words: readonly Word[], at: number): boolean {
  const word = words[at];
  if (word?.upper !== 'CONNECTION' || word.depth > 0) return false;
  return words[at + 1]?.upper === '=' || words[at + 1]?.token.kind === 'string';
}

/**
 * Whether a program may do more than add rows: by a text that it runs; and where it runs by itself, or with rows of the file, by its verbs and by what it
 * calls. `from`: behind its name.
 */
export function mayDestroy(words: readonly Word[], kind: string, from: number, version: number): boolean {
  // A program of another language has its text run by it.
  if (kind === 'LIBRARY' || words.some(({ upper }, at) => at >= from && upper === 'LANGUAGE' && words[at + 1]?.upper !== 'SQL')) return true;
  const body = words.slice(bodyOf(words, kind, from));
  if (body.some(({ upper }, at) => anything.has(upper) && body[at - 1]?.upper !== '.')) return true;
  const isDisabled = kind === 'EVENT' && words.slice(from, words.length - body.length).some(({ upper }) => upper === 'DISABLE');
  if (kind === 'PROCEDURE' || isDisabled) return false;
  return body.some((word, at) => {
    const [previous, next] = [body[at - 1]?.upper ?? '', body[at + 1]?.upper ?? ''];
    if (changing.has(word.upper) && previous !== '.') return true;
    if (next !== '(') return changingOrCalls.has(word.upper) && previous !== '.';
    const isCall = isName(word) && at > 0 && !beforeColumns.has(previous) && !ofPrograms.has(word.upper);
    return isCall && (previous === '.' || word.upper === '' || !isHarmlessCall(word.upper, version));
  });
}

/** Where the body of a program begins, behind what tells when it runs. */
function bodyOf(words: readonly Word[], kind: string, from: number): number {
  const at = words.findIndex(({ upper }, place) => place >= from && (kind === 'EVENT' ? upper === 'DO'
    : kind === 'TRIGGER' && upper === 'ROW' && words[place - 1]?.upper === 'EACH'));
  return at === -1 ? from : at + 1;
}

/** Whether a table that is made so is made of others: of a union, or as one that is, which only the server knows. */
export function isMadeOfOthers(words: readonly Word[], from: number): boolean {
  if (mergedIn(words).length > 0 || words.some(({ upper }, at) => upper === 'ENGINE' && merging.has(engineBehind(words, at)))) return true;
  return words[from]?.upper === 'LIKE' || (words[from]?.upper === '(' && words[from + 1]?.upper === 'LIKE');
}

function engineBehind(words: readonly Word[], at: number): string {
  const word = words[words[at + 1]?.upper === '=' ? at + 2 : at + 1];
  return word === undefined ? '' : valueOf(word.token).toUpperCase();
}

/** The tables that a MERGE table is made of: its rows are theirs. */
function mergedIn(words: readonly Word[]): readonly (WrittenName | null)[] {
  const names: (WrittenName | null)[] = [];
  for (const [at, { upper }] of words.entries()) {
    const from = words[at + 1]?.upper === '=' ? at + 2 : at + 1;
    if (upper !== 'UNION' || words[from]?.upper !== '(' || ofQueries.has(words[from + 1]?.upper ?? '')) continue;
    for (let place = from + 1; place < words.length; ) {
      const name = nameAt(words, place);
      names.push(name);
      if (name === null || words[name.next]?.upper !== ',') break;
      place = name.next + 1;
    }
  }
  return names;
}

/** Whether an expression sets a variable of the user's, by which settings of the file could come to something else than is read here. */
export function assigns(words: readonly Word[]): boolean {
  return words.some(({ upper, token }, at) => upper === ':' && words[at + 1]?.upper === '=' && words[at + 1]?.token.at === token.at + 1);
}

/** Whether a table gets another name there; `RENAME COLUMN a TO b` and its like stay within the table. */
export const renames = (words: readonly Word[], at: number): boolean =>
  words[at]?.upper === 'RENAME' && !['COLUMN', 'INDEX', 'KEY'].includes(words[at + 1]?.upper ?? '');

/** Names of tables that a definition touches beside its own; null: not understood. */
export function otherNamesIn(words: readonly Word[], verb: string, kind: string, from: number): readonly WrittenName[] | null {
  const names: (WrittenName | null)[] = kind === 'TABLE' ? [...mergedIn(words)] : [];
  if (verb === 'CREATE' && kind === 'TRIGGER') {
    const on = words.findIndex(({ upper }, at) => at >= from && upper === 'ON');
    const name = on === -1 ? null : nameAt(words, on + 1);
    return name === null ? null : [name];
  }
  for (const [at, { upper, depth }] of words.entries()) {
    const next = words[at + 1]?.upper ?? '';
    if (verb !== 'ALTER' || at < from || depth > 0) continue;
    if (renames(words, at)) names.push(nameAt(words, at + (['TO', 'AS', '='].includes(next) ? 2 : 1)));
    if (upper === 'WITH' && next === 'TABLE') names.push(nameAt(words, at + 2));
  }
  const known = names.filter((name) => name !== null);
  return known.length === names.length ? known : null;
}
