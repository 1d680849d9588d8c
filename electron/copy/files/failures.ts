// What the operating system says of a file, as failures.
import { basename, dirname } from 'node:path';
import { Failure, failure } from '../../../shared/errors/codes';
import { FileDamaged } from './frames';

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** A file could not be written: `storage-full`, or `backup-unwritable` naming its folder. */
export function writeFailure(thrown: unknown, path: string): Failure {
  if (thrown instanceof Failure) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  if (code !== undefined && full.has(code)) return failure('storage-full', { file: basename(path) }, { detail, cause: thrown });
  return failure('backup-unwritable', { place: dirname(path) }, { detail, cause: thrown });
}

/** A file could not be read as its manifest describes it: `backup-damaged`. */
export function readFailure(thrown: unknown, path: string): unknown {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  if (!(thrown instanceof FileDamaged) && typeof code !== 'string') return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return failure('backup-damaged', { name: basename(path), detail }, { detail, cause: thrown });
}
