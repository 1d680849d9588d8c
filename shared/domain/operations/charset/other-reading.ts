/** What MySQL's latin1 (cp1252) has between 0x80 and 0x9f; the five that cp1252 leaves open are the control characters of that number. */
const upper = '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090'
  + '\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';
const bytesOfUpper = new Map([...upper].map((character, at) => [character, 0x80 + at]));

/**
 * The other reading of a text whose characters, each taken for the byte that it is in latin1, are UTF-8: what somebody wrote through a
 * connection that called its UTF-8 latin1. null: it has no such reading, and is what it says.
 */
export function otherReading(text: string): string | null {
  // eslint-disable-next-line no-control-regex -- plain ASCII reads one way only
  if (/^[\u0000-\u007f]*$/.test(text)) return null;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const byte = code < 0x80 || (code >= 0xa0 && code <= 0xff) ? code : bytesOfUpper.get(text.charAt(at));
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return fromUtf8(bytes);
}

/** A text of UTF-8; null: the bytes are none. Overlong forms, surrogates and what is past U+10FFFF are none. */
function fromUtf8(bytes: readonly number[]): string | null {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > bytes.length) return null;
    let point = length === 1 ? first : first & (0x7f >> length);
    for (const next of bytes.slice(at + 1, at + length)) {
      if ((next & 0xc0) !== 0x80) return null;
      point = (point << 6) | (next & 0x3f);
    }
    const least = [0, 0, 0x80, 0x800, 0x1_0000][length] ?? 0;
    if (point < least || point > 0x10_ffff || (point >= 0xd800 && point < 0xe000)) return null;
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** Both readings of one value. */
interface TwoReadings {
  readonly kept: string;
  readonly other: string;
}

/** What a look at the texts of a column that are not plain ASCII found. */
export interface SuspiciousText {
  readonly database: string;
  readonly table: string;
  readonly column: string;
  /** How many values were looked at, and how many of them have another reading. */
  readonly looked: number;
  readonly suspicious: number;
  readonly samples: readonly TwoReadings[];
}
