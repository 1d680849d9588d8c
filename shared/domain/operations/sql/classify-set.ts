import { expressionsClass } from './classify-query';
import { listOf } from './condition';
import { classOf, rankOf, type SqlClass } from './statement-kind';
import { isName, nameOf, type StatementWords, type Word } from './words';

const lasting = new Set(['GLOBAL', 'PERSIST', 'PERSIST_ONLY']);
/** Variables of a session by which replicas, or those who read the binary log, get something else than was done. */
const ofTheLog = new RegExp(`^(?:${[
  'sql_log_bin', 'sql_log_off', 'gtid_next', 'pseudo_.*', 'binlog_.*', 'rbr_exec_mode', 'original_.*', 'immediate_server_version', 'require_row_format',
  'session_track_.*', 'sql_require_primary_key', 'server_id', 'insert_id', 'rand_seed.*', 'timestamp', 'last_insert_id', 'identity', 'debug.*',
  'resultset_metadata', 'use_secondary_engine', 'secondary_engine_.*',
].join('|')})$`);
const ofWriting = new Set(['transaction_read_only', 'tx_read_only']);
const ofCharacters = new Set(['character_set_client', 'character_set_connection', 'collation_connection', 'character_set_results']);
/** In these a byte of a quote or a backslash is never part of another character. */
const plainCharacterSet = /^(?:utf8|utf8mb3|utf8mb4|ascii|latin1|binary|default)(?:_\w+)?$/;

/** SET: what lasts beyond the session, what changes how its statements are taken, and the rest. */
export function setClass(statement: StatementWords): SqlClass {
  const rest = statement.words.slice(1);
  const [first, second] = rest.map(({ upper }) => upper);
  if (first === 'PASSWORD' || first === 'ROLE' || (first === 'DEFAULT' && second === 'ROLE')) return classOf('administration', 'account');
  if (first === 'RESOURCE' && second === 'GROUP') return classOf('administration', 'server-wide');
  const transaction = rest.findIndex(({ upper }) => upper === 'TRANSACTION');
  if (transaction === 0 || (transaction === 1 && ['GLOBAL', 'SESSION', 'LOCAL'].includes(first ?? ''))) {
    if (first === 'GLOBAL') return classOf('administration', 'server-wide');
    return rest.some(({ upper }) => upper === 'WRITE') ? classOf('write', 'opens-writing') : classOf('session', 'verb');
  }
  if (rest.length === 0) return classOf('unknown', 'not-understood');
  const inner = expressionsClass(statement);
  const classes = [...listOf(rest).map(assignmentClass), inner.kind === 'read' ? classOf('session', inner.reason) : inner];
  return classes.reduce((worst, one) => (rankOf(one.kind) > rankOf(worst.kind) ? one : worst));
}

function assignmentClass(words: readonly Word[]): SqlClass {
  const [first, second, third] = words;
  const head = first?.upper;
  if (head === 'NAMES' || head === 'CHARSET' || head === 'CHARACTER') return charactersClass(words.slice(head === 'CHARACTER' ? 2 : 1));
  // A variable of the user's own.
  if (head === '@' && second?.upper !== '@') return classOf('session', 'verb');
  let name = words;
  if (head === '@' && second?.upper === '@') {
    const scope = third?.upper ?? '';
    if (lasting.has(scope) || lasting.has(nameOf(third).toUpperCase())) return classOf('administration', 'server-wide');
    const isScoped = ['SESSION', 'LOCAL'].includes(nameOf(third).toUpperCase()) && words[3]?.upper === '.';
    name = words.slice(isScoped ? 4 : 2);
  } else if (lasting.has(head ?? '')) return classOf('administration', 'server-wide');
  else if (head === 'SESSION' || head === 'LOCAL') name = words.slice(1);
  if (!isName(name[0])) return classOf('unknown', 'not-understood');
  const variable = nameOf(name[0]);
  const sign = name[1]?.upper;
  // `NEW.column = …`, `cache.key_buffer_size = …`.
  if (sign !== '=' && sign !== ':') return classOf('unknown', 'not-understood');
  const value = name.slice(sign === '=' ? 2 : 3);
  if (ofWriting.has(variable)) return classOf('write', 'opens-writing');
  if (ofTheLog.test(variable)) return classOf('administration', 'binlog');
  if (ofCharacters.has(variable)) return charactersClass(value);
  return classOf('session', 'verb');
}

/** The server takes text apart by the character set that it is told. */
function charactersClass(words: readonly Word[]): SqlClass {
  const isPlain = words.filter(({ upper }) => upper !== 'COLLATE' && upper !== 'SET' && upper !== '=')
    .every(({ token }) => plainCharacterSet.test(token.text.replace(/^['"`]|['"`]$/g, '').toLowerCase()));
  return words.length > 0 && isPlain ? classOf('session', 'character-set') : classOf('unknown', 'character-set');
}
