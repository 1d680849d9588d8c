/** Character sets that a decoder of the platform reads as MySQL does. */
const decoders: Readonly<Record<string, string>> = {
  utf8mb4: 'utf-8', utf8mb3: 'utf-8', utf8: 'utf-8', ascii: 'utf-8', latin2: 'iso-8859-2', latin5: 'windows-1254', latin7: 'iso-8859-13',
  greek: 'iso-8859-7', hebrew: 'iso-8859-8', cp1250: 'windows-1250', cp1251: 'windows-1251', cp1256: 'windows-1256', cp1257: 'windows-1257', cp866: 'ibm866',
  koi8r: 'koi8-r', koi8u: 'koi8-u', macroman: 'macintosh', tis620: 'windows-874', gbk: 'gbk', gb2312: 'gbk', gb18030: 'gb18030', big5: 'big5',
  sjis: 'shift_jis', cp932: 'shift_jis', ujis: 'euc-jp', eucjpms: 'euc-jp', euckr: 'euc-kr', ucs2: 'utf-16be', utf16: 'utf-16be', utf16le: 'utf-16le',
};

/** Bytes as `0x…`, the form in which SQL takes them back. */
export function hexText(bytes: Buffer): string {
  return `0x${bytes.toString('hex').toUpperCase()}`;
}

/** Bytes of a character set as text; as hexadecimal where the set is not known, or the bytes are none of it. */
export function decodeText(bytes: Buffer, charset: string | null): string {
  if (charset === 'utf32') return utf32(bytes);
  if (charset === 'latin1') return latin1(bytes);
  const encoding = charset === null ? undefined : decoders[charset];
  if (encoding === undefined) return hexText(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return hexText(bytes);
  }
}

/** What MySQL's latin1 (cp1252) has at 0x80 … 0x9F. The platform's decoder of that name leaves them as control characters. */
const cp1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\u0080-\u009f]/g, (character) => cp1252[character.charCodeAt(0) - 0x80] as string);
}

function utf32(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) return hexText(bytes);
  const points = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i));
  return points.every((point) => point <= 0x10ffff) ? String.fromCodePoint(...points) : hexText(bytes);
}
