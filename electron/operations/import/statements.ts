import type { ImportFile } from '../../../shared/domain/operations/import/plan';
import type { DumpPart } from '../../../shared/domain/operations/import/parts';
import { whereMissing } from '../../../shared/domain/operations/import/folder';
import { ImportJudge, type JudgeOptions } from '../../../shared/domain/operations/import/judge';
import { loadTermsIn, type LoadTerms } from '../../../shared/domain/operations/import/load';
import { fromBytes } from '../../../shared/domain/operations/import/names';
import { StatementScanner } from '../../../shared/domain/operations/import/scanner';
import type { ObjectName, RefusedReason, Verdict } from '../../../shared/domain/operations/import/verdict';
import { failure } from '../../../shared/errors/codes';
import { fileOf } from './folder';
import { headOfLoaded, LoadedRows } from './loaded';
import { isTar, isUtf16, plainBytes } from './source';

/** One statement of a file with what becomes of it. */
export interface FileStatement {
  /** Its bytes, one to a character; of one that is too long the first ones. */
  readonly text: string;
  readonly verdict: Verdict;
  readonly at: number;
  readonly end: number;
  readonly line: number;
  /** Of an INSERT of literals: how many. */
  readonly rows?: number | null;
  /** How much of the file, or of all files of a folder, has been read for it. */
  readonly stored: number;
  /** Of a folder the file in which it stands; its line is of that one. */
  readonly part?: DumpPart;
  /** It is none of the file, but sets the session to what the file needs; or it has its turn where the file is taken another time. */
  readonly ours?: boolean;
  /** For the eye, where the text has bytes of ASCII within characters beyond it. */
  readonly shown?: string;
  /** Nobody said in which character set it is. */
  readonly assumed?: boolean;
  /** Its rows go into a table that the folder makes before them: they take the place of none, unless that table is there already. */
  readonly isFresh?: boolean;
}

export interface ReadOptions extends JudgeOptions {
  /** Most bytes that the server takes as one statement. */
  readonly longest: number;
}

const encodingMark = [0xef, 0xbb, 0xbf];
/** A text whose characters are bytes cannot be longer here. */
const longestText = 256 * 1024 * 1024;

/** What is told of a file while it is read, and where reading begins. */
export interface Reader {
  /** Told all plain bytes. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Told of each part of a folder how many plain bytes it has, those before it among them. */
  readonly onPart?: (bytes: number) => void;
  /** Parts of a folder that end before it are not read: each of them begins with all that it needs of a session. */
  readonly from?: number;
}

/**
 * The statements of a file, or of the files of a folder one behind the other, in their order, each judged by what stands before it.
 *
 * @throws Failure as `plainBytes`
 */
export async function* statementsIn(
  file: ImportFile, options: ReadOptions, signal: AbortSignal | undefined, reader: Reader = {},
): AsyncGenerator<FileStatement> {
  if (file.parts === undefined) {
    yield* statementsOf(file, options, signal, { reader, at: 0, stored: 0, part: null, made: new Set() });
    return;
  }
  let [at, stored] = [0, 0];
  const made = new Set<string>();
  for (const part of file.parts) {
    const isBehind = part.bytes !== undefined && reader.from !== undefined && at + part.bytes <= reader.from;
    const bytes = isBehind ? (part.bytes ?? 0) : yield* statementsOf(fileOf(file, part), options, signal, { reader, at, stored, part, made });
    if (part.bytes !== undefined && part.bytes !== bytes) throw failure('import-file', { path: fileOf(file, part).path, reason: 'changed' });
    reader.onPart?.(bytes);
    at += bytes;
    stored += part.size;
  }
}

/** What stands before a file: of a folder the parts before it, and what its session is set to. */
interface Before {
  readonly reader: Reader;
  readonly at: number;
  readonly stored: number;
  readonly part: DumpPart | null;
  /** Tables that were made, which nobody has filled but the files of the folder. */
  readonly made: Set<string>;
}

/** Returns how many plain bytes it has, those before it among them. */
async function* statementsOf(
  file: ImportFile, options: ReadOptions, signal: AbortSignal | undefined, place: Before,
): AsyncGenerator<FileStatement, number> {
  const { reader, at: base, stored: before, part, made } = place;
  const judge = new ImportJudge(options);
  const scanner = new StatementScanner(options.reading, Math.min(options.longest, longestText));
  [scanner.modes, scanner.leads] = [judge.modes, judge.leads];
  const preamble = Buffer.from(part?.preamble ?? '');
  let [stored, length] = [before, preamble.length];
  const next = (): FileStatement | null => {
    const found = scanner.next();
    if (found === null) return null;
    const { bytes, at, end, line } = found;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const readable = judge.readable(text);
    const why: RefusedReason | null = !found.whole ? 'too-long' : !found.closed ? 'unclosed' : null;
    const verdict: Verdict = why === null ? ofPart(part, judge.judge(text, found.rows !== null), text) : { act: 'refuse', why };
    const shown = readable === text ? {} : { shown: readable ?? '…' };
    [scanner.modes, scanner.leads] = [judge.modes, judge.leads];
    const of = part === null ? {} : { part, ours: end <= preamble.length || isElsewhere(part, verdict, text) };
    const own = of.ours === true && end > preamble.length ? elsewhere : verdict;
    const isSent = base + end > (reader.from ?? 0);
    if (own.act === 'send' && own.creates?.kind === 'TABLE' && isSent) made.add(nameOf(own.creates));
    return { text, verdict: own, at: base + at, end: base + end, line, rows: found.rows, stored, assumed: judge.isAssumed, ...shown, ...of };
  };
  scanner.push(preamble);
  if (part?.load !== undefined) return yield* loadedOf(file, options, signal, place, { judge, next: () => next(), finish: () => scanner.finish() });
  for (let one = next(); one !== null; one = next()) yield one;
  for await (const piece of plainBytes(file, signal)) {
    stored = before + piece.stored;
    if (length === preamble.length) refuseOther(file.path, piece.bytes);
    // The mark of an encoding begins a file, which here is not what the scanner begins with.
    const isMarked = part !== null && length === preamble.length && encodingMark.every((byte, at) => piece.bytes[at] === byte);
    const bytes = isMarked ? piece.bytes.subarray(encodingMark.length) : piece.bytes;
    length += bytes.length;
    reader.onBytes?.(bytes);
    scanner.push(bytes);
    for (let one = next(); one !== null; one = next()) yield one;
  }
  scanner.finish();
  for (let one = next(); one !== null; one = next()) yield one;
  const { problem, position } = scanner;
  if (problem === null) return length;
  const at = base + position;
  yield { text: 'DELIMITER', verdict: { act: 'refuse', why: 'delimiter' }, at, end: at, line: problem, stored, ...(part === null ? {} : { part }) };
  return length;
}

const isLoad = (text: string): boolean => /^\s*LOAD\b/i.test(text);
const nameOf = ({ database, table }: ObjectName): string => JSON.stringify([database, table]);

/** Of a file, however it is compressed. */
const plainName = (name: string): string => name.replace(/\.(?:gz|zst)$/, '');

/** What takes the statements before the rows of a file apart. */
interface Preamble {
  readonly judge: ImportJudge;
  readonly next: () => FileStatement | null;
  readonly finish: () => void;
}

/** A file of rows, in the form that the LOAD DATA in its preamble tells. */
async function* loadedOf(
  file: ImportFile, options: ReadOptions, signal: AbortSignal | undefined, { reader, at: base, stored: before, part, made }: Before, preamble: Preamble,
): AsyncGenerator<FileStatement, number> {
  if (part?.load === undefined) throw failure('internal', { detail: 'rows without a statement' });
  const { judge } = preamble;
  const teller = { ...part, name: part.load };
  preamble.finish();
  let loading: { readonly terms: LoadTerms; readonly verdict: Verdict } | null = null;
  let hasLoad = false;
  for (let one = preamble.next(); one !== null; one = preamble.next()) {
    if (!isLoad(one.text)) {
      // What is meant for after the rows would come before them.
      const isEarly = hasLoad && one.verdict.act === 'send' && one.verdict.kind !== 'setting';
      yield { ...one, part: teller, verdict: isEarly ? { act: 'refuse', why: 'load' } : one.verdict };
      continue;
    }
    const found = hasLoad ? null : loadTermsIn(one.text, judge.modes);
    hasLoad = true;
    const isOfThese = found !== null && plainName(fromBytes(found.file)) === plainName(part.name);
    if (isOfThese) loading = { terms: found, verdict: judge.judge(`${headOfLoaded(found)}(NULL)`, true) };
    yield { ...one, part: teller, verdict: isOfThese ? elsewhere : { act: 'refuse', why: 'load' } };
  }
  const object = loading?.verdict.act === 'send' ? loading.verdict.object : null;
  const fresh = object !== null && made.has(nameOf(object)) ? { isFresh: true } : {};
  let length = Buffer.byteLength(part.preamble);
  const rows = loading === null ? null : new LoadedRows({
    ...loading, base: base + length, from: reader.from ?? 0, longest: Math.min(options.longest, longestText), literal: literalIn(judge),
  });
  for await (const { bytes, stored } of plainBytes(file, signal)) {
    length += bytes.length;
    reader.onBytes?.(bytes);
    for (const one of rows?.push(bytes) ?? []) yield { ...one, ...fresh, stored: before + stored, part };
  }
  for (const one of rows?.end() ?? []) yield { ...one, ...fresh, stored: before + file.size, part };
  return length;
}

/** Where the server reads characters of two bytes, bytes of another character set are told by their digits. */
function literalIn({ modes: { noBackslashEscapes = false }, leads }: ImportJudge): (characters: string, text: string) => string {
  if (leads !== null) return (characters, text) => `_${characters} X'${Buffer.from(text, 'latin1').toString('hex')}'`;
  return (characters, text) => `_${characters}'${noBackslashEscapes ? text.replaceAll("'", "''") : text.replaceAll(/['\\]/g, '\\$&')}'`;
}

/** By its first bytes: else every statement of it would be told as one that is not understood. */
function refuseOther(path: string, first: Uint8Array): void {
  if (isUtf16(first)) throw failure('import-file', { path, reason: 'utf16' });
  if (isTar(first)) throw failure('import-file', { path, reason: 'packed' });
}

const elsewhere: Verdict = { act: 'leave-out', why: 'reading', database: null };
const createsEvent = /^\s*(?:\/\*!\d*\s*)?CREATE\b(?:(?!\b(?:PROCEDURE|FUNCTION|TRIGGER|VIEW|TABLE)\b)[\s\S]){0,400}?\bEVENT\b/i;
const dropsEvent = /^\s*(?:\/\*!\d*\s*)?DROP\s+EVENT\b/i;

/**
 * A file of programs holds events too, and is taken twice: an event that is enabled runs at once, and waits for the views, which call functions. What sets
 * the session belongs to both.
 */
function isElsewhere({ kind }: DumpPart, verdict: Verdict, text: string): boolean {
  if (kind !== 'programs' && kind !== 'events') return false;
  const isEvent = (verdict.act === 'send' && verdict.makes?.kind === 'EVENT') || createsEvent.test(text) || dropsEvent.test(text);
  if (kind === 'programs') return isEvent;
  return !isEvent && !(verdict.act === 'send' && verdict.object === null);
}

function ofPart(part: DumpPart | null, verdict: Verdict, text: string): Verdict {
  if (part?.kind === 'rows' && verdict.act === 'refuse' && verdict.why === 'file' && isLoad(text)) return { act: 'refuse', why: 'load-missing' };
  const makesDatabase = part?.kind === 'database' && verdict.act === 'send' && verdict.makes?.kind === 'DATABASE' && verdict.creates !== null;
  return makesDatabase ? { ...verdict, creates: null, again: 'same', instead: whereMissing(text) } : verdict;
}
