// What was refused of a file of rows: counted in the journal, and kept as it was in a file beside it, to be cured and imported. No value of a row is in the
// journal or in a log.
import {
  closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { mostErrors } from '../../../../shared/domain/operations/import/plan';
import { rowRefusals, whyParam, type RowRefusal, type RowsForm } from '../../../../shared/domain/operations/import/rows/form';
import { keptRowsBytes } from '../../../../shared/domain/operations/import/rows/plan';
import { failure } from '../../../../shared/errors/codes';
import { writeAll } from '../../../storage/careful-write';
import { memoryKey } from '../../../tasks/memory';
import type { StepContext, TaskMemory } from '../../../tasks/types';
import type { NumberedRecord } from './reading';

/** So often at most the journal is told what is counted, milliseconds: it only grows. What is counted stands in a file of its own, which does not. */
const everyMs = 5_000;
/** Files of imports that ended are kept, the newest so many. */
const mostFiles = 20;

const refusedRow = v.object({
  record: v.number(), line: v.number(), at: v.number(), column: v.nullable(v.string()), why: v.picklist(rowRefusals), errno: v.number(),
});
type RefusedRow = v.InferOutput<typeof refusedRow>;

/** How many were refused or left out, of the records up to `upTo`; how much of the two files is of them. */
const counted = v.object({
  upTo: v.number(), refused: v.number(), taken: v.number(), changed: v.number(), kept: v.number(), keptBytes: v.number(), whyBytes: v.number(),
});
type Counted = v.InferOutput<typeof counted>;
const none: Counted = { upTo: -1, refused: 0, taken: 0, changed: 0, kept: 0, keptBytes: 0, whyBytes: 0 };
/** Where it is kept what this import refuses. */
export const keptPathKey = memoryKey('importKeptPath', v.string());
export const refusedKey = memoryKey('importRefusedRows', counted);
/** The first of them. */
export const firstRefusedKey = memoryKey('importFirstRefusedRows', v.array(refusedRow));

/** Why a row was refused; `detail`: the server's own words, which may hold values. */
export interface Refusal {
  readonly why: RowRefusal;
  readonly column: string | null;
  readonly errno: number;
  readonly detail: string;
}

/** A row that is refused and not counted yet; `raw` null: there is nothing of it to keep, or no room. */
interface WaitingRow extends RefusedRow {
  readonly detail: string;
  readonly raw: Uint8Array | null;
}

interface KeptFile {
  readonly path: string;
  readonly form: Pick<RowsForm, 'lineEnd'>;
}

/** The refusals of one import. They are on the disk before the place behind them is committed, and each counts once, however often it is met. */
export class KeptRows {
  #known: Counted;
  readonly #first: RefusedRow[];
  #firstKept: number;
  #waiting: WaitingRow[] = [];
  #waitingBytes = 0;
  #takenSince = 0;
  #toldAt = -Infinity;
  #header: Uint8Array | null = null;
  readonly #lineEnd: string;

  constructor(private readonly step: Pick<StepContext, 'recall' | 'remember' | 'log'>, private readonly file: KeptFile) {
    this.#known = { ...refusedSoFar(step, file.path) };
    this.#first = [...(step.recall(firstRefusedKey) ?? [])];
    this.#firstKept = this.#first.length;
    this.#lineEnd = { lf: '\n', crlf: '\r\n', any: '\n', cr: '\r' }[file.form.lineEnd];
  }

  /** The record that names the columns: it stands first in what is kept. */
  header({ raw }: { readonly raw: Uint8Array }): void {
    this.#header = raw;
  }

  /** A row that is refused; what a server says of some comes later than what is refused before it is sent. */
  add(record: NumberedRecord, refusal: Refusal): void {
    if (record.at <= this.#known.upTo) return;
    const isKept = record.raw.length > 0 && this.#waitingBytes + record.raw.length <= keptRowsBytes;
    if (isKept) this.#waitingBytes += record.raw.length;
    this.#waiting.push({ ...refusal, record: record.number, line: record.line, at: record.at, raw: isKept ? Uint8Array.from(record.raw) : null });
  }

  /** A row whose key is there already is left out. */
  takenAt({ at }: Pick<NumberedRecord, 'at'>): void {
    if (at <= this.#known.upTo) return;
    this.#takenSince += 1;
  }

  /** Everything up to a record is counted; what was added since is on the disk when this resolves. */
  async settle(upTo: number): Promise<void> {
    const known = this.#known;
    if (upTo <= known.upTo || (this.#waiting.length === 0 && this.#takenSince === 0)) return;
    const { rows, reasons } = this.#counted(this.#waiting.toSorted((a, b) => a.at - b.at));
    if (rows.length > 0) {
      mkdirSync(dirname(this.file.path), { recursive: true, mode: 0o700 });
      known.keptBytes = append(this.file.path, known.keptBytes, Buffer.concat(rows));
      known.whyBytes = append(reasonsOf(this.file.path), known.whyBytes, Buffer.concat(reasons));
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#first.length > this.#firstKept) {
      for (const { record, line, column, why, errno } of this.#first.slice(this.#firstKept)) {
        const has = column === null ? 'no' : 'yes';
        this.step.log('warning', 'import.log.refused-row', { record, line, column: column ?? '', has, why: whyParam(why), errno });
      }
      this.#firstKept = this.#first.length;
      await this.step.remember(firstRefusedKey, this.#first);
    }
    known.taken += this.#takenSince;
    this.#takenSince = 0;
    known.upTo = upTo;
    writeCounts(this.file.path, known);
    if (performance.now() - this.#toldAt >= everyMs) await this.tellJournal();
  }

  /** What is counted, for whoever reads the journal alone. */
  async tellJournal(): Promise<void> {
    this.#toldAt = performance.now();
    if (this.#known.upTo >= 0) await this.step.remember(refusedKey, { ...this.#known });
  }

  /** Counts what waited, in the order of the file; what of it is written. */
  #counted(waiting: readonly WaitingRow[]): { readonly rows: readonly Uint8Array[]; readonly reasons: readonly Uint8Array[] } {
    const known = this.#known;
    const [rows, reasons]: [Uint8Array[], Uint8Array[]] = [[], []];
    let length = known.keptBytes;
    for (const { record, line, at, column, why, errno, detail, raw } of waiting) {
      known.refused += 1;
      if (why === 'changed') known.changed += 1;
      if (this.#first.length < mostErrors && !this.#first.some((one) => one.at === at)) this.#first.push({ record, line, at, column, why, errno });
      if (raw === null) continue;
      const row = Buffer.concat([...(length === 0 && this.#header !== null ? [this.#header, this.#end] : []), raw, this.#end]);
      if (length + row.length > keptRowsBytes) continue;
      length += row.length;
      known.kept += 1;
      rows.push(row);
      reasons.push(Buffer.from(`${[String(record), String(line), column ?? '', why, String(errno), detail].map(inOneLine).join('\t')}\n`));
    }
    return { rows, reasons };
  }

  /** What was not settled is met again: it is forgotten here. */
  forget(): KeptRows {
    return new KeptRows(this.step, this.file);
  }

  get #end(): Buffer {
    return Buffer.from(this.#lineEnd);
  }

  /** All of it was sent; where some of it was refused this is no success. Throws Failure `import-rows-collected`. */
  told(name: string, file: string): void {
    const { refused, kept, taken, changed } = this.#known;
    if (taken > 0) this.step.log('info', 'import.log.taken', { count: taken });
    if (refused === 0) return;
    const [first] = this.#first;
    const at = { file: basename(file), count: refused, record: first?.record ?? 0, line: first?.line ?? 0 };
    throw failure('import-rows-collected', { ...at, kept, changed, path: this.file.path }, { server: name });
  }
}

const inOneLine = (text: string): string => text.replaceAll(/[\t\r\n\\]/g, (character) => ({ '\t': '\\t', '\r': '\\r', '\n': '\\n' })[character] ?? '\\\\');

/** Where it is counted what was refused. */
const countsOf = (path: string): string => `${path}.counts.json`;

/** What was refused up to now, as the journal says it, or the file that is ahead of it. */
export function refusedSoFar(journal: Pick<TaskMemory, 'recall'>, path: string | undefined): Counted {
  const told = journal.recall(refusedKey) ?? none;
  const file = path === undefined ? '' : countsOf(path);
  if (file === '' || !existsSync(file)) return told;
  const { success, output } = v.safeParse(v.pipe(v.string(), v.parseJson(), counted), readFileSync(file, 'utf8'));
  return success && output.upTo > told.upTo ? output : told;
}

/** An import has ended, and its journal says what was counted. */
export function forgetCounts(path: string): void {
  rmSync(countsOf(path), { force: true });
}

/** In place of what was counted before, whole or not at all. */
function writeCounts(path: string, known: Counted): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${countsOf(path)}.new`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeAll(file, JSON.stringify(known));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, countsOf(path));
  syncFolder(dirname(path));
}

/** A name, of a file that is new or was renamed, is on the disk with its folder; not every system opens folders. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Where the reasons are for what is kept. */
const reasonsOf = (path: string): string => `${path}.reasons.tsv`;

/** Writes behind the first bytes, whatever stood there; how long it is then. */
function append(path: string, length: number, bytes: Uint8Array): number {
  const file = openSync(path, length === 0 ? 'w' : 'r+', 0o600);
  try {
    ftruncateSync(file, length);
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written, bytes.length - written, length + written);
    fsyncSync(file);
    return length + bytes.length;
  } finally {
    closeSync(file);
  }
}

/** Takes away what older imports kept, but for the newest and `inUse`: an import that has not ended counts on what it kept. */
export function sweepKept(folder: string, inUse: ReadonlySet<string>): void {
  const used = new Set([...inUse].flatMap((path) => [path, reasonsOf(path), countsOf(path)]));
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return;
    throw thrown;
  }
  const files = names.map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { path } of files.slice(2 * mostFiles)) if (!used.has(path)) rmSync(path, { force: true });
}
