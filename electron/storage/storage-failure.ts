import { basename } from 'node:path';
import { Failure, failure } from '../../shared/errors/codes';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether a disk that is full, or a share of it that is used up, is what was thrown. */
export function isDiskFull(thrown: unknown): boolean {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && FULL.has(code);
}

/** What a failed read or write of the data folder means: `storage-full` where the disk is, else `storage-broken`. */
export function storageFailure(thrown: unknown, file: string): Failure {
  if (thrown instanceof Failure) return thrown;
  const name = basename(file);
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (isDiskFull(thrown)) return failure('storage-full', { file: name }, { detail, cause: thrown });
  return failure('storage-broken', { file: name, kept: name }, { detail, cause: thrown });
}
