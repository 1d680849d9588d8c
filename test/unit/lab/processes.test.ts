import { expect, it } from 'vitest';
import { hasLetGo, serverEnvironment } from '../../../electron/lab/processes';

const stat = (state: string): string => `1234 (mysqld (a) b) ${state} 1 1234 1234 0 -1 4194560 100`;

it.each([
  ['S', 40, false],
  ['R', 1, false],
  ['T', 40, false],
  // The first thread has ended, others have not: seen with a killed server on a busy machine, whose port was still taken.
  ['Z', 17, false],
  ['Z', 1, true],
  ['Z', 0, true],
  ['X', 1, true],
])('a process in state %s with %d threads has let go of its files and ports: %s', (state, threads, expected) => {
  expect(hasLetGo(stat(state), threads)).toBe(expected);
});

it('a server is started with nothing of ours: no passwords, and nothing that loads code into it', () => {
  const ours = {
    PATH: '/usr/bin', HOME: '/home/dba', LANG: 'zh_CN.UTF-8', TZ: 'Asia/Shanghai', TMPDIR: '/tmp', SystemRoot: 'C:\\Windows',
    ANTIPODE_PASSWORD_ORDERS: 'secret', ANTIPODE_PASSPHRASE: 'secret', DBA_PASSWORD: 'secret', MYSQL_PWD: 'secret', NODE_OPTIONS: '--require ./x.js',
    ELECTRON_RUN_AS_NODE: '1', LD_PRELOAD: './x.so', LD_LIBRARY_PATH: './lib', DYLD_INSERT_LIBRARIES: './x.dylib', AWS_SECRET_ACCESS_KEY: 'secret', MYSQL_HOME: '/evil',
  };
  expect(serverEnvironment({}, ours)).toEqual({ PATH: '/usr/bin', HOME: '/home/dba', LANG: 'zh_CN.UTF-8', TZ: 'Asia/Shanghai', TMPDIR: '/tmp', SystemRoot: 'C:\\Windows' });
  expect(serverEnvironment({ LD_LIBRARY_PATH: '/unpacked/lib' }, ours)).toMatchObject({ LD_LIBRARY_PATH: '/unpacked/lib' });
});
