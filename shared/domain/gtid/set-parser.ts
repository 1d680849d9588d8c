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
  const blocks: ParsedBlock[] = [];
  let at = 0;

  const fail = (reason: GtidSetErrorReason, position: number): never => {
    throw new GtidSetError(reason, position, text);
  };
  const skipSpace = (): void => {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  };
  /** Takes one character and the space behind it, or leaves everything as it is. */
  const take = (code: number): boolean => {
    if (text.charCodeAt(at) !== code) return false;
    at++;
    skipSpace();
    return true;
  };
  const readHex = (digits: number): string => {
    const start = at;
    for (; at < start + digits; at++) if (!isHex(text.charCodeAt(at))) fail('uuid-expected', at);
    return text.slice(start, at);
  };
  const expect = (code: number): void => {
    if (text.charCodeAt(at) !== code) fail('uuid-expected', at);
    at++;
  };

  const readUuid = (): string => {
    const braces = text.charCodeAt(at) === OPEN_BRACE;
    if (braces) at++;
    const parts = [readHex(SECTIONS[0])];
    const dashes = braces || text.charCodeAt(at) === DASH;
    for (const digits of SECTIONS.slice(1)) {
      if (dashes) expect(DASH);
      parts.push(readHex(digits));
    }
    if (braces) expect(CLOSE_BRACE);
    skipSpace();
    return parts.join('-').toLowerCase();
  };

  const readTag = (): string => {
    const start = at;
    while (isTagPart(text.charCodeAt(at))) at++;
    if (at - start > MAX_TAG) fail('tag-too-long', start + MAX_TAG);
    const tag = text.slice(start, at).toLowerCase();
    skipSpace();
    return tag;
  };

  const readNumber = (least: bigint): bigint => {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === start) fail('number-expected', at);
    let first = start;
    while (first < at - 1 && text.charCodeAt(first) === 48) first++;
    // Nineteen digits are enough for 2^63 − 2; longer ones are refused before they cost anything.
    if (at - first > 19) fail('number-out-of-range', start);
    const value = BigInt(text.slice(first, at));
    if (value < least || value > MAX_GNO) fail('number-out-of-range', start);
    skipSpace();
    return value;
  };

  const readInterval = (): readonly [bigint, bigint] => {
    const start = readNumber(MIN_GNO);
    const last = take(DASH) ? readNumber(0n) : start;
    return [start, last + 1n];
  };

  const readUuidSet = (): void => {
    let block: ParsedBlock = { uuid: readUuid(), tag: '', intervals: [] };
    blocks.push(block);
    while (take(COLON)) {
      const c = text.charCodeAt(at);
      if (isTagStart(c)) {
        block = { uuid: block.uuid, tag: readTag(), intervals: [] };
        blocks.push(block);
      } else if (isDigit(c)) {
        block.intervals.push(readInterval());
      } else {
        fail('tag-or-number-expected', at);
      }
    }
  };

  skipSpace();
  for (;;) {
    while (take(COMMA));
    if (at >= text.length) return blocks;
    readUuidSet();
    if (at < text.length && text.charCodeAt(at) !== COMMA) fail('separator-expected', at);
  }
}
