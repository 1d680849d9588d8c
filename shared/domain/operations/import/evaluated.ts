import { valueOf } from '../../sql/tokens';
import type { Word } from '../sql/words';

/** Functions whose result is that of their arguments. */
const ofArguments = new Set(['IF', 'IFNULL', 'COALESCE', 'NULLIF', 'CONCAT', 'REPLACE']);
/** Functions that are called without parentheses. */
const withoutParentheses = new Set([
  'CURRENT_TIMESTAMP', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_USER', 'CURRENT_ROLE', 'LOCALTIME', 'LOCALTIMESTAMP', 'UTC_DATE', 'UTC_TIME', 'UTC_TIMESTAMP',
]);
/** Functions of what the session did before. */
const ofSession = new Set(['LAST_INSERT_ID', 'ROW_COUNT', 'FOUND_ROWS']);
/** Variables that say what the session did, or when. */
const movingVariables = new Set([
  'last_insert_id', 'identity', 'insert_id', 'timestamp', 'warning_count', 'error_count', 'pseudo_thread_id', 'rand_seed1', 'rand_seed2',
]);
const scopes = new Set(['SESSION', 'LOCAL', 'GLOBAL']);

/**
 * Whether a value that SET gives is another one where it is given again: a session that was lost is set up again by the settings of the file, and what is
 * counted, chosen or made then would not be what the rows before it were written with. `one`: an assignment; what stands before `=` is its name.
 */
export function isEvaluated(one: readonly Word[]): boolean {
  const value = one.slice(1 + one.findIndex(({ upper }) => upper === '='));
  return value.some(({ upper, token }, at) => {
    const isName = token.kind === 'word' || token.kind === 'name';
    if (upper === 'SELECT' || withoutParentheses.has(upper)) return true;
    return (isName && value[at + 1]?.upper === '(' && !ofArguments.has(upper)) || isMovingVariable(value, at);
  });
}

/** Whether rows hold what the statement before them left in the session: a commit of ours may stand between the two, and the session be another one. */
export function readsSession(words: readonly Word[]): boolean {
  return words.some(({ upper }, at) => (ofSession.has(upper) && words[at + 1]?.upper === '(') || isMovingVariable(words, at));
}

/** `@@name`, `@@session.name`. */
function isMovingVariable(words: readonly Word[], at: number): boolean {
  const word = words[at];
  if (word === undefined || !movingVariables.has(valueOf(word.token).toLowerCase())) return false;
  const isOf = (end: number): boolean => words[end]?.upper === '@' && words[end - 1]?.upper === '@';
  return isOf(at - 1) || (words[at - 1]?.upper === '.' && scopes.has(words[at - 2]?.upper ?? '') && isOf(at - 3));
}
