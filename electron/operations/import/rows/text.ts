// The text of a file of rows in its own encoding; UTF-16, whose bytes no server takes, is made UTF-8 as it is read.
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { ImportFile } from '../../../../shared/domain/operations/import/plan';
import type { RowEncoding } from '../../../../shared/domain/operations/import/rows/form';
import { plainBytes, type PlainBytes } from '../source';

/** Byte order marks, the longest first. */
const marks: readonly (readonly [RowEncoding, readonly number[]])[] = [['utf-8', [0xef, 0xbb, 0xbf]], ['utf-16le', [0xff, 0xfe]], ['utf-16be', [0xfe, 0xff]]];

/** The encoding that the first bytes of a file name; null: they name none. */
export function markOf(head: Uint8Array): { readonly encoding: RowEncoding; readonly length: number } | null {
  const found = marks.find(([, mark]) => mark.every((byte, i) => head[i] === byte));
  return found === undefined ? null : { encoding: found[0], length: found[1].length };
}

/** What the server calls the character set of what is read here. */
export const charsetOf: Readonly<Record<RowEncoding, 'utf8mb4' | 'latin1' | 'gbk' | 'gb18030'>> = {
  'utf-8': 'utf8mb4', 'utf-16le': 'utf8mb4', 'utf-16be': 'utf8mb4', 'windows-1252': 'latin1', gbk: 'gbk', gb18030: 'gb18030',
};

/**
 * The text of a file piece by piece, without a byte order mark.
 *
 * @throws Failure as `plainBytes`
 */
export async function* textBytes(file: ImportFile, encoding: RowEncoding, signal: AbortSignal | undefined): AsyncGenerator<PlainBytes> {
  const reader = textReader(encoding);
  for await (const { bytes, stored } of plainBytes(file, signal)) yield { bytes: reader.take(bytes), stored };
  yield { bytes: reader.end(), stored: file.size };
}

/** Takes the bytes of a file in pieces and gives those of its text. */
export interface TextReader {
  take(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** A reader of an encoding; a byte order mark of another is text like any other. */
export function textReader(encoding: RowEncoding): TextReader {
  const isWide = encoding === 'utf-16le' || encoding === 'utf-16be';
  return new MarkedReader(encoding, isWide ? new WideText(encoding === 'utf-16be') : { take: (bytes) => bytes, end: () => new Uint8Array(0) });
}

/** Takes a byte order mark away, which may come in pieces too. */
class MarkedReader implements TextReader {
  #head: Uint8Array | null = new Uint8Array(0);

  constructor(private readonly encoding: RowEncoding, private readonly text: TextReader) {}

  take(bytes: Uint8Array): Uint8Array {
    if (this.#head === null) return this.text.take(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    return this.#head.length < 3 ? new Uint8Array(0) : this.#begin(this.#head);
  }

  end(): Uint8Array {
    const begun = this.#head === null ? new Uint8Array(0) : this.#begin(this.#head);
    return Buffer.concat([begun, this.text.end()]);
  }

  #begin(head: Uint8Array): Uint8Array {
    this.#head = null;
    const mark = markOf(head);
    return this.text.take(mark?.encoding === this.encoding ? head.subarray(mark.length) : head);
  }
}

/** UTF-16 as UTF-8; a half of a pair alone becomes bytes that are no UTF-8, so that its row is refused and not another text. */
class WideText implements TextReader {
  #odd: Uint8Array = new Uint8Array(0);

  constructor(private readonly swapped: boolean) {}

  take(bytes: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#odd, bytes]);
    let length = all.length - (all.length % 2);
    // The first half of a pair waits for the other.
    const high = length < 2 ? 0 : (all[length - (this.swapped ? 2 : 1)] ?? 0);
    if (length >= 2 && high >= 0xd8 && high <= 0xdb) length -= 2;
    this.#odd = all.subarray(length);
    return this.#encoded(all.subarray(0, length));
  }

  end(): Uint8Array {
    const left = this.#odd;
    this.#odd = new Uint8Array(0);
    return left.length % 2 === 0 ? this.#encoded(Buffer.from(left)) : Buffer.concat([this.#encoded(Buffer.from(left.subarray(0, -1))), Buffer.from([0xff])]);
  }

  #encoded(units: Buffer): Uint8Array {
    const text = (this.swapped ? Buffer.from(units).swap16() : units).toString('utf16le');
    return /\p{Surrogate}/u.test(text) ? Buffer.concat([...text].map(utf8Of)) : Buffer.from(text);
  }
}

function utf8Of(character: string): Buffer {
  const code = character.codePointAt(0) ?? 0;
  return code < 0xd800 || code > 0xdfff ? Buffer.from(character) : Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

/** Whether bytes of a text as it is read are text in its encoding. */
export function isText(bytes: Uint8Array, encoding: RowEncoding): boolean {
  switch (encoding) {
    case 'utf-8':
    case 'utf-16le':
    case 'utf-16be':
      return isUtf8(bytes);
    case 'windows-1252':
      return true;
    case 'gbk':
      return isAscii(bytes) || (isPairs(bytes) && !iconv.decode(Buffer.from(bytes), 'gbk').includes('\u{fffd}'));
    case 'gb18030':
      return isAscii(bytes) || !iconv.decode(Buffer.from(bytes), 'gb18030').includes('\u{fffd}');
    default:
      return encoding satisfies never;
  }
}

/** The server's GBK has nothing but pairs above ASCII. */
function isPairs(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) continue;
    const next = bytes[at + 1] ?? 0;
    if (byte === 0x80 || byte === 0xff || next < 0x40 || next === 0x7f || next === 0xff) return false;
    at += 1;
  }
  return true;
}

const nameOf = (encoding: RowEncoding): string => ({ utf8mb4: 'utf8', latin1: 'windows-1252', gbk: 'gbk', gb18030: 'gb18030' })[charsetOf[encoding]];

/** Bytes of a text as it is read for the eye: what is no text is shown as such. */
export function shownText(bytes: Uint8Array, encoding: RowEncoding): string {
  return iconv.decode(Buffer.from(bytes), nameOf(encoding), { stripBOM: false });
}

/** A text in its bytes as it is read, one to a character. */
export function encodedText(text: string, encoding: RowEncoding): string {
  return iconv.encode(text, nameOf(encoding)).toString('latin1');
}
