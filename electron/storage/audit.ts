import { closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { AuditEntry } from '../../shared/domain/settings';
import { actorName } from './actor';
import { writeAll } from './careful-write';
import { storageFailure } from './storage-failure';
import type { AuditLog } from './types';

const entrySchema = v.object({
  at: v.number(),
  actor: v.string(),
  front: v.picklist(['desktop', 'terminal']),
  action: v.string(),
  target: v.string(),
  outcome: v.picklist(['done', 'refused', 'failed']),
  detail: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
});

const BLOCK = 64 * 1024;

/**
 * Opens the audit log of a data folder, `audit.jsonl`: one JSON object a line, only ever appended to (O_APPEND, flushed
 * to the disk before `append` returns), by any number of processes. A last line that a crash has torn is passed over by
 * the reader and closed by the next writer. The actor is the operating system's user and host.
 */
export function openAuditLog(options: { dataFolder: string; front: AuditEntry['front']; now?: () => number }): AuditLog {
  const file = join(options.dataFolder, 'audit.jsonl');
  const now = options.now ?? Date.now;
  const actor = actorName();
  return {
    append: (entry) => appendLine(file, JSON.stringify({ at: now(), actor, front: options.front, ...entry } satisfies AuditEntry)),
    list: (limit) => newest(file, limit),
    export: (format) => {
      const entries = newest(file, Number.POSITIVE_INFINITY).reverse();
      return format === 'json' ? `${JSON.stringify(entries, null, 2)}\n` : csvOf(entries);
    },
  };
}

function appendLine(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, 'a+', 0o600);
    try {
      const { size } = fstatSync(descriptor);
      const last = Buffer.alloc(1);
      const torn = size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
      // One write, so that lines of two processes never mix.
      writeAll(descriptor, `${torn ? '\n' : ''}${line}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw storageFailure(error, file);
  }
}

/** The last entries, newest first, read from the end of the file; lines that are no entries are passed over. */
function newest(file: string, limit: number): AuditEntry[] {
  if (!existsSync(file)) return [];
  const entries: AuditEntry[] = [];
  const descriptor = openSync(file, 'r');
  try {
    let end = fstatSync(descriptor).size;
    let rest: Buffer = Buffer.alloc(0);
    while (end > 0 && entries.length < limit) {
      const start = Math.max(0, end - BLOCK);
      const block = Buffer.alloc(end - start);
      readSync(descriptor, block, 0, block.length, start);
      const bytes = Buffer.concat([block, rest]);
      // The part before the first line break may go on in the block before; a line break byte is never part of a character.
      const first = start === 0 ? 0 : bytes.indexOf(0x0a) + 1;
      if (first > 0 || start === 0) {
        for (const line of bytes.subarray(first).toString('utf8').split('\n').reverse()) {
          const entry = entryOf(line);
          if (entry !== null && entries.length < limit) entries.push(entry);
        }
        rest = bytes.subarray(0, first);
      } else {
        rest = bytes;
      }
      end = start;
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
