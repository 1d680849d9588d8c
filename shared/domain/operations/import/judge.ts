import type { ServerVersion } from '../../fleet/version';
import { folding, isUserDatabase } from '../../checks/coverage';
import type { SqlModes } from '../../sql/tokens';
import { classify } from '../sql/classify';
import { objectOf } from '../sql/classify-definition';
import { executedText, type CommentReading } from '../sql/executed';
import { wordsIn, type Word } from '../sql/words';
import { listOf } from '../sql/condition';
import { behindIfExists, fromBytes, nameAt, namesAt, type WrittenName } from './names';
import { assignmentIn, SessionModel } from './session-model';
import type { Again, CreatedObject, ObjectName, RefusedReason, Sent, SentKind, Verdict } from './verdict';

const rowModifiers = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE', 'INTO']);
const accountVerbs = new Set(['GRANT', 'REVOKE']);
/** So much of a statement tells of which table its rows are. */
const rowsHead = 1_000;

export interface JudgeOptions {
  /** Into which everything goes; null: into the databases that the file names. */
  readonly target: string | null;
  /** sql_mode of a new session there. */
  readonly mode: string;
  readonly version: ServerVersion;
  readonly reading: CommentReading;
  /** lower_case_table_names; null: not known, and names differ by their letters' case. */
  readonly lowerCase: number | null;
}

interface SentMore {
  readonly again?: Again;
  readonly object?: ObjectName | null;
  readonly drops?: readonly ObjectName[];
  readonly creates?: CreatedObject | null;
  readonly definer?: string | null;
  readonly instead?: string | null;
}

const sent = (kind: SentKind, more: SentMore = {}): Sent =>
  ({ act: 'send', kind, again: 'other', object: null, drops: [], creates: null, definer: null, instead: null, ...more });
const refuse = (why: RefusedReason): Verdict => ({ act: 'refuse', why });

/**
 * What becomes of each statement of a file, in their order: sent, left out, or the reason why the file is not imported. By its tokens and the settings
 * before it, and nothing else: no server is asked. Texts are bytes, one to a character.
 */
export class ImportJudge {
  readonly #session: SessionModel;
  readonly #number: number;
  readonly #fold: (name: string) => string;
  readonly #target: string | null;
  #current: string | null;

  constructor(private readonly options: JudgeOptions) {
    this.#session = new SessionModel(options.mode, options.version);
    this.#fold = folding(options.lowerCase);
    this.#target = options.target === null ? null : this.#fold(options.target);
    this.#current = this.#target;
    const { major, minor, patch } = options.version;
    this.#number = major * 10_000 + minor * 100 + patch;
  }

  /** How the text behind the statement that was judged last is taken. */
  get modes(): SqlModes {
    return this.#session.modes;
  }

  /** `literal`: known to hold, where it is an INSERT, rows of literals and nothing else. */
  judge(sql: string, literal = false): Verdict {
    const { modes } = this;
    const head = executedText(sql.slice(0, rowsHead), modes, this.options.reading).text;
    const verb = /^[\s(]*([A-Za-z]+)/.exec(head)?.[1]?.toUpperCase() ?? '';
    if (verb === 'INSERT' || verb === 'REPLACE') {
      const call = literal ? null : this.#refusedCall(sql);
      return call === null ? this.#rows(wordsIn(head, modes)) : refuse(call);
    }
    const all = wordsIn(executedText(sql, modes, this.options.reading).text, modes);
    const words = all.at(-1)?.upper === ';' ? all.slice(0, -1) : all;
    return words.length === 0 ? { act: 'leave-out', why: 'reading', database: null } : this.#statement(sql, words);
  }

  /** What the expressions of an INSERT may do beyond its table: a function that nobody knows may do anything. */
  #refusedCall(sql: string): RefusedReason | null {
    const { kind, reason } = classify(sql, this.modes, this.#number);
    if (kind === 'write' || kind === 'unbounded-write') return null;
    return reason === 'file' ? 'file' : reason === 'unclosed' ? 'unclosed' : 'not-understood';
  }

  /** INSERT and REPLACE, by their first words: what they hold may be long. */
  #rows(words: readonly Word[]): Verdict {
    const at = 1 + words.slice(1).findIndex(({ upper }) => !rowModifiers.has(upper));
    return this.#about(nameAt(words, at), (object) => sent('rows', { object }));
  }

  #statement(sql: string, words: readonly Word[]): Verdict {
    const first = words[0]?.upper ?? '';
    const second = words[1]?.upper ?? '';
    switch (first) {
      case 'SET':
        return this.#set(sql, words);
      case 'USE':
        return words.length === 2 ? this.#use(nameAt(words, 1)) : refuse('not-understood');
      case 'LOCK':
      case 'UNLOCK':
        return second === 'TABLES' || second === 'TABLE' ? leftOut('locks') : refuse('server-wide');
      case 'BEGIN':
      case 'COMMIT':
        return leftOut('transaction');
      case 'START':
        return second === 'TRANSACTION' ? leftOut('transaction') : refuse('server-wide');
      case 'ROLLBACK':
      case 'SAVEPOINT':
      case 'RELEASE':
      case 'XA':
        return refuse('takes-back');
      case 'LOAD':
        return refuse('file');
      case 'ANALYZE':
        return this.#analyze(words);
      default:
        return this.#byClass(sql, words, first);
    }
  }

  #byClass(sql: string, words: readonly Word[], verb: string): Verdict {
    const { kind, reason } = classify(sql, this.modes, this.#number);
    switch (kind) {
      case 'read':
        return leftOut('reading');
      case 'write':
      case 'unbounded-write':
        return this.#changedRows(words, verb, reason);
      case 'ddl':
      case 'destroys':
        return reason === 'account' ? refuse('account') : this.#definition(words, verb);
      case 'administration':
        if (reason === 'account' || accountVerbs.has(verb)) return refuse('account');
        return refuse(reason === 'writes-file' || reason === 'file' ? 'file' : reason === 'binlog' ? 'binlog' : 'server-wide');
      case 'session':
      case 'unknown':
        return refuse(reason === 'unclosed' ? 'unclosed' : reason === 'file' ? 'file' : 'not-understood');
      default:
        return kind satisfies never;
    }
  }

  /** UPDATE and DELETE of one table. */
  #changedRows(words: readonly Word[], verb: string, reason: string): Verdict {
    if ((verb !== 'UPDATE' && verb !== 'DELETE') || reason === 'several-tables') return refuse('not-understood');
    const at = words.findIndex(({ upper }, place) => place > 0 && upper !== 'FROM' && !rowModifiers.has(upper));
    return this.#about(nameAt(words, at), (object) => sent('rows', { object }));
  }

  #analyze(words: readonly Word[]): Verdict {
    const at = words.findIndex(({ upper }) => upper === 'TABLE' || upper === 'TABLES');
    return at === -1 ? refuse('not-understood') : this.#about(nameAt(words, at + 1), (object) => sent('definition', { object, again: 'same' }));
  }

  #use(name: WrittenName | null): Verdict {
    if (name === null) return refuse('not-understood');
    const database = this.#fold(name.name);
    if (!isUserDatabase(database)) return refuse('system-schema');
    if (this.#target !== null && database !== this.#target) return leftOut('other-database', database);
    this.#current = database;
    return sent('setting', { object: { database, table: null } });
  }

  #set(sql: string, words: readonly Word[]): Verdict {
    const rest = words.slice(1);
    const names = listOf(rest).map((one) => (one[0]?.upper === '@' && one[1]?.upper !== '@' ? '' : assignmentIn(one).name));
    for (const [name, why] of [['sql_log_bin', 'log-off'], ['gtid_purged', 'gtid-purged']] as const) {
      if (names.every((one) => one === name)) return leftOut(why);
    }
    const { refused, replaced } = this.#session.follow(rest);
    if (refused !== null) return refuse(refused);
    const { kind, reason } = classify(sql, this.modes, this.#number);
    // A character set from a variable of the user's: it was followed.
    const isFollowed = kind === 'session' || (kind === 'unknown' && reason === 'character-set');
    if (!isFollowed) {
      if (reason === 'account' || reason === 'binlog') return refuse(reason);
      return refuse(kind === 'administration' ? 'server-wide' : 'not-understood');
    }
    const instead = replaced.reduceRight((text, one) => text.slice(0, one.at) + one.text + text.slice(one.at + one.length), sql);
    return sent('setting', { instead: replaced.length === 0 ? null : instead });
  }

  #definition(words: readonly Word[], verb: string): Verdict {
    if (verb === 'TRUNCATE') {
      const name = nameAt(words, words[1]?.upper === 'TABLE' ? 2 : 1);
      return this.#about(name, (object) => sent('definition', { object, drops: [object], again: 'same' }));
    }
    if (verb === 'OPTIMIZE') return this.#aboutAll(namesAt(words, 2), ([object]) => sent('definition', { object: object ?? null, again: 'same' }));
    const { kind, at } = objectOf(words);
    if (kind === null) return refuse('not-understood');
    if (kind === 'DATABASE' || kind === 'SCHEMA') return this.#database(words, verb, at);
    if (verb === 'RENAME') return this.#renamed(words, at);
    if (kind === 'INDEX') {
      const on = words.findIndex(({ upper }) => upper === 'ON');
      return this.#about(nameAt(words, on + 1), (object) => sent('definition', { object, again: 'told' }));
    }
    return verb === 'DROP' ? this.#drop(words, kind, at) : this.#made(words, verb, kind, at);
  }

  #drop(words: readonly Word[], kind: string, at: number): Verdict {
    const behind = behindIfExists(words, at + 1);
    return this.#aboutAll(namesAt(words, behind.at), (objects) => sent('definition', {
      object: objects[0] ?? null, drops: kind === 'TABLE' || kind === 'VIEW' ? objects : [], again: behind.isGiven ? 'same' : 'told',
    }));
  }

  #made(words: readonly Word[], verb: string, kind: string, at: number): Verdict {
    const behind = behindIfExists(words, at + 1);
    const isReplacing = words.slice(1, at).some(({ upper }) => upper === 'REPLACE');
    // It would be gone with the session, which may be another one behind a crash.
    if (words.slice(1, at).some(({ upper }) => upper === 'TEMPORARY')) return refuse('temporary');
    const definer = definerIn(words.slice(0, at));
    const name = nameAt(words, behind.at);
    const elsewhere = otherNamesIn(words, verb, kind, name?.next ?? at);
    if (elsewhere === null) return refuse('not-understood');
    return this.#aboutAll(name === null ? null : [name, ...elsewhere], ([object]) => {
      if (object === undefined) return refuse('not-understood');
      if (verb === 'CREATE') {
        const isNew = !behind.isGiven && !isReplacing;
        // A table with rows of a query may be there without all of them.
        const isFilled = kind === 'TABLE' && words.some(({ upper }) => upper === 'SELECT');
        return sent('definition', { object, definer, creates: isNew ? { ...object, kind } : null, again: isFilled ? 'other' : isNew ? 'told' : 'same' });
      }
      const isKeys = words.length === (name?.next ?? 0) + 2 && ['DISABLE', 'ENABLE'].includes(words.at(-2)?.upper ?? '') && words.at(-1)?.upper === 'KEYS';
      return sent('definition', { object, definer, again: isKeys ? 'same' : 'other' });
    });
  }

  #renamed(words: readonly Word[], at: number): Verdict {
    const names: (WrittenName | null)[] = [];
    for (let place = at + 1; place < words.length; ) {
      const name = nameAt(words, place);
      names.push(name);
      place = (name?.next ?? words.length) + 1;
    }
    const known = names.filter((name) => name !== null);
    return known.length === names.length ? this.#aboutAll(known, ([object]) => sent('definition', { object: object ?? null })) : refuse('not-understood');
  }

  #database(words: readonly Word[], verb: string, at: number): Verdict {
    const kind = 'DATABASE';
    const behind = behindIfExists(words, at + 1);
    const isNamed = verb !== 'ALTER' || !['CHARACTER', 'CHARSET', 'COLLATE', 'DEFAULT', 'ENCRYPTION', 'READ'].includes(words[behind.at]?.upper ?? '');
    const name = isNamed ? this.#fold(nameAt(words, behind.at)?.name ?? '') : this.#current;
    if (name === null) return refuse('no-database');
    if (!isUserDatabase(name)) return refuse('system-schema');
    if (this.#target !== null && name !== this.#target) return verb === 'DROP' ? refuse('outside') : leftOut('other-database', name);
    const object = { database: name, table: null };
    if (verb === 'DROP') return sent('definition', { object, drops: [object], again: behind.isGiven ? 'same' : 'told' });
    if (verb === 'ALTER') return sent('definition', { object, again: 'same' });
    return sent('definition', { object, creates: behind.isGiven ? null : { ...object, kind }, again: behind.isGiven ? 'same' : 'told' });
  }

  #about(name: WrittenName | null, say: (object: ObjectName & { readonly table: string }) => Verdict): Verdict {
    return this.#aboutAll(name === null ? null : [name], ([object]) => (object === undefined ? refuse('not-understood') : say(object)));
  }

  /** Where each of the names stands; refused where one of them is not the file's to touch. */
  #aboutAll(names: readonly WrittenName[] | null, say: (objects: readonly (ObjectName & { readonly table: string })[]) => Verdict): Verdict {
    if (names === null) return refuse('not-understood');
    const objects: (ObjectName & { readonly table: string })[] = [];
    for (const { database, name } of names) {
      const where = database === null ? this.#current : this.#fold(database);
      if (where === null) return refuse('no-database');
      if (!isUserDatabase(where)) return refuse('system-schema');
      if (this.#target !== null && where !== this.#target) return refuse('outside');
      objects.push({ database: where, table: this.#fold(name) });
    }
    return say(objects);
  }
}

function leftOut(why: Extract<Verdict, { act: 'leave-out' }>['why'], database: string | null = null): Verdict {
  return { act: 'leave-out', why, database };
}

/** Names of tables that a definition touches beside its own; null: not understood. */
function otherNamesIn(words: readonly Word[], verb: string, kind: string, from: number): readonly WrittenName[] | null {
  const names: (WrittenName | null)[] = [];
  if (verb === 'CREATE' && kind === 'TRIGGER') {
    const on = words.findIndex(({ upper }, at) => at >= from && upper === 'ON');
    return on === -1 ? null : [nameAt(words, on + 1)].filter((name) => name !== null);
  }
  if (verb !== 'ALTER') return [];
  for (const [at, { upper, depth }] of words.entries()) {
    const next = words[at + 1]?.upper ?? '';
    if (at < from || depth > 0) continue;
    // `RENAME COLUMN a TO b` and its like stay within the table.
    if (upper === 'RENAME' && !['COLUMN', 'INDEX', 'KEY'].includes(next)) names.push(nameAt(words, at + (['TO', 'AS', '='].includes(next) ? 2 : 1)));
    if (upper === 'WITH' && next === 'TABLE') names.push(nameAt(words, at + 2));
  }
  const known = names.filter((name) => name !== null);
  return known.length === names.length ? known : null;
}

/** `user`@`host` behind DEFINER. */
function definerIn(words: readonly Word[]): string | null {
  const at = words.findIndex(({ upper }) => upper === 'DEFINER');
  if (at === -1) return null;
  const hasHost = words[at + 3]?.upper === '@';
  return fromBytes(words.slice(at + 2, at + (hasHost ? 5 : 3)).map(({ token }) => token.text).join(''));
}
