const [open, close, colon, semicolon, at] = [0x28, 0x29, 0x3a, 0x3b, 0x40];
/** Words behind which more than literals may stand. */
const others = new Set(['SELECT', 'TABLE', 'WITH', 'SET', 'DUPLICATE', 'UPDATE']);
/** Words before the parenthesis of a row. */
const ofRows = new Set(['VALUES', 'VALUE', 'ROW']);
const longestWord = 'DUPLICATE'.length;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isNull = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at === 4 && [0x6e, 0x75, 0x6c, 0x6c].every((letter, offset) => ((bytes[at + offset] ?? 0) | 0x20) === letter);

/**
 * Follows the tokens of an INSERT and says whether it is rows of literals and nothing else: then its first words tell all of it. A name before a
 * parenthesis is a call, but for the table before its columns.
 */
export class LiteralRows {
  isPlain = true;
  /** Of them so far. */
  count = 0;
  #depth = 0;
  #hasColumns = false;
  #before: 'name' | 'rows' | 'other' = 'other';

  /** A word, or a number, that stands in bytes. */
  word(bytes: Uint8Array, at: number, end: number): void {
    if (!this.isPlain) return;
    this.#before = 'other';
    if (isDigit(bytes[at] ?? 0)) {
      // `1e5` and `0xFF` are numbers, `1f` is a name; before a parenthesis each of them is one.
      this.#before = 'name';
      return;
    }
    if (isNull(bytes, at, end)) return;
    const text = end - at > longestWord ? '' : String.fromCharCode(...bytes.subarray(at, end)).toUpperCase();
    if (others.has(text)) this.isPlain = false;
    // Within a row such a word calls something.
    this.#before = ofRows.has(text) && this.#depth === 0 ? 'rows' : 'name';
  }

  /** A name in quotes. */
  name(): void {
    this.#before = 'name';
  }

  /** Something was met that servers may take in several ways. */
  unclear(): void {
    this.isPlain = false;
  }

  string(): void {
    this.#before = 'other';
  }

  mark(code: number): void {
    if (code === open) {
      if (this.#before === 'name') {
        if (this.#depth > 0 || this.#hasColumns) this.isPlain = false;
        this.#hasColumns = true;
      } else if (this.#depth === 0) this.count += 1;
      this.#depth += 1;
    } else if (code === close) this.#depth -= 1;
    // A variable is read, or set by `:=`; behind a semicolon is another statement, whatever the delimiter is.
    else if (code === colon || code === semicolon || code === at) this.isPlain = false;
    this.#before = 'other';
  }
}
