// Character sets in which a quote's neighbours, a backslash or a backtick may be the second byte of a character: GBK and its like. As the server's own
// scanner takes them: two bytes are one character where both are what such a pair may be, and two characters else.
import type { SqlModes } from '../../sql/tokens';

/** Which bytes begin a character of two, and which end one; a text of them is bytes, one to a character. */
export interface LeadBytes {
  isLead(byte: number): boolean;
  isTail(byte: number): boolean;
}

const within = (byte: number, ...ranges: readonly (readonly [number, number])[]): boolean => ranges.some(([from, to]) => byte >= from && byte <= to);

const gbk: LeadBytes = { isLead: (byte) => within(byte, [0x81, 0xfe]), isTail: (byte) => within(byte, [0x40, 0x7e], [0x80, 0xfe]) };
const sjis: LeadBytes = { isLead: (byte) => within(byte, [0x81, 0x9f], [0xe0, 0xfc]), isTail: (byte) => within(byte, [0x40, 0x7e], [0x80, 0xfc]) };
const big5: LeadBytes = { isLead: (byte) => within(byte, [0xa1, 0xf9]), isTail: (byte) => within(byte, [0x40, 0x7e], [0xa1, 0xfe]) };
/** Of GB 18030 a character of four bytes has digits in it, which no part of the grammar is looked for in. */
const byName: ReadonlyMap<string, LeadBytes> = new Map([['gbk', gbk], ['gb18030', gbk], ['sjis', sjis], ['cp932', sjis], ['big5', big5]]);

/** Those of a character set, or of that of a collation; null: it has none that matter. */
export const leadBytesOf = (name: string): LeadBytes | null => byName.get(name.toLowerCase().split('_', 1)[0] ?? '') ?? null;

/** In which a file may be said to begin: what `mysql --default-character-set` takes of them. */
export const startCharacters = ['utf8mb4', 'gbk', 'gb18030', 'big5', 'sjis', 'cp932', 'latin1', 'binary'] as const;
export type StartCharacters = (typeof startCharacters)[number];

const [backslash, quotes, apostrophe, backtick] = [0x5c, 0x22, 0x27, 0x60];
const [hash, dash, slash, star] = [0x23, 0x2d, 0x2f, 0x2a];

const beginsComment = (code: number, next: number): boolean => code === hash || (code === dash && next === dash) || (code === slash && next === star);

/**
 * A text in which no byte of a character beyond ASCII is one of ASCII, of the same length: for whoever looks for the grammar in it. null: a backslash stands
 * before such a character, and whether it escapes the half of it is not known: outside of texts and names, and behind what may begin a comment, which may
 * hold quotes that begin nothing.
 */
export function withoutTails(
  text: string, { isLead, isTail }: LeadBytes, { noBackslashEscapes = false, ansiQuotes = false }: Pick<SqlModes, 'noBackslashEscapes' | 'ansiQuotes'>,
): string | null {
  const parts: string[] = [];
  let [from, quote, mayBeComment] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) {
      if (code === backslash && !noBackslashEscapes) {
        if ((quote === 0 || mayBeComment) && isLead(text.charCodeAt(at + 1))) return null;
        if (quote !== backtick && !(quote === quotes && ansiQuotes)) at += 1;
      } else if (quote === 0 && beginsComment(code, text.charCodeAt(at + 1))) mayBeComment = true;
      else if (quote === 0 && (code === apostrophe || code === quotes || code === backtick)) quote = code;
      else if (code === quote) quote = 0;
      continue;
    }
    const next = text.charCodeAt(at + 1);
    if (!isLead(code) || !isTail(next)) continue;
    if (next < 0x80) {
      parts.push(text.slice(from, at + 1), String.fromCharCode(next | 0x80));
      from = at + 2;
    }
    at += 1;
  }
  return parts.length === 0 ? text : `${parts.join('')}${text.slice(from)}`;
}
