import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheRoot, fetchedRuntime, fetchedRuntimes, findRuntimes, inspectProgram, parseRuntimeRecord, parseVersionOutput, seriesOfText } from '../../../electron/lab/runtimes';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-unit-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says what a server says about its version. */
function program(name: string, output: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' '${output}'\n`);
  chmodSync(path, 0o755);
  return path;
}

const record = (change: object): string => JSON.stringify({ kind: 'mysql', version: '9.7.4-2', executable: process.execPath, args: ['--library-path', 'x'], env: {}, serverArgs: ['--basedir=b'], ...change });

describe('the version of a server program', () => {
  it.each([
    ['/usr/sbin/mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))', '8.0.36-0ubuntu0.22.04.1', '8.0'],
    ['./mysqld  Ver 5.6.24 for Linux on x86_64 (MySQL Community Server (GPL))', '5.6.24', '5.6'],
    ['mysqld  Ver 9.7.4-2 for debian-linux-gnu on x86_64 ((Debian))', '9.7.4-2', '9.7'],
    ['mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)', '10.11.6-MariaDB-0+deb12u1', '10.11'],
  ])('is read from %j', (output, version, series) => {
    expect(parseVersionOutput(output)).toBe(version);
    expect(seriesOfText(version)).toBe(series);
  });

  it('is nothing where a program is something else', () => {
    expect(parseVersionOutput('ls (GNU coreutils) 9.1')).toBeUndefined();
    expect(parseVersionOutput('')).toBeUndefined();
  });
});

describe('the record of a fetched runtime', () => {
  it('gives what is needed to start it', () => {
    expect(parseRuntimeRecord('mysql-9.7', record({ program: '/p/mysqld' }))).toMatchObject({
      id: 'mysql-9.7', kind: 'mysql', series: '9.7', origin: 'fetched', command: process.execPath, program: '/p/mysqld', args: ['--library-path', 'x'], serverArgs: ['--basedir=b'],
    });
  });

  it.each([['', 'nothing'], ['{', 'half a file'], ['null', 'null'], ['[]', 'a list'], [record({ kind: 'electron' }), 'another kind'], [record({ executable: 7 }), 'no program']])('is refused when it is %j (%s)', (text) => {
    expect(parseRuntimeRecord('x', text)).toBeUndefined();
  });

  it('drops values of the wrong type', () => {
    expect(parseRuntimeRecord('x', record({ args: ['a', 1, null], env: { A: 'b', C: 3 } }))).toMatchObject({ args: ['a'], env: { A: 'b' } });
  });
});

describe('the cache', () => {
  it('stands where the environment says, in the order of its variables', () => {
    expect(cacheRoot({ ANTIPODE_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheRoot({ XDG_CACHE_HOME: '/b' })).toBe(join('/b', 'antipode'));
    expect(cacheRoot({})).toMatch(/\.cache.antipode$/);
  });

  it('offers complete MySQL runtimes only', () => {
    const env = { ANTIPODE_CACHE: join(folder, 'cache') };
    const put = (name: string, text: string): void => {
      mkdirSync(join(folder, 'cache/runtimes', name), { recursive: true });
      writeFileSync(join(folder, 'cache/runtimes', name, 'runtime.json'), text);
    };
    put('mysql-9.7', record({}));
    put('mysql-5.6', record({ version: '5.6.24', program: join(folder, 'gone') }));
    put('mariadb', record({ kind: 'mariadb' }));
    put('electron', record({ kind: 'electron' }));
    expect(fetchedRuntimes(env).map(({ id }) => id)).toEqual(['mysql-9.7']);
    expect(fetchedRuntime('mariadb', env)?.kind).toBe('mariadb');
    expect(fetchedRuntime('none', env)).toBeUndefined();
  });
});

describe('a program the user names', () => {
  it('is taken when it is a MySQL server that can make data directories', async () => {
    const path = program('mysqld', 'mysqld  Ver 8.4.2 for Linux on x86_64 (MySQL Community Server - GPL)');
    expect(await inspectProgram(path)).toMatchObject({ ok: true, runtime: { version: '8.4.2', series: '8.4', origin: 'chosen', command: path } });
  });

  it.each([
    ['absent', () => join(folder, 'absent'), 'not-found'],
    ['a folder', () => folder, 'not-found'],
    ['MariaDB', () => program('mariadbd', 'mariadbd  Ver 10.11.6-MariaDB for Linux'), 'not-mysql'],
    ['something else', () => program('other', 'hello'), 'not-mysql'],
    ['too old', () => program('old', 'mysqld  Ver 5.5.62 for Linux on x86_64'), 'too-old'],
  ])('is refused with its reason when it is %s', async (_, path, reason) => {
    expect(await inspectProgram(path())).toMatchObject({ ok: false, problem: { reason } });
  });

  it('comes before those that were found, and each program is listed once', async () => {
    const path = program('mysqld', 'mysqld  Ver 8.0.36 for Linux on x86_64');
    const found = await findRuntimes({ chosen: path, env: { ANTIPODE_CACHE: join(folder, 'nothing'), PATH: folder } });
    expect(found.filter((runtime) => runtime.program === path)).toHaveLength(1);
    expect(found[0]?.origin).toBe('chosen');
  });
});
