import { modeFor } from '../../sql/sql-mode';
import { valueOf, type SqlModes } from '../../sql/tokens';
import type { ServerVersion } from '../../fleet/version';
import { listOf } from '../sql/condition';
import { nameOf, type Word } from '../sql/words';
import { ownEngines } from './bodies';
import { leadBytesOf, type LeadBytes } from './lead-bytes';
import type { RefusedReason } from './verdict';

const characterSets = new Set(['character_set_client', 'character_set_connection', 'character_set_results', 'collation_connection']);
/** Names in these are read here. */
const readable = /^(?:utf8|utf8mb3|utf8mb4|ascii|binary)(?:_\w+)?$/;
/**
 * In these no byte of a quote, a backslash or a backtick is part of another character: of one byte, or of several that are all letters or beyond ASCII.
 */
const keptApart = new RegExp(`^(?:${[
  'utf8', 'utf8mb3', 'utf8mb4', 'ascii', 'binary', 'latin[1257]', 'cp125[0167]', 'cp85[02]', 'cp866', 'koi8[ru]', 'greek', 'hebrew',
  'tis620', 'macce', 'macroman', 'keybcs2', 'armscii8', 'geostd8', 'dec8', 'hp8', 'euckr', 'gb2312', 'ujis', 'eucjpms',
].join('|')})(?:_\\w+)?$`);

/** Whether text in a character set, or of a collation, is taken apart as its bytes are. */
export const isKeptApart = (name: string): boolean => keptApart.test(name.toLowerCase());

/** Whether text in it can be taken apart as the server does. */
const isFollowed = (name: string): boolean => isKeptApart(name) || leadBytesOf(name) !== null;

/** What dumps set in their session: how text is read, and what of the rows is looked at. '' is a variable of the user's. */
const dumpSettings = new Set([
  '', 'sql_mode', 'names', 'charset', 'character', 'character_set_client', 'character_set_connection', 'character_set_results', 'collation_connection',
  'character_set_database', 'collation_database', 'time_zone', 'unique_checks', 'foreign_key_checks', 'sql_notes', 'note_verbosity', 'sql_quote_show_create',
  'autocommit', 'transaction', 'transaction_isolation', 'tx_isolation', 'sql_warnings', 'sql_big_selects', 'group_concat_max_len', 'lc_time_names',
  'net_read_timeout', 'net_write_timeout', 'wait_timeout', 'interactive_timeout', 'lock_wait_timeout', 'innodb_lock_wait_timeout', 'max_statement_time',
  'max_execution_time', 'innodb_strict_mode', 'explicit_defaults_for_timestamp', 'low_priority_updates', 'information_schema_stats_expiry',
  'show_create_table_skip_secondary_engine', 'sql_generate_invisible_primary_key', 'default_collation_for_utf8mb4', 'rocksdb_bulk_load',
]);
const engineSettings = new Set(['default_storage_engine', 'storage_engine']);

/** Modes that stand for others. */
const withAnsiQuotes = new Set(['ANSI', 'ANSI_QUOTES', 'DB2', 'MAXDB', 'MSSQL', 'ORACLE', 'POSTGRESQL']);

/** A word of a value that the server is not given, with what it is given in its place. */
interface Replaced {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

/** What SET came to: the reason why it cannot be followed, and what is sent otherwise than it stands. */
interface Followed {
  readonly refused: RefusedReason | null;
  readonly replaced: readonly Replaced[];
}

/**
 * The settings of a session on which the reading of what follows depends, and the user's variables that keep them meanwhile, as the SET statements of a
 * dump change them. A value that cannot be told from the text is not known, and refused where it would matter.
 */
export class SessionModel {
  readonly #settings = new Map<string, string | null>();
  readonly #variables = new Map<string, string | null>();

  /**
   * @param mode sql_mode of a new session there
   * @param characters character_set_client of a new session there
   * @param start in which the file begins, as it was said; null: nothing was
   */
  constructor(private readonly mode: string, private readonly version: ServerVersion, private readonly characters: string, start: string | null = null) {
    this.#settings.set('sql_mode', mode);
    for (const name of characterSets) this.#settings.set(name, start ?? 'utf8mb4');
    this.isAssumed = start === null;
  }

  /** Of the character set of the text nothing was said, neither by the file nor about it. */
  isAssumed: boolean;

  /** The bytes by which text is to be taken apart as characters; null: as bytes. */
  get leads(): LeadBytes | null {
    return leadBytesOf(this.#settings.get('character_set_client') ?? '');
  }

  /** Whether names beyond ASCII are what their bytes say in UTF-8. */
  get readsNames(): boolean {
    return readable.test(this.#settings.get('character_set_client')?.toLowerCase() ?? '');
  }

  get modes(): SqlModes {
    const words = (this.#settings.get('sql_mode') ?? '').toUpperCase().split(',').map((word) => word.trim());
    return { ansiQuotes: words.some((word) => withAnsiQuotes.has(word)), noBackslashEscapes: words.includes('NO_BACKSLASH_ESCAPES') };
  }

  /** Follows the assignments of a SET; those it does not know are of no matter here. */
  follow(words: readonly Word[]): Followed {
    const replaced: Replaced[] = [];
    let refused: RefusedReason | null = null;
    for (const one of listOf(words)) {
      const told = this.#assign(one, replaced);
      refused ??= told;
    }
    return { refused, replaced };
  }

  #assign(words: readonly Word[], replaced: Replaced[]): RefusedReason | null {
    const head = words[0]?.upper ?? '';
    if (head === 'NAMES' || head === 'CHARSET' || head === 'CHARACTER') return this.#setCharacters(words.slice(head === 'CHARACTER' ? 2 : 1));
    if (head === '@' && words[1]?.upper !== '@') {
      const value = words.slice(words[2]?.upper === ':' ? 4 : 3);
      this.#variables.set(nameOf(words[1]), this.#valueOf(value));
      return null;
    }
    const { name, value } = assignmentIn(words);
    if (name === 'sql_mode') return this.#setMode(value, replaced);
    if (!characterSets.has(name)) return null;
    if (name === 'character_set_client') this.isAssumed = false;
    const known = this.#valueOf(value, this.characters);
    this.#settings.set(name, known);
    return known !== null && isFollowed(known) ? null : 'character-set';
  }

  #setCharacters(words: readonly Word[]): RefusedReason | null {
    const known = this.#valueOf(words.slice(0, 1), this.characters);
    for (const name of characterSets) this.#settings.set(name, known);
    this.isAssumed = false;
    return known !== null && isFollowed(known) ? null : 'character-set';
  }

  #setMode(value: readonly Word[], replaced: Replaced[]): RefusedReason | null {
    const known = this.#valueOf(value, this.mode);
    this.#settings.set('sql_mode', known);
    if (known === null || /^\d+$/.test(known)) return 'sql-mode';
    const [only] = value;
    if (value.length === 1 && only?.token.kind === 'string') {
      const text = modeFor(known.toUpperCase(), this.version);
      if (text !== known.toUpperCase()) replaced.push({ at: only.token.at, length: only.token.text.length, text: `'${text}'` });
    }
    return null;
  }

  /** What an expression of one part means; null: it cannot be told. `byDefault`: what DEFAULT stands for. */
  #valueOf(words: readonly Word[], byDefault: string | null = null): string | null {
    const [first, second, third] = words;
    if (first === undefined) return null;
    if (first.upper === 'IFNULL') return this.#firstKnown(words);
    if (first.upper === '@') {
      if (second?.upper !== '@') return words.length === 2 ? (this.#variables.get(nameOf(second)) ?? null) : null;
      const scoped = third !== undefined && ['SESSION', 'LOCAL'].includes(third.upper) && words[3]?.upper === '.';
      const name = words.slice(scoped ? 4 : 2);
      return name.length === 1 ? (this.#settings.get(nameOf(name[0])) ?? null) : null;
    }
    if (words.length !== 1) return null;
    if (first.upper === 'DEFAULT') return byDefault;
    return first.token.kind === 'string' || first.token.kind === 'word' || first.token.kind === 'number' ? valueOf(first.token) : null;
  }

  /** `IFNULL(@OLD_SQL_MODE, '')`: a variable that the file did not set is NULL in its session. */
  #firstKnown(words: readonly Word[]): string | null {
    const [variable, otherwise, ...more] = listOf(words.slice(2, -1));
    if (words[1]?.upper !== '(' || words.at(-1)?.upper !== ')' || variable === undefined || otherwise === undefined || more.length > 0) return null;
    if (variable.length !== 2 || variable[0]?.upper !== '@') return null;
    return this.#variables.has(nameOf(variable[1])) ? this.#valueOf(variable) : this.#valueOf(otherwise);
  }
}

/** The variable of the session that is set, in lower case, and the words of its value. */
export function assignmentIn(words: readonly Word[]): { readonly name: string; readonly value: readonly Word[] } {
  let rest = words;
  if (rest[0]?.upper === '@' && rest[1]?.upper === '@') {
    rest = rest.slice(2);
    if (rest[1]?.upper === '.') rest = rest.slice(2);
  } else if (['SESSION', 'LOCAL', 'GLOBAL', 'PERSIST', 'PERSIST_ONLY'].includes(rest[0]?.upper ?? '')) rest = rest.slice(1);
  return { name: nameOf(rest[0]), value: rest.slice(rest[1]?.upper === ':' ? 3 : 2) };
}

/** Whether dumps are known to set it: what of the reading and the writing of rows is theirs to choose. */
export const isOfDumps = (name: string): boolean => dumpSettings.has(name) || engineSettings.has(name);

/** Whether tables that name no engine would get one whose rows are elsewhere, or one that cannot be told. */
export function setsOtherEngine(words: readonly Word[]): boolean {
  const { name, value } = assignmentIn(words);
  if (!engineSettings.has(name)) return false;
  const [only] = value;
  return value.length !== 1 || only === undefined || !ownEngines.has(valueOf(only.token).toUpperCase());
}
