import { isAbsolute, resolve } from 'node:path';

/** The folder of `--data DIR` or `--data=DIR` among a program's arguments; null where it is not given. */
export function dataFolderFrom(argv: readonly string[], workingDirectory: string): string | null {
  for (const [index, argument] of argv.entries()) {
    const value = argument === '--data' ? argv[index + 1] : argument.startsWith('--data=') ? argument.slice('--data='.length) : undefined;
    if (value !== undefined && value !== '') return isAbsolute(value) ? value : resolve(workingDirectory, value);
  }
  return null;
}

/** Through each of these another program drives the window, reads what is in it, or runs code in its place. */
const debugging = [
  'remote-debugging-port', 'remote-debugging-pipe', 'remote-debugging-address', 'remote-allow-origins', 'inspect', 'inspect-brk', 'inspect-port',
  'inspect-publish-uid', 'debug', 'debug-brk',
];

/** The first switch of debuggers among a program's arguments; null: there is none. A release refuses to start with one. */
export function debuggingSwitch(argv: readonly string[]): string | null {
  for (const argument of argv) {
    if (argument === '--') return null;
    const name = /^-{1,2}([^=]+)/.exec(argument)?.[1]?.toLowerCase();
    if (name !== undefined && debugging.includes(name)) return `--${name}`;
  }
  return null;
}
