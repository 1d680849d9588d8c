import { closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { AuditEntry, AuditProof } from '../../shared/domain/settings';
import { actorName } from './actor';
import { ChainReader, cutOffAction, endOf, isCutOff, linkOf, sha256, type ChainEnd } from './audit-chain';
import { linesFromEnd } from './audit-lines';
import { writeAll } from './careful-write';
import { withLockFile } from './lock-file';
import { storageFailure } from './storage-failure';
import type { AuditLog } from './types';

const entrySchema = v.object({
  at: v.number(),
  actor: v.string(),
  front: v.picklist(['desktop', 'terminal']),
  action: v.string(),
  target: v.string(),
  outcome: v.picklist(['begun', 'done', 'refused', 'failed']),
  detail: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
  act: v.optional(v.string()),
});

const BLOCK = 64 * 1024;

/**
 * Opens the audit log of a data folder, `audit.jsonl`: one JSON object a line, only ever appended to and flushed to the disk before `append`
 * returns, by any number of processes (a lock file lets one write at a time). Each line carries its number and the hash of the line before
 * it; `audit.end.json` holds the last one's, so that a log which was cut is told from one that ends there. A log from before that goes on:
 * its first new line seals what stands above it. A last line that a crash has torn is passed over by the reader and closed by the next
 * writer. The actor is the operating system's user and host.
 */
export function openAuditLog(options: { dataFolder: string; front: AuditEntry['front']; now?: () => number }): AuditLog {
  return new AuditFile(options.dataFolder, options.front, options.now ?? Date.now);
}

type NewEntry = Parameters<AuditLog['append']>[0];

class AuditFile implements AuditLog {
  readonly #file: string;
  readonly #endFile: string;
  readonly #lock: string;
  readonly #front: AuditEntry['front'];
  readonly #now: () => number;
  readonly #actor = actorName();
  /** Ends of acts that could not be written when they came: what was done stays done, and is written before anything else begins. */
  #waiting: AuditEntry[] = [];

  constructor(dataFolder: string, front: AuditEntry['front'], now: () => number) {
    this.#file = join(dataFolder, 'audit.jsonl');
    this.#endFile = join(dataFolder, 'audit.end.json');
    this.#lock = join(dataFolder, 'audit.lock');
    this.#front = front;
    this.#now = now;
  }

  append = (...entries: NewEntry[]): void => {
    const by = { at: this.#now(), actor: this.#actor, front: this.#front };
    const whole = entries.map((entry): AuditEntry => ({ ...by, ...entry }));
    try {
      this.#write([...this.#waiting, ...whole]);
      this.#waiting = [];
    } catch (error) {
      if (entries.some(({ act, outcome }) => act === undefined || outcome === 'begun')) throw storageFailure(error, this.#file);
      this.#waiting.push(...whole);
    }
  };

  list = (limit: number): readonly AuditEntry[] => newest(this.#file, limit, true);

  export = (format: 'json' | 'csv'): string => {
    const entries = newest(this.#file, Number.POSITIVE_INFINITY, false).reverse();
    return format === 'json' ? `${JSON.stringify(entries, null, 2)}\n` : csvOf(entries);
  };

  verify = async (): Promise<AuditProof> => {
    // What another process appends meanwhile is none of this reading.
    const isThere = existsSync(this.#file) || existsSync(this.#endFile);
    const look = (): { size: number; recorded: ChainEnd | null } => ({ size: sizeOf(this.#file), recorded: this.#recordedEnd() });
    const { size, recorded } = isThere ? withLockFile(this.#lock, look) : { size: 0, recorded: null };
    const reader = new ChainReader(recorded);
    if (size > 0) await readLines(this.#file, size, reader);
    return { ...reader.proof(), waiting: this.#waiting.length };
  };

  #write(entries: readonly AuditEntry[]): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    withLockFile(this.#lock, () => {
      const descriptor = openSync(this.#file, 'a+', 0o600);
      let end: ChainEnd;
      try {
        const { text, end: reached } = this.#linesFor(entries, descriptor);
        writeAll(descriptor, text);
        fsyncSync(descriptor);
        end = reached;
      } finally {
        closeSync(descriptor);
      }
      this.#recordEnd(end);
    });
  }

  /** The lines of entries as they go on where the file ends. */
  #linesFor(entries: readonly AuditEntry[], descriptor: number): { readonly text: string; readonly end: ChainEnd } {
    const { last, tail, torn, empty } = endOfFile(descriptor);
    const recorded = this.#recordedEnd();
    const marks: AuditEntry[] = [];
    const by = { at: this.#now(), actor: this.#actor, front: this.#front, target: 'audit.jsonl' } as const;
    let n = last?.n ?? 0;
    let prev = tail;
    if (isCutOff(last, recorded)) {
      // The record must not forget that lines are gone: the numbers go on after them, and the gap stays to be seen.
      marks.push({ ...by, action: cutOffAction, outcome: 'failed', detail: { expected: recorded?.n ?? 0, hash: recorded?.hash ?? '', found: n } });
      n = Math.max(n, recorded?.n ?? 0);
    } else if (last === null && !empty) marks.push({ ...by, action: 'audit.chain', outcome: 'done', detail: {} });
    const lines = [...marks, ...entries].map((entry) => {
      const line = JSON.stringify({ n: (n += 1), prev, ...entry });
      prev = sha256(line);
      return line;
    });
    return { text: `${torn ? '\n' : ''}${lines.join('\n')}\n`, end: { n, hash: prev } };
  }

  #recordedEnd(): ChainEnd | null {
    try {
      return endOf(readFileSync(this.#endFile, 'utf8'));
    } catch {
      // None was written yet; a file that cannot be read proves nothing either way, and `verify` says so.
      return null;
    }
  }

  /** Not flushed: a record that a power cut has set back is behind the file, which is allowed. */
  #recordEnd(end: ChainEnd): void {
    const beside = `${this.#endFile}.new`;
    try {
      writeFileSync(beside, JSON.stringify(end), { mode: 0o600 });
      renameSync(beside, this.#endFile);
    } catch {
      // The line is on the disk, and that is what counts: a record that is behind says nothing wrong.
    }
  }
}

const sizeOf = (file: string): number => {
  if (!existsSync(file)) return 0;
  const descriptor = openSync(file, 'r');
  try {
    return fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
};

interface FileEnd {
  /** The last line of the chain; null: the file has none. */
  readonly last: ChainEnd | null;
  /** What the next line names as the one before it. */
  readonly tail: string;
  /** The last line has no line break. */
  readonly torn: boolean;
  readonly empty: boolean;
}

function endOfFile(descriptor: number): FileEnd {
  let tail: string | null = null;
  let torn = false;
  let first = true;
  for (const line of linesFromEnd(descriptor)) {
    // What stands after the last line break: nothing, or the beginning of a line.
    if (first) {
      first = false;
      torn = line.length > 0;
      if (!torn) continue;
    }
    tail ??= sha256(line);
    const link = linkOf(line.toString('utf8'));
    if (link !== null) return { last: { n: link.n, hash: sha256(line) }, tail, torn, empty: false };
  }
  // The first line of a chain seals everything above it.
  const before = wholeOf(descriptor);
  return { last: null, tail: sha256(torn ? Buffer.concat([before, Buffer.from('\n')]) : before), torn, empty: before.length === 0 };
}

function wholeOf(descriptor: number): Buffer {
  return Buffer.concat([...linesFromEnd(descriptor)].reverse().flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line])));
}

async function readLines(file: string, size: number, reader: ChainReader): Promise<void> {
  const handle = await open(file, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; at < size; ) {
      const block = Buffer.alloc(Math.min(BLOCK, size - at));
      const { bytesRead } = await handle.read(block, 0, block.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      rest = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
        reader.add(rest.subarray(0, end), true);
        rest = rest.subarray(end + 1);
      }
    }
    if (rest.length > 0) reader.add(rest, false);
  } finally {
    await handle.close();
  }
}

/**
 * The last entries, newest first, read from the end of the file; lines that are no entries are passed over. `folded`: the beginning of an
 * act whose end is there is left out.
 */
function newest(file: string, limit: number, folded: boolean): AuditEntry[] {
  if (!existsSync(file)) return [];
  const entries: AuditEntry[] = [];
  const ended = new Set<string>();
  const descriptor = openSync(file, 'r');
  try {
    for (const line of linesFromEnd(descriptor)) {
      if (entries.length >= limit) break;
      const entry = entryOf(line.toString('utf8'));
      if (entry === null) continue;
      if (entry.act !== undefined && entry.outcome !== 'begun') ended.add(entry.act);
      else if (folded && entry.act !== undefined && ended.has(entry.act)) continue;
      entries.push(entry);
    }
  } finally {
    closeSync(descriptor);
  }
  return entries;
}

function entryOf(line: string): AuditEntry | null {
  if (line === '') return null;
  try {
    const parsed = v.safeParse(entrySchema, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

const columns = ['at', 'actor', 'front', 'action', 'target', 'outcome', 'detail'] as const;

function csvOf(entries: readonly AuditEntry[]): string {
  const rows = entries.map((entry) =>
    columns.map((column) => {
      if (column === 'at') return new Date(entry.at).toISOString();
      return column === 'detail' ? JSON.stringify(entry.detail) : entry[column];
    }),
  );
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** A cell in RFC 4180's form. A spreadsheet would run one that starts like a formula: it gets an apostrophe in front. */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
