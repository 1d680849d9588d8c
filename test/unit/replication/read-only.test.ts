import { describe, expect, it } from 'vitest';
import { MysqlError } from '../../../electron/mysql/errors';
import { unlogged, withoutSuperReadOnly, writableSession } from '../../../electron/replication/read-only';
import { fakeSession } from '../../fixtures/fake-session';

const lost = (): MysqlError => new MysqlError({ code: 'connection-lost', params: { host: 'h', port: 3306 } }, 0, '');
const refused = (): MysqlError => new MysqlError({ code: 'query-failed', params: { errno: 1064, sqlState: '42000' } }, 1064, '42000');

/** A server that says what it was asked, over one connection and over others. */
function closedServer(
  options: { readonly superReadOnly?: boolean; readonly version?: string; readonly cancelled?: () => boolean; readonly gone?: () => boolean } = {},
) {
  const asked: string[] = [];
  const answer = (how: string) => (sql: string): readonly Record<string, unknown>[] => {
    if (how === '' && options.gone?.() === true) throw lost();
    if (/^SELECT/.test(sql)) return [{ on: options.superReadOnly === false ? 0 : 1 }];
    asked.push(`${how}${sql}`);
    return [];
  };
  const session = fakeSession('s', answer(''), options.version);
  const server = writableSession(session, async (statement) => {
    if (options.cancelled?.() === true) throw new Error('cancelled');
    return session.run(statement);
  }, (use) => use(fakeSession('s', answer('another: '), options.version)));
  return { server, asked, write: () => session.run('WRITE').then(() => 'written') };
}

const off = 'SET GLOBAL super_read_only = OFF';
const on = 'SET GLOBAL super_read_only = ON';
const quiet = ['SET SESSION sql_log_bin = 0', 'SET SESSION sql_log_bin = 1'];

describe('a window on a closed server', () => {
  it('is opened for the moment it takes', async () => {
    const { server, asked, write } = closedServer();
    expect(await withoutSuperReadOnly(server, write)).toBe('written');
    expect(asked).toEqual([off, 'WRITE', on]);
  });

  it.each([{ superReadOnly: false }, { version: '5.6.24' }])('is no window where the server is open, or cannot be closed that far: %j', async (options) => {
    const { server, asked, write } = closedServer(options);
    expect(await unlogged(server, write)).toBe('written');
    expect(asked).toEqual([quiet[0], 'WRITE', quiet[1]]);
  });

  it('is closed where the write is refused, and the refusal is told', async () => {
    const { server, asked } = closedServer();
    await expect(unlogged(server, () => Promise.reject(refused()))).rejects.toMatchObject({ errno: 1064 });
    expect(asked).toEqual([off, ...quiet, on]);
  });

  it('is closed where the work is cancelled in it', async () => {
    let cancelled = false;
    const { server, asked } = closedServer({ cancelled: () => cancelled });
    await expect(unlogged(server, () => {
      cancelled = true;
      return server.run({ sql: 'WRITE', redacted: 'WRITE' });
    })).rejects.toThrow('cancelled');
    expect(asked).toEqual([off, ...quiet, on]);
  });

  it('is closed over another connection where that one is lost in it', async () => {
    let gone = false;
    const { server, asked } = closedServer({ gone: () => gone });
    await expect(unlogged(server, () => {
      gone = true;
      return Promise.reject(lost());
    })).rejects.toMatchObject({ error: { code: 'connection-lost' } });
    expect(asked).toEqual([off, quiet[0], `another: ${on}`]);
  });

  it('is closed where it is not known whether it was opened', async () => {
    const { server, asked } = closedServer();
    const doubtful = { ...server, run: () => Promise.reject(lost()) };
    await expect(withoutSuperReadOnly(doubtful, () => Promise.resolve())).rejects.toMatchObject({ error: { code: 'connection-lost' } });
    expect(asked).toEqual([on]);
  });
});
