/**
 * What the text of a value is, as the source sends it:
 *
 * - `number`: digits, an exact whole number.
 * - `text`: printed values that hold no special character (decimals, floats, dates).
 * - `bytes`: any bytes, in no character set.
 * - `json`: any bytes, in utf8mb4.
 * - `hex`: hexadecimal digits that stand for bytes.
 * - `document`, `patch`: two values that become one, in an INSERT only. A document as `json`, and SQL of what is to be put into it:
 *   `, path, value` once or more often.
 * - `hash`: eight bytes that are added up and not written; the last one, if there is one.
 */
export type ValueKind = 'number' | 'text' | 'bytes' | 'json' | 'hex' | 'document' | 'patch' | 'hash';

/** How a value of one column is written. */
export interface ColumnForm {
  readonly before: Buffer;
  readonly after: Buffer;
  /** All of it, where the value is NULL. */
  readonly nothing: Buffer;
  /** May hold any byte: a backslash goes before the special ones. */
  readonly escaped: boolean;
  /** Nothing of it is written. */
  readonly hidden: boolean;
}

/** The text that rows become on their way into the target. */
export interface RowForm {
  /** Before the first row of a batch. */
  readonly head: Buffer;
  /** Between two rows. */
  readonly between: Buffer;
  /** After each row. */
  readonly end: Buffer;
  readonly columns: readonly ColumnForm[];
  /** Bytes of a value that a backslash goes before. */
  readonly special: readonly number[];
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const [tab, newline, quote, backslash] = [0x09, 0x0a, 0x27, 0x5c] as const;

const unwritten: ColumnForm = { before: bytes(''), after: bytes(''), nothing: bytes(''), escaped: false, hidden: true };

function mayHoldAnyByte(kind: ValueKind): boolean {
  return kind === 'bytes' || kind === 'json' || kind === 'document';
}

/** The lines that LOAD DATA reads by its defaults: values between tabs, `\N` for NULL. */
export function loadForm(kinds: readonly ValueKind[]): RowForm {
  const columns = kinds.map((kind, position) => {
    if (kind === 'hash') return unwritten;
    const before = position === 0 ? '' : '\t';
    return { before: bytes(before), after: bytes(''), nothing: bytes(`${before}\\N`), escaped: mayHoldAnyByte(kind), hidden: false };
  });
  return { head: bytes(''), between: bytes(''), end: bytes('\n'), columns, special: [tab, newline, backslash] };
}

/** An introducer keeps the server from reading bytes as text of the connection's character set. Manual: "Character Set Introducers". */
const quotes: Readonly<Record<Exclude<ValueKind, 'hash'>, readonly [string, string]>> = {
  number: ['', ''], text: ["'", "'"], bytes: ["_binary'", "'"], json: ["_utf8mb4'", "'"], hex: ["X'", "'"],
  document: ["JSON_REPLACE(_utf8mb4'", "'"], patch: ['', ')'],
};

/** What stands for NULL. Where the patch came to nothing the server refuses the statement: a document without its types is no copy. */
const nothingFor: Readonly<Partial<Record<ValueKind, string>>> = { document: 'JSON_REPLACE(NULL', patch: ')' };

/**
 * The packets of a statement that inserts many rows. Right for sessions without NO_BACKSLASH_ESCAPES whose character set
 * has neither quote nor backslash inside a longer character (utf8mb4 has not).
 *
 * @param statement up to and with VALUES
 */
export function insertForm(statement: string, kinds: readonly ValueKind[]): RowForm {
  const columns = kinds.map((kind, position) => {
    if (kind === 'hash') return unwritten;
    const [before, after] = quotes[kind];
    const separator = kind === 'patch' ? '' : position === 0 ? '(' : ',';
    const nothing = bytes(separator + (nothingFor[kind] ?? 'NULL'));
    return { before: bytes(separator + before), after: bytes(after), nothing, escaped: mayHoldAnyByte(kind), hidden: false };
  });
  const command = Buffer.concat([Buffer.from([queryCommand]), Buffer.from(statement, 'utf8')]);
  return { head: command, between: bytes(','), end: bytes(')'), columns, special: [quote, backslash] };
}

/** COM_QUERY: the first byte of a packet that holds a statement. */
export const queryCommand = 3;

/** The byte before each value but the first, where that is all that a row has beside its values and its end; null: there is more. */
export function separatorOf({ between, columns }: RowForm): number | null {
  const [first, ...others] = columns.filter(({ hidden }) => !hidden);
  const [separator] = others[0]?.before ?? [0];
  if (between.length > 0 || first === undefined || first.before.length > 0 || separator === undefined) return null;
  const isPlain = columns.every(({ after }) => after.length === 0) && others.every(({ before }) => before.length === 1 && before[0] === separator);
  return isPlain ? separator : null;
}
