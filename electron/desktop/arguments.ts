import { isAbsolute, resolve } from 'node:path';

/** The folder of `--data DIR` or `--data=DIR` among a program's arguments; null where it is not given. */
export function dataFolderFrom(argv: readonly string[], workingDirectory: string): string | null {
  for (const [index, argument] of argv.entries()) {
    const value = argument === '--data' ? argv[index + 1] : argument.startsWith('--data=') ? argument.slice('--data='.length) : undefined;
    if (value !== undefined && value !== '') return isAbsolute(value) ? value : resolve(workingDirectory, value);
  }
  return null;
}
