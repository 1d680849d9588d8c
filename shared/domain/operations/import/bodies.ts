import { isUserDatabase } from '../../checks/coverage';
import { valueOf } from '../../sql/tokens';
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
/** Behind these a UNION is one of queries. */
const ofQueries = new Set(['SELECT', 'TABLE', 'VALUES', 'WITH', '(', ')']);
/** Its rows are another server's. */
const elsewhere = new Set(['FEDERATED', 'CONNECT']);

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
  if (kind === 'TABLE') return words.some((word, at) => word.upper === 'ENGINE' && elsewhere.has(engineBehind(words, at))) ? 'outside' : null;
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
  if (definitions.has(upper)) return objects.get(next) ?? null;
  const isSet = previous === 'SET' || previous === ',';
  if (isSet && lasting.has(upper) && isName(words[at + 1])) return 'server-wide';
  const isOfAll = upper === '@' && next === '@' && lasting.has(words[at + 2]?.upper ?? '');
  if (isSet && isOfAll && ['=', ':'].includes(words[at + 5]?.upper ?? '')) return 'server-wide';
  if (previous === 'SET' && ['PASSWORD', 'ROLE'].includes(upper)) return 'account';
  return ofTheLog.has(nameOf(words[at])) && ['=', ':'].includes(next) ? 'binlog' : null;
}

function engineBehind(words: readonly Word[], at: number): string {
  const word = words[words[at + 1]?.upper === '=' ? at + 2 : at + 1];
  return word === undefined ? '' : valueOf(word.token).toUpperCase();
}

/** The tables that a MERGE table is made of: its rows are theirs. */
export function mergedIn(words: readonly Word[]): readonly (WrittenName | null)[] {
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
