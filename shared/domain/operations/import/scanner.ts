import type { SqlModes } from '../../sql/tokens';
import type { CommentReading } from '../sql/executed';
import { delimiterLine, longestDelimiterLine } from '../sql/delimiter';
import { hasLabel, longestLabel, mayHoldOthers, RoutineBody } from '../sql/routine-body';
import { blank, ByteWindow, kinds, other, wordPart } from './byte-window';
import type { LeadBytes } from './lead-bytes';
import { LiteralRows } from './literal-rows';
import { delimiterWord, textOf, type Found, type ScannedStatement, type State } from './scanned';

const [apostrophe, quotes, backtick, backslash] = [0x27, 0x22, 0x60, 0x5c];
const [slash, star, dash, hash, newline, semicolon] = [0x2f, 0x2a, 0x2d, 0x23, 0x0a, 0x3b];
/** A comment may begin with `/*M!` and six digits. */
const [headBytes, longestCommentStart] = [400, 10];

/**
 * Takes a stream of bytes apart into statements as `splitStatements` does with text, in memory that the longest statement bounds, however the stream
 * is cut into pieces. What a byte beyond ASCII means is of no matter where the character set keeps such bytes apart from ASCII; else `leads` tells.
 */
export class StatementScanner {
  /** How text is taken from here on; set between two statements. */
  modes: SqlModes = {};
  /** The characters of two bytes, of which the second may be one of ASCII; null: there are none. */
  leads: LeadBytes | null = null;
  /** The line of a DELIMITER that names none that can be used; nothing is taken apart behind it. */
  problem: number | null = null;
  readonly #window = new ByteWindow();
  #at = 0;
  #final = false;
  #isFirst = true;
  #delimiter = Uint8Array.of(semicolon);
  #state: State = 'plain';
  #quote = 0;
  #escapes = false;
  #depth = 0;
  #mayNest = false;
  /** Within a version comment that the server runs. */
  #open = false;
  /** Where it began, while nothing but blanks was read in it: one that stays so is no statement. */
  #openAt = -1;
  #begin = -1;
  #beginAt = 0;
  #beginLine = 1;
  #wordAt = -1;
  /** The first bytes of a statement that is too long to be held; null: it is held whole. */
  #head: Uint8Array | null = null;
  /** Follows a statement that may hold statements; null: it does not, undefined: its first word was not read. */
  #body: RoutineBody | null | undefined = undefined;
  /** A comment that the server runs stands in it. */
  #hidesSome = false;
  #rows = new LiteralRows();

  /** @param longest most bytes of a statement that are held */
  constructor(private readonly reading: CommentReading, private readonly longest: number) {}

  /** Gives the next bytes of the stream; they are copied. */
  push(chunk: Uint8Array): void {
    this.#dropTooLong();
    const keep = this.#begin >= 0 ? this.#begin : this.#openAt >= 0 ? this.#openAt : this.#at;
    const moved = this.#window.append(chunk, keep);
    this.#at -= moved;
    if (this.#begin >= 0) this.#begin -= moved;
    if (this.#wordAt >= 0) this.#wordAt -= moved;
    if (this.#openAt >= 0) this.#openAt -= moved;
  }

  /** There are no more bytes. */
  finish(): void {
    this.#final = true;
  }

  /** Where in the stream the scanner stands. */
  get position(): number {
    return this.#window.base + this.#at;
  }

  /** The next statement; null: there is none in what was given. */
  next(): ScannedStatement | null {
    if (this.#isFirst && !this.#skipMark()) return null;
    while (this.problem === null) {
      const found = this.#run();
      if (found === 'more') break;
      if (found !== 'on') return found;
    }
    return this.#final && this.problem === null && this.#begin >= 0 ? this.#end(this.#window.length, 0) : null;
  }

  /** The mark of UTF-8 at the beginning of a file. */
  #skipMark(): boolean {
    const { bytes, length } = this.#window;
    if (length < 3 && !this.#final) return false;
    this.#isFirst = false;
    if (length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
    return true;
  }

  #run(): ScannedStatement | 'on' | 'more' {
    switch (this.#state) {
      case 'plain':
        return this.#plain();
      case 'string':
        return this.#string();
      case 'line-comment':
        return this.#lineComment();
      case 'comment':
      case 'skipped':
        return this.#comment();
      default:
        return this.#state satisfies never;
    }
  }

  #plain(): ScannedStatement | 'on' | 'more' {
    const { bytes, length } = this.#window;
    const [{ leads }, [first]] = [this, this.#delimiter];
    while (this.#at < length) {
      const code = bytes[this.#at] ?? 0;
      const kind = kinds[code];
      if (leads?.isLead(code) === true) {
        if (this.#at + 1 >= length && !this.#final) return 'more';
        if (this.#at + 1 < length && leads.isTail(bytes[this.#at + 1] ?? 0)) {
          this.#wordBegins();
          this.#at += 2;
          continue;
        }
      }
      if (kind !== wordPart && this.#wordAt >= 0) this.#wordEnds();
      if (kind === blank) {
        this.#at += 1;
        continue;
      }
      if (kind === other && (code === slash || code === dash || code === hash || code === star)) {
        const found = this.#commentMark(code);
        if (found === 'wait') return 'more';
        if (found === 'yes') return 'on';
      }
      if (code === first || code === backslash || code === semicolon) {
        const cut = this.#cutAt(code);
        if (cut === 'wait') return 'more';
        if (cut !== null) return cut;
      }
      if (kind === wordPart) {
        if (this.#wordAt < 0) {
          const line = this.#begin < 0 && !this.#open && (code | 0x20) === 0x64 ? this.#delimiterLine() : 'no';
          if (line === 'wait') return 'more';
          if (line === 'yes') return 'on';
          this.#wordBegins();
        }
        this.#at += 1;
        continue;
      }
      this.#begins(this.#at);
      this.#at += 1;
      if (code === apostrophe || code === quotes || code === backtick) {
        this.#opensQuote(code);
        return 'on';
      }
      this.#token('mark', code);
    }
    return 'more';
  }

  /** Something that counts was read at a place. */
  #begins(place: number): void {
    const at = this.#openAt >= 0 ? this.#openAt : place;
    if (this.#openAt >= 0) {
      this.#openAt = -1;
      this.#hidesSome = true;
      this.#tracks({ kind: 'word', text: 'x' });
    }
    if (this.#begin >= 0) return;
    this.#begin = at;
    this.#beginAt = this.#window.base + at;
    this.#beginLine = this.#window.lineAt(at);
  }

  #wordBegins(): void {
    if (this.#wordAt >= 0) return;
    this.#begins(this.#at);
    this.#wordAt = this.#at;
  }

  #wordEnds(): void {
    this.#rows.word(this.#window.bytes, this.#wordAt, this.#at);
    // Of one that is followed the words count, of the others the first one.
    if (this.#body !== null && !this.#open) {
      const text = textOf(this.#window.bytes.subarray(this.#wordAt, Math.min(this.#at, this.#wordAt + headBytes)));
      this.#tracks({ kind: /^\d/.test(text) ? 'number' : 'word', text });
    }
    this.#wordAt = -1;
  }

  #token(kind: 'mark' | 'string' | 'name', code: number): void {
    if (kind === 'mark') this.#rows.mark(code);
    else this.#rows[kind]();
    if (this.#body !== null && !this.#open) this.#tracks({ kind, text: String.fromCharCode(code) });
  }

  #tracks({ kind, text }: { readonly kind: 'mark' | 'string' | 'name' | 'number' | 'word'; readonly text: string }): void {
    this.#body ??= kind === 'word' && mayHoldOthers(text) ? new RoutineBody() : null;
    this.#body?.take({ kind, text, at: 0, closed: true });
  }

  #opensQuote(code: number): void {
    const { ansiQuotes = false, noBackslashEscapes = false } = this.modes;
    const isName = code === backtick || (code === quotes && ansiQuotes);
    this.#state = 'string';
    this.#quote = code;
    this.#escapes = !isName && !noBackslashEscapes;
    this.#token(isName ? 'name' : 'string', code);
  }

  /** A quote that is doubled closes and opens: it comes to the same. */
  #string(): 'on' | 'more' {
    const [{ bytes, length }, { leads }, quote] = [this.#window, this, this.#quote];
    let at = this.#at;
    if (this.#escapes || leads !== null) {
      while (at < length) {
        const code = bytes[at] ?? 0;
        if (code === quote) break;
        const isLead = leads?.isLead(code) === true;
        const escapes = !isLead && code === backslash && this.#escapes;
        if ((isLead || escapes) && at + 1 >= length && !this.#final) {
          this.#at = at;
          return 'more';
        }
        if (escapes || (isLead && at + 1 < length && leads.isTail(bytes[at + 1] ?? 0))) at += 1;
        at += 1;
      }
    } else {
      const found = bytes.subarray(0, length).indexOf(quote, at);
      at = found === -1 ? length : found;
    }
    if (at >= length) {
      this.#at = length;
      return 'more';
    }
    this.#at = at + 1;
    this.#state = 'plain';
    return 'on';
  }

  #lineComment(): 'on' | 'more' {
    const found = this.#window.bytes.subarray(0, this.#window.length).indexOf(newline, this.#at);
    this.#at = found === -1 ? this.#window.length : found;
    if (found === -1) return 'more';
    this.#state = 'plain';
    return 'on';
  }

  /** A comment ends at its first end; one that the server skips by its version may hold others, and those none: see `executedText`. */
  #comment(): 'on' | 'more' {
    const { bytes, length } = this.#window;
    while (this.#at + 1 < length) {
      const [code, next] = [bytes[this.#at], bytes[this.#at + 1]];
      if (code === star && next === slash) {
        this.#at += 2;
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        this.#state = 'plain';
        return 'on';
      }
      if (this.#mayNest && this.#depth === 1 && this.#state === 'skipped' && code === slash && next === star) {
        this.#depth += 1;
        this.#at += 2;
      } else this.#at += 1;
    }
    if (this.#final) this.#at = length;
    return 'more';
  }

  /** Whether a comment begins here, or the end of one that is run stands here; takes it then. */
  #commentMark(code: number): Found {
    const { bytes, length } = this.#window;
    const at = this.#at;
    // The client looks for its delimiter before it looks for a comment of a line: `DELIMITER #` is in use.
    const cut = code === slash || code === star || this.#open ? 'no' : this.#delimiterHere();
    if (cut !== 'no') return cut === 'wait' ? 'wait' : 'no';
    if (code === hash) return this.#enters('line-comment', 1);
    if (length - at < (code === slash ? longestCommentStart : 3) && !this.#final) return 'wait';
    const next = at + 1 < length ? bytes[at + 1] : undefined;
    if (code === dash) {
      const after = at + 2 < length ? bytes[at + 2] ?? 0 : 0;
      return next === dash && (after <= 0x20 || after === 0x7f) ? this.#enters('line-comment', 2) : 'no';
    }
    if (code === star) {
      if (!this.#open || next !== slash) return 'no';
      this.#open = false;
      this.#openAt = -1;
      this.#at += 2;
      return 'yes';
    }
    return next === star ? this.#blockComment() : 'no';
  }

  #blockComment(): Found {
    const { bytes, length } = this.#window;
    const [, maria = '', digits] = /^\/\*(M?)!(\d{0,6})/.exec(textOf(bytes.subarray(this.#at, Math.min(length, this.#at + longestCommentStart)))) ?? [];
    this.#depth = 1;
    this.#mayNest = maria === '';
    if (digits === undefined) return this.#enters('comment', 2);
    if (digits.length === 6) this.#rows.unclear();
    const used = digits.length < 5 ? '' : digits.slice(0, this.reading.digits);
    if (maria !== '' || this.#open || !this.reading.executes(Number(used))) return this.#enters('skipped', 2);
    this.#openAt = this.#at;
    this.#open = true;
    this.#at += 3 + used.length;
    return 'yes';
  }

  #enters(state: State, length: number): Found {
    if (this.#open && state !== 'skipped') this.#begins(this.#at);
    this.#state = state;
    this.#at += length;
    return 'yes';
  }

  /** The statement that a delimiter, or `\g`, ends here; `on`: there was none before it, null: none stands here. */
  #cutAt(code: number): ScannedStatement | 'on' | 'wait' | null {
    if (this.#open) return null;
    const { bytes, length } = this.#window;
    const isWithinBody = this.#body?.isOpen === true && this.#delimiter.length === 1 && this.#delimiter[0] === semicolon;
    if (!isWithinBody) {
      const found = this.#delimiterHere();
      if (found === 'wait') return 'wait';
      if (found === 'yes') return this.#end(this.#at, this.#delimiter.length) ?? 'on';
      // Under another delimiter the server takes apart what it is sent as one.
      if (code === semicolon && !this.#hidesSome && this.#body?.isSimple !== false && !this.#isLabelled()) return this.#end(this.#at, 1) ?? 'on';
    }
    if (code !== backslash) return null;
    if (this.#at + 1 >= length) return this.#final ? null : 'wait';
    return ((bytes[this.#at + 1] ?? 0) | 0x20) === 0x67 ? this.#end(this.#at, 2) ?? 'on' : null;
  }

  #isLabelled(): boolean {
    return this.#begin >= 0 && hasLabel(textOf(this.#window.bytes.subarray(this.#begin, Math.min(this.#at, this.#begin + longestLabel))));
  }

  #delimiterHere(): Found {
    const { bytes, length } = this.#window;
    for (const [offset, code] of this.#delimiter.entries()) {
      if (this.#at + offset >= length) return this.#final ? 'no' : 'wait';
      if (bytes[this.#at + offset] !== code) return 'no';
    }
    return 'yes';
  }

  /** DELIMITER at the beginning of a statement, with the rest of its line. */
  #delimiterLine(): Found {
    const { bytes, length } = this.#window;
    for (const [offset, code] of delimiterWord.entries()) {
      if (this.#at + offset >= length) return this.#final ? 'no' : 'wait';
      if (((bytes[this.#at + offset] ?? 0) | 0x20) !== code) return 'no';
    }
    const line = bytes.subarray(this.#at, Math.min(length, this.#at + longestDelimiterLine));
    const isWhole = this.#final || line.length === longestDelimiterLine || line.some((code) => code === newline || code === 0x0d);
    if (!isWhole) return 'wait';
    const found = delimiterLine(textOf(line));
    if (found === null) return 'no';
    if (found.delimiter === null) this.problem = this.#window.lineAt(this.#at);
    else this.#delimiter = Uint8Array.from(found.delimiter, (one) => one.charCodeAt(0));
    this.#at += found.length;
    return 'yes';
  }

  /** Ends the statement under way, if there is one. */
  #end(at: number, delimiterLength: number): ScannedStatement | null {
    const { bytes } = this.#window;
    const begin = this.#begin;
    if (this.#wordAt >= 0) this.#rows.word(bytes, this.#wordAt, at);
    let end = at;
    while (end > begin && kinds[bytes[end - 1] ?? 0] === blank) end -= 1;
    const head = this.#head ?? (end - begin > this.longest ? bytes.slice(begin, begin + headBytes) : null);
    const closed = !this.#open && (this.#state === 'plain' || this.#state === 'line-comment');
    const statement: ScannedStatement = {
      bytes: head ?? bytes.subarray(begin, end), at: this.#beginAt, end: this.#window.base + end, line: this.#beginLine, whole: head === null, closed,
      rows: this.#rows.isPlain ? this.#rows.count : null,
    };
    this.#begin = -1;
    this.#wordAt = -1;
    this.#head = null;
    this.#body = undefined;
    this.#hidesSome = false;
    this.#rows = new LiteralRows();
    this.#at = at + delimiterLength;
    return begin >= 0 && end > begin ? statement : null;
  }

  /** What is longer than may be held is not held: its first bytes are. */
  #dropTooLong(): void {
    if (this.#begin < 0 || this.#at - this.#begin <= this.longest) return;
    this.#head ??= this.#window.bytes.slice(this.#begin, this.#begin + headBytes);
    this.#begin = this.#at;
    if (this.#wordAt >= 0) this.#wordAt = this.#at;
  }
}
