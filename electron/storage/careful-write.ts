import { copyFileSync, existsSync, linkSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { failure } from '../../shared/errors/codes';

/** Where the last good state of a file is while it is being replaced. */
export const previousOf = (file: string): string => `${file}.previous`;

/**
 * Replaces a file by means of `write`, which returns the text it wrote. On a disk that fills up a write may be cut short
 * without an error, and the library's replacement would then be half a file: the old one is held by a second link, what
 * was written is read again, and if it is not whole the old file is back before `storage-full` is thrown.
 */
export function replaceCarefully(file: string, write: () => string): void {
  const previous = previousOf(file);
  rmSync(previous, { force: true });
  const existed = existsSync(file);
  if (existed) keep(file, previous);
  const text = write();
  if (readFileSync(file, 'utf8') === text) {
    rmSync(previous, { force: true });
    return;
  }
  if (existed) renameSync(previous, file);
  else rmSync(file, { force: true });
  throw failure('storage-full', { file: basename(file) });
}

/** Writes all of it, a text as UTF-8, or throws (a single write may take a part only). */
export function writeAll(descriptor: number, what: string | Buffer): void {
  const bytes = typeof what === 'string' ? Buffer.from(what, 'utf8') : what;
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written, bytes.length - written);
}

function keep(file: string, previous: string): void {
  try {
    linkSync(file, previous);
  } catch {
    // A file system without hard links.
    copyFileSync(file, previous);
  }
}
