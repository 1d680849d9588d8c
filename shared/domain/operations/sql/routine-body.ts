import type { SqlToken } from '../../sql/tokens';

const programs = ['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT'];
const blocks = ['IF', 'LOOP', 'WHILE', 'REPEAT'];
const makes = ['CREATE', 'ALTER'];
/** What a statement begins with that holds others elsewhere, as in MariaDB: it is left whole. */
const compound = [...blocks, 'BEGIN', 'CASE', 'FOR', 'DECLARE'];
/** What a statement within a body, or the body itself, begins behind. */
const beforeStatement = new Set([
  ';', ':', ')', 'BEGIN', 'THEN', 'ELSE', 'DO', 'LOOP', 'REPEAT', 'ROW', 'SQL', 'DATA', 'DETERMINISTIC', 'DEFINER', 'INVOKER', 'PRESERVE', 'DISABLE', 'ENABLE',
]);

/** A label, and what stands before its colon. */
export const longestLabel = 200;

/** Whether a statement begins with a label, as a compound one may. */
export function hasLabel(statement: string): boolean {
  return /^(?:[\w$]+|`[^`]*`)\s*:(?!=)/.test(statement);
}

/** Whether a statement may hold others, by its first word. */
export function mayHoldOthers(word: string): boolean {
  return makes.includes(word.toUpperCase()) || compound.includes(word.toUpperCase());
}

/**
 * Follows the words of a statement and says whether a `;` now would stand within the body of a routine, a trigger or an event: a text without
 * DELIMITER would be cut there, and what follows would run by itself.
 */
export class RoutineBody {
  /** The first words; null: it is known whether a program is made. */
  #head: string[] | null = [];
  #isProgram = false;
  /** It may hold other statements. */
  #mayHold = false;
  #hidesSome = false;
  #depth = 0;
  #before = '';
  /** END was read, and what it ends is told by the next word. */
  #ended = false;

  get isOpen(): boolean {
    return this.#isProgram && this.#depth > 0;
  }

  /**
   * Whether a `;` now ends it also under another delimiter: a client sends all of that as one, and the server runs statement by statement. False
   * where it is, or may be, a program.
   */
  get isSimple(): boolean {
    return !this.#mayHold && !this.#hidesSome;
  }

  /** Something stands in it that is not seen here: a comment that some servers run. */
  hides(): void {
    this.#hidesSome = true;
  }

  /** Takes the next token that counts. */
  take({ kind, text }: SqlToken): void {
    const word = kind === 'word' || kind === 'mark' ? text.toUpperCase() : kind === 'string' ? ')' : '';
    if (this.#head !== null) this.#readHead(word);
    if (this.#isProgram) this.#count(word);
    this.#before = word;
  }

  #readHead(word: string): void {
    const head = [...(this.#head ?? []), word];
    this.#head = head;
    if (head.length === 1) this.#mayHold = mayHoldOthers(word);
    if (!makes.includes(head[0] ?? '')) this.#head = null;
    // An account may be called like a kind: DEFINER = user@server.local.
    else if (['=', '@', '.'].includes(head.at(-2) ?? '')) this.#head = head.length > 16 ? null : head;
    else if (programs.includes(word)) {
      this.#isProgram = true;
      this.#head = null;
      // DEFINER, with a name of two parts, stands before it.
    } else if (['TABLE', 'DATABASE', 'SCHEMA', 'VIEW', 'USER', 'INDEX', 'ROLE', 'SERVER'].includes(word)) {
      this.#mayHold = false;
      this.#head = null;
    } else if (head.length > 16) this.#head = null;
  }

  #count(word: string): void {
    const ended = this.#ended;
    this.#ended = false;
    // END IF, END CASE: the word belongs to the end.
    if (ended && (blocks.includes(word) || word === 'CASE')) return;
    if (word === 'END') {
      this.#depth = Math.max(0, this.#depth - 1);
      this.#ended = true;
    } else if (word === 'BEGIN') this.#depth += this.#before === '.' ? 0 : 1;
    else if (word === 'CASE') this.#depth += 1;
    else if (blocks.includes(word) && beforeStatement.has(this.#before) && !(word === 'IF' && this.#isName())) this.#depth += 1;
  }

  /** IF of `CREATE PROCEDURE IF NOT EXISTS`. */
  #isName(): boolean {
    return programs.includes(this.#before);
  }
}
