// Bytes of a file cut into records and fields by one set of rules, whatever its encoding: values stay the bytes that they are.
// The rules are those of LOAD DATA with FIELDS OPTIONALLY ENCLOSED BY, but for what follows a closing quote, which is refused and not guessed at.
import type { RowRefusal, RowsForm } from './form';

/** One field: `quoted` tells an empty text from an empty field, `isNull` that `\N` stood there. */
export interface RawField {
  readonly bytes: Uint8Array;
  readonly quoted: boolean;
  readonly isNull: boolean;
}

/** One record, from byte `at` up to `end`, its line end included. */
export interface RawRecord {
  readonly at: number;
  readonly end: number;
  /** On which it begins, from 1 on. */
  readonly line: number;
  readonly fields: readonly RawField[];
  /** As it stands in the file, without its line end. */
  readonly raw: Uint8Array;
  readonly why: Extract<RowRefusal, 'quote-unclosed' | 'quote-inside' | 'too-long'> | null;
  /** Nothing behind it can be told apart. */
  readonly last: boolean;
}

export type SplitForm = Pick<RowsForm, 'delimiter' | 'quote' | 'escape' | 'lineEnd' | 'encoding'>;

const [tab, lf, cr, backslash] = [9, 10, 13, 92];
/** What a letter behind a backslash stands for; any other stands for itself. */
const escaped: ReadonlyMap<number, number> = new Map([[0x6e, lf], [0x74, tab], [0x72, cr], [0x62, 8], [0x30, 0], [0x5a, 26]]);

/** Cuts bytes that come in pieces. */
export class RecordSplitter {
  #held: Uint8Array = new Uint8Array(0);
  /** Where the bytes that are held begin in the file. */
  #base: number;
  #line = 1;
  /** With fewer bytes than so it was tried already. */
  #enough = 0;
  #ended = false;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #isWide: boolean;

  /**
   * @param longest bytes of a record at most
   * @param base where in the file the first byte that comes stands
   */
  constructor(private readonly form: SplitForm, private readonly longest: number, base = 0) {
    this.#base = base;
    this.#delimiter = form.delimiter.charCodeAt(0);
    this.#quote = form.quote === null ? -1 : form.quote.charCodeAt(0);
    this.#escape = form.escape === 'backslash' ? backslash : -1;
    this.#isWide = form.encoding === 'gbk' || form.encoding === 'gb18030';
  }

  /** The records that end within these bytes and those before them. */
  push(bytes: Uint8Array): readonly RawRecord[] {
    if (this.#ended) return [];
    this.#held = joined(this.#held, bytes);
    // A record that is not whole yet is tried again once there is twice as much of it.
    return this.#held.length < this.#enough ? [] : this.#take(false);
  }

  /** What is left once no more bytes come. */
  end(): readonly RawRecord[] {
    return this.#ended ? [] : this.#take(true);
  }

  #take(final: boolean): readonly RawRecord[] {
    const records: RawRecord[] = [];
    let from = 0;
    while (from < this.#held.length && !this.#ended) {
      const record = this.#record(from, final) ?? (this.#held.length - from > this.longest ? this.#tooLong(from) : null);
      if (record === null) break;
      this.#ended = record.last;
      records.push(record);
      this.#line += this.#linesIn(from, record.end - this.#base);
      from = record.end - this.#base;
    }
    this.#held = this.#held.subarray(from);
    this.#base += from;
    this.#enough = this.#held.length * 2;
    return records;
  }

  /** The record that begins there; null: it does not end within what is held. */
  #record(from: number, final: boolean): RawRecord | null {
    const cut = new Cut(this.#held, from, final, this.form.lineEnd, this.#delimiter, this.#quote, this.#escape, this.#isWide);
    if (!cut.whole) return null;
    const size = cut.content - from;
    if (size > this.longest) return this.#tooLong(from, cut.at);
    return this.#told(from, cut.at, cut.content, cut.fields, cut.why, cut.why === 'quote-unclosed');
  }

  #tooLong(from: number, to?: number): RawRecord {
    // Where it ends is not known: no byte behind it can be told to be of another.
    const end = to ?? this.#held.length;
    return this.#told(from, end, from, [], 'too-long', to === undefined);
  }

  #told(from: number, end: number, content: number, fields: readonly RawField[], why: RawRecord['why'], last: boolean): RawRecord {
    return { at: this.#base + from, end: this.#base + end, line: this.#line, fields, raw: this.#held.subarray(from, content), why, last };
  }

  #linesIn(from: number, to: number): number {
    const mark = this.form.lineEnd === 'cr' ? cr : lf;
    let count = 0;
    for (let at = this.#held.indexOf(mark, from); at >= 0 && at < to; at = this.#held.indexOf(mark, at + 1)) count += 1;
    return count;
  }
}

/** One record as it is cut out. */
class Cut {
  readonly fields: RawField[] = [];
  why: RawRecord['why'] = null;
  whole = false;
  /** Behind what was read so far; at the end: behind the line end. */
  at: number;
  /** Behind the last byte that is not of the line end. */
  content: number;
  #bytes: number[] = [];
  #copied = false;

  constructor(
    private readonly b: Uint8Array, from: number, private readonly final: boolean, private readonly lineEnd: RowsForm['lineEnd'],
    private readonly delimiter: number, private readonly quote: number, private readonly escape: number, private readonly isWide: boolean,
  ) {
    this.at = from;
    this.content = from;
    for (let more = true; more;) {
      const next = this.#field();
      if (next === 'cut') return;
      more = next === 'more';
    }
    this.whole = true;
  }

  #field(): 'more' | 'end' | 'cut' {
    const isQuoted = this.at < this.b.length && this.b[this.at] === this.quote;
    return isQuoted ? this.#quoted() : this.#open(this.at, false);
  }

  /** How many bytes end the line there: 0 none, -1 cannot be told yet. */
  #lineEndAt(at: number): number {
    const here = this.b[at];
    switch (this.lineEnd) {
      case 'cr':
        return here === cr ? 1 : 0;
      case 'lf':
        return here === lf ? 1 : 0;
      case 'any':
      case 'crlf':
        if (here === lf && this.lineEnd === 'any') return 1;
        if (here !== cr) return 0;
        if (at + 1 < this.b.length) return this.b[at + 1] === lf ? 2 : 0;
        return this.final ? 0 : -1;
      default:
        return this.lineEnd satisfies never;
    }
  }

  /** A field without quotes, or what stands behind a closing quote. */
  #open(start: number, isTail: boolean): 'more' | 'end' | 'cut' {
    const { b, delimiter, escape, isWide } = this;
    const mayEnd = (byte: number | undefined): boolean => byte === lf || byte === cr;
    let [at, from, isNull] = [this.at, start, false];
    this.#begin();
    for (; at < b.length; at += 1) {
      const byte = b[at];
      if (byte === delimiter) {
        this.#keep(from, at, false, isNull, isTail);
        this.at = at + 1;
        return 'more';
      }
      if (mayEnd(byte)) {
        const length = this.#lineEndAt(at);
        if (length < 0) return 'cut';
        if (length > 0) return this.#ends(at, length, from, isNull, isTail);
      } else if (byte === escape) {
        if (at + 1 >= b.length) {
          if (!this.final) return 'cut';
          continue;
        }
        this.#copy(from, at);
        isNull ||= b[at + 1] === 0x4e;
        at = this.#unescape(at + 1);
        from = at + 1;
      } else if (isWide && byte !== undefined && byte >= 0x81 && byte <= 0xfe) {
        if (at + 1 >= b.length && !this.final) return 'cut';
        if (isTrail(b[at + 1])) at += 1;
      }
    }
    return this.final ? this.#ends(b.length, 0, from, isNull, isTail) : 'cut';
  }

  #quoted(): 'more' | 'end' | 'cut' {
    const { b, quote, escape, isWide } = this;
    let [at, from, isNull] = [this.at + 1, this.at + 1, false];
    this.#begin();
    for (; at < b.length; at += 1) {
      const byte = b[at];
      if (byte === quote) {
        if (at + 1 >= b.length && !this.final) return 'cut';
        if (b[at + 1] === quote) {
          this.#copy(from, at + 1);
          at += 1;
          from = at + 1;
        } else return this.#closed(from, at, isNull);
      } else if (byte === escape) {
        if (at + 1 >= b.length) break;
        this.#copy(from, at);
        isNull ||= b[at + 1] === 0x4e;
        at = this.#unescape(at + 1);
        from = at + 1;
      } else if (isWide && byte !== undefined && byte >= 0x81 && byte <= 0xfe && isTrail(b[at + 1])) at += 1;
    }
    if (!this.final) return 'cut';
    this.why = 'quote-unclosed';
    this.#keep(from, b.length, true, isNull, false);
    this.at = b.length;
    this.content = b.length;
    return 'end';
  }

  /** Behind a closing quote only a delimiter or the end of the line may stand. */
  #closed(from: number, quoteAt: number, isNull: boolean): 'more' | 'end' | 'cut' {
    const next = quoteAt + 1;
    this.#keep(from, quoteAt, true, isNull, false);
    this.at = next;
    if (next >= this.b.length) return this.final ? this.#atEnd(next, 0) : 'cut';
    if (this.b[next] === this.delimiter) {
      this.at = next + 1;
      return 'more';
    }
    const length = this.#lineEndAt(next);
    if (length < 0) return 'cut';
    if (length > 0) return this.#atEnd(next, length);
    this.why ??= 'quote-inside';
    return this.#open(next, true);
  }

  #ends(at: number, length: number, from: number, isNull: boolean, isTail: boolean): 'end' {
    this.#keep(from, at, false, isNull, isTail);
    return this.#atEnd(at, length);
  }

  #atEnd(at: number, length: number): 'end' {
    this.content = at;
    this.at = at + length;
    return 'end';
  }

  #begin(): void {
    this.#bytes = [];
    this.#copied = false;
  }

  #copy(from: number, to: number): void {
    this.#copied = true;
    for (let at = from; at < to; at += 1) this.#bytes.push(this.b[at] ?? 0);
  }

  /** Takes the byte behind a backslash, or the whole of a wide character there; where the last of it stands. */
  #unescape(at: number): number {
    const byte = this.b[at] ?? 0;
    this.#bytes.push(escaped.get(byte) ?? byte);
    if (!this.isWide || byte < 0x81 || byte > 0xfe || !isTrail(this.b[at + 1])) return at;
    this.#bytes.push(this.b[at + 1] ?? 0);
    return at + 1;
  }

  #keep(from: number, to: number, quoted: boolean, hasN: boolean, isTail: boolean): void {
    if (isTail) return;
    if (this.#copied) this.#copy(from, to);
    const bytes = this.#copied ? Uint8Array.from(this.#bytes) : this.b.subarray(from, to);
    this.fields.push({ bytes, quoted, isNull: hasN && bytes.length === 1 });
  }
}

/** Of a character of GBK or GB 18030 the second byte; of four bytes each half is taken as one of two. */
function isTrail(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x40 && byte <= 0xfe && byte !== 0x7f) || (byte >= 0x30 && byte <= 0x39));
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
