import { MAX_GNO, MIN_GNO } from './intervals';

/** What the text should have had where parsing stopped. */
export type GtidSetErrorReason =
  | 'uuid-expected'
  | 'tag-too-long'
  | 'tag-or-number-expected'
  | 'number-expected'
  | 'number-out-of-range'
  | 'separator-expected';

/**
 * The text is not a GTID set. `position` is the index (UTF-16 units) of the first character that does not fit;
 * it equals the text's length when the text ends too early. `near` is a short piece of the text from there.
 */
export class GtidSetError extends Error {
  override readonly name = 'GtidSetError';
  readonly reason: GtidSetErrorReason;
  readonly position: number;
  readonly near: string;

  constructor(reason: GtidSetErrorReason, position: number, text: string) {
    const near = text.slice(position, position + 40);
    super(`Malformed GTID set: ${reason} at ${position}${near === '' ? ' (end of text)' : `, near ${JSON.stringify(near)}`}`);
    this.reason = reason;
    this.position = position;
    this.near = near;
  }
}

/** One `uuid[:tag]` of the text with its half-open intervals in the order written; may repeat and may be empty. */
export interface ParsedBlock {
  /** lower case, with dashes */
  readonly uuid: string;
  /** lower case; '' is "no tag" */
  readonly tag: string;
  readonly intervals: Array<readonly [start: bigint, end: bigint]>;
}

const COMMA = 44;
const DASH = 45;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const MAX_TAG = 32;
const SECTIONS = [8, 4, 4, 4, 12] as const;

const isSpace = (c: number): boolean => (c >= 9 && c <= 13) || c === 32;
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isTagStart = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95;
const isTagPart = (c: number): boolean => isTagStart(c) || isDigit(c);
const isHex = (c: number): boolean => isDigit(c) || (c >= 97 && c <= 102) || (c >= 65 && c <= 70);

/**
 * Reads the text of a GTID set by the grammar of MySQL 9.7, a superset of what older servers print:
 *
 * ```
 * set      := ","* ( uuid_set ( ","+ uuid_set )* )? ","*
 * uuid_set := uuid ( ":" ( tag | interval ) )*
 * uuid     := 8-4-4-4-12 hex digits | the same in braces | 32 hex digits
 * tag      := [a-z_][a-z0-9_]{0,31}, in any letter case; holds until the next tag or uuid
 * interval := number ( "-" number )?        1 ≤ start, end ≤ 2^63 − 2; end < start is valid and empty
 * ```
 *
 * White space (9–13, 32) may stand around every token. Numbers are decimal, leading zeros allowed.
 * Reference: manual, "GTID Format and Storage" (GTID Sets), and the server's own GTID_SUBSET(), which the
 * integration tests compare with.
 *
 * @throws GtidSetError
 */
export function parseGtidText(text: string): ParsedBlock[] {
  return new GtidReader(text).blocks();
}

/** Reads from left to right; `#at` is the first character that is not read yet. */
class GtidReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  blocks(): ParsedBlock[] {
    const blocks: ParsedBlock[] = [];
    this.#skipSpace();
    for (;;) {
      while (this.#take(COMMA));
      if (this.#at >= this.#text.length) return blocks;
      this.#uuidSet(blocks);
      if (this.#at < this.#text.length && this.#next() !== COMMA) this.#fail('separator-expected');
    }
  }

  #uuidSet(blocks: ParsedBlock[]): void {
    let block: ParsedBlock = { uuid: this.#uuid(), tag: '', intervals: [] };
    blocks.push(block);
    while (this.#take(COLON)) {
      const c = this.#next();
      if (isTagStart(c)) {
        block = { uuid: block.uuid, tag: this.#tag(), intervals: [] };
        blocks.push(block);
      } else if (isDigit(c)) {
        block.intervals.push(this.#interval());
      } else {
        this.#fail('tag-or-number-expected');
      }
    }
  }

  #uuid(): string {
    const braces = this.#next() === OPEN_BRACE;
    if (braces) this.#at++;
    const parts = [this.#hex(SECTIONS[0])];
    const dashes = braces || this.#next() === DASH;
    for (const digits of SECTIONS.slice(1)) {
      if (dashes) this.#expect(DASH);
      parts.push(this.#hex(digits));
    }
    if (braces) this.#expect(CLOSE_BRACE);
    this.#skipSpace();
    return parts.join('-').toLowerCase();
  }

  #hex(digits: number): string {
    const start = this.#at;
    for (; this.#at < start + digits; this.#at++) if (!isHex(this.#next())) this.#fail('uuid-expected');
    return this.#text.slice(start, this.#at);
  }

  #tag(): string {
    const start = this.#at;
    while (isTagPart(this.#next())) this.#at++;
    if (this.#at - start > MAX_TAG) this.#fail('tag-too-long', start + MAX_TAG);
    const tag = this.#text.slice(start, this.#at).toLowerCase();
    this.#skipSpace();
    return tag;
  }

  #interval(): readonly [bigint, bigint] {
    const start = this.#number(MIN_GNO);
    const last = this.#take(DASH) ? this.#number(0n) : start;
    return [start, last + 1n];
  }

  #number(least: bigint): bigint {
    const start = this.#at;
    while (isDigit(this.#next())) this.#at++;
    if (this.#at === start) this.#fail('number-expected');
    let first = start;
    while (first < this.#at - 1 && this.#text.charCodeAt(first) === 48) first++;
    // Nineteen digits are enough for 2^63 − 2; longer ones are refused before they cost anything.
    if (this.#at - first > 19) this.#fail('number-out-of-range', start);
    const value = BigInt(this.#text.slice(first, this.#at));
    if (value < least || value > MAX_GNO) this.#fail('number-out-of-range', start);
    this.#skipSpace();
    return value;
  }

  /** NaN at the end, which is none of the characters that are looked for. */
  #next(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #skipSpace(): void {
    while (isSpace(this.#next())) this.#at++;
  }

  /** Takes one character and the space behind it, or leaves everything as it is. */
  #take(code: number): boolean {
    if (this.#next() !== code) return false;
    this.#at++;
    this.#skipSpace();
    return true;
  }

  #expect(code: number): void {
    if (this.#next() !== code) this.#fail('uuid-expected');
    this.#at++;
  }

  #fail(reason: GtidSetErrorReason, position = this.#at): never {
    throw new GtidSetError(reason, position, this.#text);
  }
}
