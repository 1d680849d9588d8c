import type { ServerVersion } from '../../fleet/version';
import { folding, isUserDatabase } from '../../checks/coverage';
import type { SqlModes } from '../../sql/tokens';
import { classify } from '../sql/classify';
import { objectOf } from '../sql/classify-definition';
import { executedText, isSameWithoutComments, type CommentReading } from '../sql/executed';
import { endOf, nameOf, wordsIn, type Word } from '../sql/words';
import { listOf } from '../sql/condition';
import { assigns, mergedIn, namesSystemSchema, refusedWithin } from './bodies';
import { behindIfExists, fromBytes, nameAt, namesAt, type WrittenName } from './names';
import { assignmentIn, SessionModel } from './session-model';
import type { Again, CreatedObject, Harm, ObjectName, RefusedReason, Sent, SentKind, Verdict } from './verdict';

const rowModifiers = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE', 'INTO']);
const accountVerbs = new Set(['GRANT', 'REVOKE']);
/** So much of a statement tells of which table its rows are, where its name and what is behind it end there. */
const rowsHead = 1_000;
/** More than what tells a comment from marks. */
const longestStart = 16;
/** What Percona Server's dumps run for an engine of theirs, where it is there: faster, and of no other matter. */
const bulkLoad = /^(?:rocksdb_\w+|(?:en|dis)able_bulk_load)$/;

export interface JudgeOptions {
  /** Into which everything goes; null: into the databases that the file names. */
  readonly target: string | null;
  /** sql_mode of a new session there. */
  readonly mode: string;
  /** character_set_client of a new session there: what DEFAULT stands for. */
  readonly characters: string;
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
  readonly harm?: Harm | null;
  readonly program?: CreatedObject | null;
}

const sent = (kind: SentKind, more: SentMore = {}): Sent =>
  ({ act: 'send', kind, again: 'other', object: null, drops: [], creates: null, definer: null, instead: null, harm: null, program: null, ...more });
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
  /** Names of prepared statements that are left out. */
  readonly #leftOut = new Set<string>();

  constructor(private readonly options: JudgeOptions) {
    this.#session = new SessionModel(options.mode, options.version, options.characters);
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
    const byHead = literal ? this.#byHead(sql) : null;
    if (byHead !== null) return byHead;
    const { reading } = this.options;
    const { text, sixDigits } = executedText(sql, modes, reading);
    // Newer servers take six digits before a blank alone, and five of them else.
    if (sixDigits > 0 && text !== executedText(sql, modes, { ...reading, digits: reading.digits === 6 ? 5 : 6 }).text) return refuse('not-understood');
    const all = wordsIn(text, modes);
    const words = all.at(-1)?.upper === ';' ? all.slice(0, -1) : all;
    return words.length === 0 ? { act: 'leave-out', why: 'reading', database: null } : this.#statement(sql, words);
  }

  /** Rows of literals, by what stands before them, as they may be long; null: that does not tell, and all of it is to be looked at. */
  #byHead(sql: string): Verdict | null {
    const head = executedText(sql.slice(0, rowsHead), this.modes, this.options.reading);
    const words = wordsIn(head.text, this.modes);
    const first = words[0]?.upper ?? '';
    if ((first !== 'INSERT' && first !== 'REPLACE') || !head.certain || head.sixDigits > 0 || !isSameWithoutComments(head, this.modes)) return null;
    const name = tableOf(words);
    const behind = name === null ? undefined : words[name.next];
    // One that the cut goes through, or is near to, may go on behind it: `mysql`, the beginning of a comment, and then `.user`.
    if (behind === undefined || (sql.length > rowsHead && endOf(behind) + longestStart >= head.text.length)) return null;
    return this.#about(name, (object) => sent('rows', { object, harm: first === 'REPLACE' ? 'replaces' : null }));
  }

  /** INSERT and REPLACE of any form: a function that nobody knows may do anything beyond their table. */
  #added(sql: string, words: readonly Word[], verb: string): Verdict {
    const { kind, reason } = classify(sql, this.modes, this.#number);
    if (kind !== 'write' && kind !== 'unbounded-write') return refuse(reason === 'file' ? 'file' : reason === 'unclosed' ? 'unclosed' : 'not-understood');
    if (assigns(words)) return refuse('not-understood');
    if (namesSystemSchema(words, this.#fold)) return refuse('system-schema');
    return this.#about(tableOf(words), (object) => sent('rows', { object, harm: verb === 'REPLACE' ? 'replaces' : null }));
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
      case 'INSERT':
      case 'REPLACE':
        return this.#added(sql, words, first);
      case 'PREPARE':
      case 'EXECUTE':
      case 'DEALLOCATE':
        return this.#prepared(words, first);
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
        return this.#changedRows(words, verb, reason, kind === 'unbounded-write');
      case 'ddl':
      case 'destroys':
        return reason === 'account' ? refuse('account') : this.#definition(words, verb, reason === 'drops-part');
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

  /** Prepared statements that dumps are known to make of texts of their own; nothing of them is sent. */
  #prepared(words: readonly Word[], verb: string): Verdict {
    const name = nameOf(words[verb === 'DEALLOCATE' ? 2 : 1]);
    if (verb === 'PREPARE') {
      const isKnown = words.length === 5 && words[2]?.upper === 'FROM' && words[3]?.upper === '@' && bulkLoad.test(nameOf(words[4]));
      if (isKnown) this.#leftOut.add(name);
      else this.#leftOut.delete(name);
    }
    return words.length <= 5 && this.#leftOut.has(name) ? leftOut('bulk-load') : refuse('not-understood');
  }

  /** UPDATE and DELETE of one table. */
  #changedRows(words: readonly Word[], verb: string, reason: string, isEveryRow: boolean): Verdict {
    if (assigns(words)) return refuse('not-understood');
    if (namesSystemSchema(words, this.#fold)) return refuse('system-schema');
    if ((verb !== 'UPDATE' && verb !== 'DELETE') || reason === 'several-tables') return refuse('not-understood');
    const at = words.findIndex(({ upper }, place) => place > 0 && upper !== 'FROM' && !rowModifiers.has(upper));
    return this.#about(nameAt(words, at), (object) => sent('rows', { object, harm: isEveryRow ? 'every-row' : null }));
  }

  #analyze(words: readonly Word[]): Verdict {
    const at = words.findIndex(({ upper }) => upper === 'TABLE' || upper === 'TABLES');
    return at === -1 ? refuse('not-understood') : this.#about(nameAt(words, at + 1), (object) => sent('definition', { object, again: 'same' }));
  }

  #use(name: WrittenName | null): Verdict {
    if (name === null) return refuse('not-understood');
    const database = this.#fold(name.name);
    if (!this.#reads(database)) return refuse('character-set');
    if (!isUserDatabase(database)) return refuse('system-schema');
    if (this.#target !== null && database !== this.#target) return leftOut('other-database', database);
    this.#current = database;
    return sent('setting', { object: { database, table: null } });
  }

  #set(sql: string, words: readonly Word[]): Verdict {
    const rest = words.slice(1);
    // Within a value: what it sets nobody follows.
    const hasInner = listOf(rest).some((one) => assigns(one.slice(1 + one.findIndex(({ upper }) => upper === '=' || upper === ':'))));
    if (hasInner) return refuse('not-understood');
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

  #definition(words: readonly Word[], verb: string, takesAway: boolean): Verdict {
    if (namesSystemSchema(words, this.#fold)) return refuse('system-schema');
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
    return verb === 'DROP' ? this.#drop(words, kind, at) : this.#made(words, verb, { kind, at }, takesAway);
  }

  #drop(words: readonly Word[], kind: string, at: number): Verdict {
    const behind = behindIfExists(words, at + 1);
    const isOfRows = kind === 'TABLE' || kind === 'VIEW';
    return this.#aboutAll(namesAt(words, behind.at), (objects) => sent('definition', {
      object: objects[0] ?? null, drops: isOfRows ? objects : [], again: behind.isGiven ? 'same' : 'told',
      program: isOfRows || objects[0] === undefined ? null : { ...objects[0], kind },
    }));
  }

  #made(words: readonly Word[], verb: string, { kind, at }: { readonly kind: string; readonly at: number }, takesAway: boolean): Verdict {
    const within = assigns(words) && kind === 'TABLE' ? 'not-understood' : refusedWithin(words, kind);
    if (within !== null) return refuse(within);
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
        return sent('definition', {
          object, definer, creates: isNew ? { ...object, kind } : null, again: isFilled ? 'other' : isNew ? 'told' : 'same',
          drops: isReplacing && kind === 'VIEW' ? [object] : [],
        });
      }
      const isKeys = words.length === (name?.next ?? 0) + 2 && ['DISABLE', 'ENABLE'].includes(words.at(-2)?.upper ?? '') && words.at(-1)?.upper === 'KEYS';
      return sent('definition', { object, definer, again: isKeys ? 'same' : 'other', harm: takesAway ? 'part' : null });
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
    if (!this.#reads(name)) return refuse('character-set');
    if (!isUserDatabase(name)) return refuse('system-schema');
    if (this.#target !== null && name !== this.#target) return verb === 'DROP' ? refuse('outside') : leftOut('other-database', name);
    const object = { database: name, table: null };
    if (verb === 'DROP') return sent('definition', { object, drops: [object], again: behind.isGiven ? 'same' : 'told' });
    if (verb === 'ALTER') return sent('definition', { object, again: 'same' });
    return sent('definition', { object, creates: behind.isGiven ? null : { ...object, kind }, again: behind.isGiven ? 'same' : 'told' });
  }

  /** Whether a name of the file is read here as the server reads it. */
  #reads(name: string): boolean {
    return this.#session.readsNames || !/[^ -~]/.test(name);
  }

  #about(name: WrittenName | null, say: (object: ObjectName & { readonly table: string }) => Verdict): Verdict {
    return this.#aboutAll(name === null ? null : [name], ([object]) => (object === undefined ? refuse('not-understood') : say(object)));
  }

  /** Where each of the names stands; refused where one of them is not the file's to touch. */
  #aboutAll(names: readonly WrittenName[] | null, say: (objects: readonly (ObjectName & { readonly table: string })[]) => Verdict): Verdict {
    if (names === null) return refuse('not-understood');
    const objects: (ObjectName & { readonly table: string })[] = [];
    for (const { database, name } of names) {
      if (!this.#reads(`${database ?? ''}${name}`)) return refuse('character-set');
      const where = database === null ? this.#current : this.#fold(database);
      if (where === null) return refuse('no-database');
      if (!isUserDatabase(where)) return refuse('system-schema');
      if (this.#target !== null && where !== this.#target) return refuse('outside');
      objects.push({ database: where, table: this.#fold(name) });
    }
    return say(objects);
  }
}

/** The table of INSERT and REPLACE; null: it is not to be told. */
function tableOf(words: readonly Word[]): WrittenName | null {
  const at = words.findIndex(({ upper }, place) => place > 0 && !rowModifiers.has(upper));
  return at === -1 ? null : nameAt(words, at);
}

function leftOut(why: Extract<Verdict, { act: 'leave-out' }>['why'], database: string | null = null): Verdict {
  return { act: 'leave-out', why, database };
}

/** Names of tables that a definition touches beside its own; null: not understood. */
function otherNamesIn(words: readonly Word[], verb: string, kind: string, from: number): readonly WrittenName[] | null {
  const names: (WrittenName | null)[] = kind === 'TABLE' ? [...mergedIn(words)] : [];
  if (verb === 'CREATE' && kind === 'TRIGGER') {
    const on = words.findIndex(({ upper }, at) => at >= from && upper === 'ON');
    return on === -1 ? null : [nameAt(words, on + 1)].filter((name) => name !== null);
  }
  for (const [at, { upper, depth }] of words.entries()) {
    const next = words[at + 1]?.upper ?? '';
    if (verb !== 'ALTER' || at < from || depth > 0) continue;
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
