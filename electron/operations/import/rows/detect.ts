// The form of a file of rows, as its beginning shows it. A guess is shown as one; what was chosen stands in place of it.
import { isUtf8 } from 'node:buffer';
import {
  saidNull, type EncodingConfidence, type LineEnd, type QuoteMark, type RowEncoding, type RowsForm, type RowsFormWish,
} from '../../../../shared/domain/operations/import/rows/form';
import { RecordSplitter, type RawRecord, type SplitForm } from '../../../../shared/domain/operations/import/rows/splitter';
import { markOf, shownText, textReader } from './text';

/** The beginning of a file; `whole`: it is all of it. */
export interface Head {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

/** What was found of the encoding. */
export interface FoundEncoding {
  readonly encoding: RowEncoding;
  readonly confidence: EncodingConfidence;
  readonly bom: boolean;
}

const delimiters = [',', '\t', ';', '|'] as const;
/** Records that are looked at. */
const looked = 200;

/** In which encoding a file seems to be. */
export function encodingOf({ bytes, whole }: Head): FoundEncoding {
  const mark = markOf(bytes);
  if (mark !== null) return { encoding: mark.encoding, confidence: 'certain', bom: true };
  const wide = wideOf(bytes);
  if (wide !== null) return { encoding: wide, confidence: 'likely', bom: false };
  if (bytes.every((byte) => byte < 0x80)) return { encoding: 'utf-8', confidence: whole ? 'certain' : 'likely', bom: false };
  if (isUtf8(whole ? bytes : withoutCut(bytes))) return { encoding: 'utf-8', confidence: 'likely', bom: false };
  return { encoding: seemsChinese(bytes) ? 'gb18030' : 'windows-1252', confidence: 'guess', bom: false };
}

/** A character that the end of the look cuts in two is none that is wrong. */
function withoutCut(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
    if (byte < 0x80) break;
  }
  return bytes;
}

/** Text of mostly ASCII in UTF-16 has a zero in every other byte. */
function wideOf(bytes: Uint8Array): RowEncoding | null {
  const units = Math.min(2_000, bytes.length >> 1);
  if (units < 2) return null;
  let [even, odd] = [0, 0];
  for (let at = 0; at < units * 2; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  if (odd > units * 0.4 && even < units * 0.05) return 'utf-16le';
  return even > units * 0.4 && odd < units * 0.05 ? 'utf-16be' : null;
}

/** Every byte above ASCII is one of a pair, and most pairs are of the characters that are used most (GB 2312). */
function seemsChinese(bytes: Uint8Array): boolean {
  let [pairs, common] = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) continue;
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (byte === 0x80 || byte === 0xff || next < 0x30 || next === 0xff) return false;
    pairs += 1;
    if (byte >= 0xa1 && byte <= 0xf7 && next >= 0xa1) common += 1;
    at += 1;
  }
  return pairs > 0 && common >= pairs * 0.8;
}

/** The form of a file: what is chosen, and for the rest what its beginning shows. `names`: of the columns of the table, where it is known. */
export function formOf(head: Head, wish: RowsFormWish, names: readonly string[] = []): RowsForm {
  const encoding = wish.encoding ?? encodingOf(head).encoding;
  const reader = textReader(encoding);
  const text = Buffer.concat([reader.take(head.bytes), reader.end()]);
  const lineEnd = wish.lineEnd ?? lineEndOf(text, wish.quote);
  const escape = wish.escape ?? escapeOf(text);
  const given = { encoding, lineEnd, escape };
  const best = bestOf(text, head.whole, given, wish);
  const records = recordsOf(text, head.whole, { ...given, ...best });
  const texts = records.slice(0, looked).map(({ fields }) => fields.map(({ bytes }) => shownText(bytes, encoding)));
  const header = wish.header ?? isHeader(texts, names);
  return {
    ...given, ...best, header,
    decimal: wish.decimal ?? (best.delimiter !== ',' || best.quote !== null ? decimalOf(texts.slice(header ? 1 : 0)) : 'point'),
    nulls: wish.nulls ?? [...(escape === 'backslash' ? [] : ['\\N']), ...(saysNull(records.slice(header ? 1 : 0)) ? [saidNull] : [])],
  };
}

/** A text that is NULL stands in quotes, where quotes are used; the word alone is what it says. */
function saysNull(records: readonly RawRecord[]): boolean {
  const word = Buffer.from(saidNull);
  return records.some(({ fields }) => fields.some(({ bytes, quoted }) => !quoted && word.equals(bytes)));
}

/** The records of a beginning: the last one is left out where it may be cut. */
export function recordsOf(text: Uint8Array, whole: boolean, form: SplitForm): readonly RawRecord[] {
  const splitter = new RecordSplitter(form, text.length + 1);
  const records = splitter.push(text);
  return whole ? [...records, ...splitter.end()] : records;
}

function lineEndOf(text: Uint8Array, quote: QuoteMark | null | undefined): LineEnd {
  let [lone, both, carriage] = [0, 0, 0];
  const mark = quote === null ? -1 : (quote ?? '"').charCodeAt(0);
  for (let at = 0, open = false; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === mark) open = !open;
    if (open) continue;
    if (byte === 13 && text[at + 1] === 10) both += 1;
    else if (byte === 13 && at + 1 < text.length) carriage += 1;
    else if (byte === 10 && text[at - 1] !== 13) lone += 1;
  }
  if (both > 0) return lone > 0 ? 'any' : 'crlf';
  return carriage > 0 && lone === 0 ? 'cr' : 'lf';
}

/** As a server writes it: a field that is `\N`, or a quote behind a backslash within a field. Doubled backslashes are in paths and JSON as well. */
function escapeOf(text: Uint8Array): RowsForm['escape'] {
  const plain = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  return /(?:^|[\t,;|\n])\\N(?:[\t,;|\r\n]|$)/.test(plain) || /\\"(?!\s*(?:[\t,;|\r\n]|$))/.test(plain) ? 'backslash' : 'none';
}

/** The delimiter and quote by which the records have most fields, and as many each. */
function bestOf(
  text: Uint8Array, whole: boolean, given: Omit<SplitForm, 'delimiter' | 'quote'>, wish: RowsFormWish,
): Pick<RowsForm, 'delimiter' | 'quote'> {
  const quotes: readonly (QuoteMark | null)[] = wish.quote === undefined ? ['"', "'", null] : [wish.quote];
  let best: { readonly form: Pick<RowsForm, 'delimiter' | 'quote'>; readonly score: number } | null = null;
  for (const delimiter of wish.delimiter === undefined ? delimiters : [wish.delimiter]) {
    for (const quote of quotes) {
      const form = { delimiter, quote };
      const score = scoreOf(recordsOf(text, whole, { ...given, ...form }).slice(0, looked), quote);
      if (best === null || score > best.score) best = { form, score };
    }
  }
  return best?.form ?? { delimiter: ',', quote: '"' };
}

function scoreOf(records: readonly RawRecord[], quote: QuoteMark | null): number {
  const full = records.filter(({ raw }) => raw.length > 0);
  const width = full[0]?.fields.length ?? 0;
  if (width === 0) return 0;
  const same = full.filter(({ fields, why }) => fields.length === width && why === null).length / full.length;
  const quoted = full.some(({ fields }) => fields.some((field) => field.quoted));
  // A quote that encloses nothing speaks neither for itself nor against; the usual one then, unless another one stands around every text.
  const taste = quote === '"' ? (quoted ? 0.04 : 0.02) : quote === null || !quoted ? 0 : areTextsQuoted(full) ? 0.03 : 0.01;
  return same * same * (width > 1 ? 1 + Math.log2(width) : 0.5) + taste;
}

const plainField = /^\s*(?:[-+]?[\d.,]*(?:[eE][-+]?\d+)?|\\N|NULL|\d{4}-\d\d-\d\d.*)\s*$/;

/** Whether the texts are quoted: fields that are neither numbers nor days nor NULL, behind the first record, which may name columns. */
function areTextsQuoted(records: readonly RawRecord[]): boolean {
  const fields = (records.length > 1 ? records.slice(1) : records).flatMap((record) => record.fields);
  const texts = fields.filter(({ bytes, quoted }) => quoted || !plainField.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1')));
  return texts.filter(({ quoted }) => quoted).length > texts.length * 0.5;
}

/** The first record names columns: each of its fields is a text of its own, and none a number. */
function isHeader(texts: readonly (readonly string[])[], names: readonly string[]): boolean {
  const [first, ...rest] = texts;
  if (first === undefined || first.some((text) => text.trim() === '') || new Set(first).size < first.length) return false;
  const known = new Set(names.map((name) => name.toLowerCase()));
  const matching = first.filter((text) => known.has(text.trim().toLowerCase())).length;
  if (known.size > 0 && matching * 2 >= first.length) return true;
  if (first.some((text) => /^[-+]?[\d.,]+$/.test(text.trim()) || /^\d{4}-\d\d-\d\d/.test(text) || text === '\\N')) return false;
  return rest.length > 0 && first.some((_text, i) => rest.every((row) => /^(?:\s*[-+]?\d[\d.,]*\s*|\d{4}-\d\d-\d\d.*|)$/.test(row[i] ?? '')));
}

function decimalOf(rows: readonly (readonly string[])[]): RowsForm['decimal'] {
  const all = rows.flat();
  // 1,000 may be a thousand: it proves nothing.
  const commas = all.filter((text) => /^\s*[-+]?\d+,\d+\s*$/.test(text) && !/^\s*[-+]?\d{1,3},\d{3}\s*$/.test(text)).length;
  const points = all.filter((text) => /^\s*[-+]?\d+\.\d+\s*$/.test(text)).length;
  return commas > points ? 'comma' : 'point';
}
