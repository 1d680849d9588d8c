import { readFile } from 'node:fs/promises';
import { errorOf, failure } from '../../shared/errors/codes';

/** The bytes of a file that an argument or an option names. @throws Failure `invalid-input` with what the file system says */
export function givenFile(field: string, path: string): Promise<Buffer> {
  return readFile(path).catch((thrown: unknown) => {
    throw failure('invalid-input', { field, reason: errorOf(thrown).detail ?? path });
  });
}
