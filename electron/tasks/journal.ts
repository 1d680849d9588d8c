import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, readSync, rmSync, fstatSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { failure } from '../../shared/errors/codes';
import { TaskModel } from './model';
import { parseRecord } from './records';
import type { JournalRecord } from './records';

const flush = promisify(fdatasync);

/**
 * The append-only file of one task. A line that is written survives the death of the process; one that is synced, that
 * of the machine.
 */
export class JournalFile {
  private fd: number | null;
  /** The file does not end with a line break: the next line must not join a torn one. */
  private torn: boolean;

  private constructor(
    readonly path: string,
    fd: number,
  ) {
    this.fd = fd;
    this.torn = endsTorn(fd);
  }

  /** Opens a task's file for appending. Throws `storage-full` where the disk is. */
  static open(folder: string, taskId: string): JournalFile {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = journalPath(folder, taskId);
    try {
      return new JournalFile(path, openSync(path, 'a+', 0o600));
    } catch (thrown) {
      throw storageFailure(path, thrown);
    }
  }

  /** Writes one line; it is in the file when this returns. */
  append(record: JournalRecord): void {
    if (this.fd === null) throw failure('internal', { detail: `journal ${basename(this.path)} is closed` });
    const line = Buffer.from(`${this.torn ? '\n' : ''}${JSON.stringify(record)}\n`);
    try {
      let written = 0;
      while (written < line.length) {
        this.torn = true;
        written += writeSync(this.fd, line, written);
      }
      this.torn = false;
    } catch (thrown) {
      throw storageFailure(this.path, thrown);
    }
  }

  /** Resolves when every line written so far is on the disk. */
  async sync(): Promise<void> {
    if (this.fd === null) throw failure('internal', { detail: `journal ${basename(this.path)} is closed` });
    try {
      await flush(this.fd);
    } catch (thrown) {
      throw storageFailure(this.path, thrown);
    }
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }
}

/** What the journal of a task says; null where there is nothing that can be read (no task had begun then). */
export function readJournal(folder: string, taskId: string): TaskModel | null {
  let text: string;
  try {
    text = readFileSync(journalPath(folder, taskId), 'utf8');
  } catch {
    return null;
  }
  return TaskModel.replay(text.split('\n').filter((line) => line !== '').map(parseRecord));
}

/** The journals of a folder with their sizes, by which a change is told. */
export function listJournals(folder: string): readonly { readonly taskId: string; readonly size: number }[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => ({ taskId: name.slice(0, -'.jsonl'.length), size: statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 }));
}

/** Takes away the journal of a task that could not begin. */
export function removeJournal(folder: string, taskId: string): void {
  rmSync(journalPath(folder, taskId), { force: true });
}

function journalPath(folder: string, taskId: string): string {
  return join(folder, `${taskId}.jsonl`);
}

function endsTorn(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== 0x0a;
}

function storageFailure(path: string, thrown: unknown): Error {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return failure('storage-full', { file: basename(path) }, { cause: thrown });
  return failure('internal', { detail: `journal ${basename(path)}: ${message}` }, { cause: thrown });
}
