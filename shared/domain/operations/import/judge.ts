import type { ServerVersion } from '../../fleet/version';
import { folding, isUserDatabase } from '../../checks/coverage';
import type { SqlModes } from '../../sql/tokens';
import { classify } from '../sql/classify';
import { objectOf } from '../sql/classify-definition';
import { executedText, isSameWithoutComments, type CommentReading } from '../sql/executed';
import { endOf, nameOf, wordsIn, type Word } from '../sql/words';
import { listOf } from '../sql/condition';
import { assigns, isMadeOfOthers, mayDestroy, namesSystemSchema, otherNamesIn, refusedWithin, renames } from './bodies';
import { isEvaluated, readsSession } from './evaluated';
import { type LeadBytes, type StartCharacters, withoutTails } from './lead-bytes';
import { behindIfExists, definerIn, nameAt, namesAt, renamedIn, tableOf, type WrittenName } from './names';
import { databasesWithin } from './reach';
import { assignmentIn, isOfDumps, SessionModel, setsOtherEngine } from './session-model';
import type { CreatedObject, Harm, Reach, ReachWay, RefusedReason, Sent, SentKind, Verdict } from './verdict';

const accountVerbs = new Set(['GRANT', 'REVOKE']);
const ofRows = new Set(['TABLE', 'VIEW']);
/** So much of a statement tells of which table its rows are, where its name and what is behind it end there. */
const rowsHead = 1_000;
/** More than what tells a comment from marks. */
const longestStart = 16;
/** What Percona Server's dumps run for an engine of theirs, where it is there: faster, and of no other matter. */
const bulkLoad = /^(?:rocksdb_\w+|(?:en|dis)able_bulk_load)$/;
const ofQueries = new Set(['SELECT', 'TABLE', 'WITH']);
export interface JudgeOptions {
  /** Into which everything goes; null: into the databases that the file names. */
  readonly target: string | null;
  /** sql_mode of a new session there. */
  readonly mode: string;
  /** character_set_client of a new session there: what DEFAULT stands for. */
  readonly characters: string;
  readonly version: ServerVersion;
  readonly reading: CommentReading;
  /** In which the file begins; null: nothing is said of it. */
  readonly start?: StartCharacters | null | undefined;
  /** lower_case_table_names; null: not known, and names differ by their letters' case. */
  readonly lowerCase: number | null;
}

const sent = (kind: SentKind, more: Partial<Sent> = {}): Sent => ({
  act: 'send', kind, again: 'other', object: null, touches: [], reach: null, makes: null, creates: null, passes: false, within: [], definer: null,
  instead: null, harm: null, ...more,
});
const refuse = (why: RefusedReason): Verdict => ({ act: 'refuse', why });
interface TableName {
  readonly database: string;
  readonly table: string;
}
const reachOf = (way: ReachWay, kind: string, objects: readonly TableName[]): Reach => ({ way, objects: objects.map((object) => ({ ...object, kind })) });

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
    this.#session = new SessionModel(options.mode, options.version, options.characters, options.start ?? null);
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

  /** The characters by which it is taken apart; null: bytes. */
  get leads(): LeadBytes | null {
    return this.#session.leads;
  }

  /** Whether nobody said in which character set the text is. */
  get isAssumed(): boolean {
    return this.#session.isAssumed;
  }

  /** A statement with nothing of ASCII in what is beyond it: as it is judged and shown; null: it cannot be told. */
  readable(sql: string): string | null {
    const { leads } = this;
    return leads === null ? sql : withoutTails(sql, leads, this.modes);
  }

  /** `literal`: known to hold, where it is an INSERT, rows of literals and nothing else. */
  judge(sql: string, literal = false): Verdict {
    const text = this.readable(sql);
    const verdict = text === null ? refuse('character-set') : this.#judged(text, literal);
    // What is put in place of it would hold other characters.
    return text !== sql && verdict.act === 'send' && verdict.instead !== null ? refuse('character-set') : verdict;
  }

  #judged(sql: string, literal: boolean): Verdict {
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
    return this.#rows(name, first === 'REPLACE' ? 'replaces' : null);
  }

  /** INSERT and REPLACE of any form: a function that nobody knows may do anything beyond their table. */
  #added(sql: string, words: readonly Word[], verb: string): Verdict {
    const { kind, reason } = classify(sql, this.modes, this.#number);
    if (kind !== 'write' && kind !== 'unbounded-write') return refuse(reason === 'file' ? 'file' : reason === 'unclosed' ? 'unclosed' : 'not-understood');
    if (assigns(words) || readsSession(words)) return refuse('not-understood');
    if (namesSystemSchema(words, this.#fold)) return refuse('system-schema');
    const has = (one: string): boolean => words.some(({ upper }) => upper === one);
    const harm = verb === 'REPLACE' ? 'replaces' : has('DUPLICATE') ? 'updates' : words.some(({ upper }) => ofQueries.has(upper)) ? 'query' : null;
    return this.#rows(tableOf(words), harm, words);
  }

  /** Rows of one table; `words`: all that may name others. */
  #rows(name: WrittenName | null, harm: Harm | null, words: readonly Word[] = []): Verdict {
    const within = name === null ? [] : this.#within(words, name.next);
    if (within === null) return refuse('outside');
    return this.#about(name, (object) => sent('rows', { object, touches: [object], harm, within, reach: reachOf('fills', 'TABLE', [object]) }));
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
    if (assigns(words) || readsSession(words)) return refuse('not-understood');
    if (namesSystemSchema(words, this.#fold)) return refuse('system-schema');
    if ((verb !== 'UPDATE' && verb !== 'DELETE') || reason === 'several-tables') return refuse('not-understood');
    return this.#rows(tableOf(words), isEveryRow ? 'every-row' : 'some-rows', words);
  }

  #analyze(words: readonly Word[]): Verdict {
    const at = words.findIndex(({ upper }) => upper === 'TABLE' || upper === 'TABLES');
    return at === -1 ? refuse('not-understood') : this.#about(nameAt(words, at + 1), (object) => altering([object], 'same'));
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
    if (listOf(rest).some((one) => setsOtherEngine(one) || isEvaluated(one))) return refuse('not-understood');
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
    return sent('setting', { instead: replaced.length === 0 ? null : instead, harm: names.every(isOfDumps) ? null : 'setting' });
  }

  #definition(words: readonly Word[], verb: string, takesAway: boolean): Verdict {
    if (namesSystemSchema(words, this.#fold)) return refuse('system-schema');
    if (verb === 'TRUNCATE') {
      const name = nameAt(words, words[1]?.upper === 'TABLE' ? 2 : 1);
      return this.#about(name, (object) => sent('definition', { object, touches: [object], reach: reachOf('drops', 'TABLE', [object]), again: 'same' }));
    }
    if (verb === 'OPTIMIZE') return this.#aboutAll(namesAt(words, 2), (objects) => altering(objects, 'same'));
    const { kind, at } = objectOf(words);
    if (kind === null) return refuse('not-understood');
    if (kind === 'DATABASE' || kind === 'SCHEMA') return this.#database(words, verb, at);
    if (verb === 'RENAME') {
      return this.#aboutAll(renamedIn(words, at + 1), (objects) => sent('definition', { ...touching(objects), harm: 'renames' }));
    }
    if (kind === 'INDEX') {
      const on = words.findIndex(({ upper }) => upper === 'ON');
      return this.#about(nameAt(words, on + 1), (object) => altering([object], verb === 'DROP' ? 'told' : 'other'));
    }
    if (verb === 'DROP') return this.#drop(words, kind, at);
    return verb === 'CREATE' || verb === 'ALTER' ? this.#made(words, verb, kind, at, takesAway) : refuse('not-understood');
  }

  #drop(words: readonly Word[], kind: string, at: number): Verdict {
    const behind = behindIfExists(words, at + 1);
    return this.#aboutAll(namesAt(words, behind.at), (objects) => sent('definition', {
      ...touching(objects), reach: reachOf('drops', kind, objects), again: behind.isGiven ? 'same' : 'told',
    }));
  }

  #made(words: readonly Word[], verb: 'CREATE' | 'ALTER', kind: string, at: number, takesAway: boolean): Verdict {
    const refused = assigns(words) && kind === 'TABLE' ? 'not-understood' : refusedWithin(words, kind);
    if (refused !== null) return refuse(refused);
    // It would be gone with the session, which may be another one behind a crash.
    if (words.slice(1, at).some(({ upper }) => upper === 'TEMPORARY')) return refuse('temporary');
    const behind = behindIfExists(words, at + 1);
    const name = nameAt(words, behind.at);
    const elsewhere = otherNamesIn(words, verb, kind, name?.next ?? at);
    if (name === null || elsewhere === null) return refuse('not-understood');
    const within = this.#within(words, name.next, kind === 'TABLE');
    if (within === null) return refuse('outside');
    const passes = kind === 'VIEW' || (kind === 'TABLE' && isMadeOfOthers(words, name.next));
    const common: Partial<Sent> = { within, passes, definer: definerIn(words.slice(0, at)) };
    const isReplacing = words.slice(1, at).some(({ upper }) => upper === 'REPLACE');
    return this.#aboutAll([name, ...elsewhere], (objects) => {
      const all = { ...touching(objects), ...common };
      if (verb === 'ALTER') return this.#altered(words, kind, name.next, all, takesAway);
      const [object] = objects;
      if (object === undefined) return refuse('not-understood');
      const isNew = !behind.isGiven && !isReplacing;
      // A table with rows of a query may be there without all of them.
      const isFilled = kind === 'TABLE' && words.some(({ upper }) => upper === 'SELECT');
      const isAnything = !ofRows.has(kind) && mayDestroy(words, kind, name.next, this.#number);
      return sent('definition', {
        ...all, makes: { ...object, kind }, creates: isNew ? { ...object, kind } : null, again: isFilled ? 'other' : isNew ? 'told' : 'same',
        reach: isReplacing ? reachOf('drops', kind, [object]) : kind === 'TRIGGER' ? reachOf('alters', 'TABLE', objects.slice(1)) : null,
        harm: isAnything ? 'body' : kind === 'TABLE' && words.slice(name.next).some(({ upper }) => ofQueries.has(upper)) ? 'query' : null,
      });
    });
  }

  #altered(words: readonly Word[], kind: string, from: number, all: Partial<Sent>, takesAway: boolean): Verdict {
    if (!ofRows.has(kind)) return sent('definition', { ...all, harm: 'program' });
    const isKeys = words.length === from + 2 && ['DISABLE', 'ENABLE'].includes(words.at(-2)?.upper ?? '') && words.at(-1)?.upper === 'KEYS';
    if (isKeys) return sent('definition', { ...all, again: 'same' });
    const isRenaming = words.some(({ upper, depth }, at) => at >= from && depth === 0 && (upper === 'EXCHANGE' || renames(words, at)));
    const objects = all.object?.table == null ? [] : [{ database: all.object.database, table: all.object.table }];
    return sent('definition', { ...all, reach: reachOf('alters', kind, objects), harm: isRenaming ? 'renames' : takesAway ? 'part' : null });
  }

  #database(words: readonly Word[], verb: string, at: number): Verdict {
    const behind = behindIfExists(words, at + 1);
    const isNamed = verb !== 'ALTER' || !['CHARACTER', 'CHARSET', 'COLLATE', 'DEFAULT', 'ENCRYPTION', 'READ'].includes(words[behind.at]?.upper ?? '');
    const name = isNamed ? this.#fold(nameAt(words, behind.at)?.name ?? '') : this.#current;
    if (name === null) return refuse('no-database');
    if (!this.#reads(name)) return refuse('character-set');
    if (!isUserDatabase(name)) return refuse('system-schema');
    if (this.#target !== null && name !== this.#target) return verb === 'DROP' ? refuse('outside') : leftOut('other-database', name);
    const object: CreatedObject = { database: name, table: null, kind: 'DATABASE' };
    const about: Partial<Sent> = { object: { database: name, table: null }, touches: [{ database: name, table: null }] };
    const again = behind.isGiven ? 'same' : 'told';
    if (verb === 'DROP') return sent('definition', { ...about, reach: { way: 'drops', objects: [object] }, again });
    if (verb === 'ALTER') return sent('definition', { ...about, reach: { way: 'alters', objects: [object] }, again: 'same' });
    return sent('definition', { ...about, makes: object, creates: behind.isGiven ? null : object, again });
  }

  /** The databases that are named within a statement; null: one of them is not the one that everything goes into. */
  #within(words: readonly Word[], from: number, ofTable = false): readonly string[] | null {
    const names = databasesWithin(words, from, ofTable ? 'tables' : 'expression').map(this.#fold).filter((name) => name.toLowerCase() !== 'information_schema');
    return this.#target !== null && names.some((name) => name !== this.#target) ? null : names;
  }

  /** Whether a name of the file is read here as the server reads it. */
  #reads(name: string): boolean {
    return this.#session.readsNames || !/[^ -~]/.test(name);
  }

  #about(name: WrittenName | null, say: (object: TableName) => Verdict): Verdict {
    return this.#aboutAll(name === null ? null : [name], ([object]) => (object === undefined ? refuse('not-understood') : say(object)));
  }

  /** Where each of the names stands; refused where one of them is not the file's to touch. */
  #aboutAll(names: readonly WrittenName[] | null, say: (objects: readonly TableName[]) => Verdict): Verdict {
    if (names === null) return refuse('not-understood');
    const objects: TableName[] = [];
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

const touching = (objects: readonly TableName[]): Partial<Sent> => ({ object: objects[0] ?? null, touches: objects });
const altering = (objects: readonly TableName[], again: Sent['again']): Verdict =>
  sent('definition', { ...touching(objects), reach: reachOf('alters', 'TABLE', objects), again });

function leftOut(why: Extract<Verdict, { act: 'leave-out' }>['why'], database: string | null = null): Verdict {
  return { act: 'leave-out', why, database };
}
