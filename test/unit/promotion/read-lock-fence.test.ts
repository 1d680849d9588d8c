// The fence of a server without super_read_only: its read lock is asked for only where nothing is known to hold it up.
import { expect, it } from 'vitest';
import { dialectFor } from '../../../electron/mysql/dialect/dialect';
import { fence } from '../../../electron/promotion/steps/fence';
import type { Server } from '../../../electron/replication/servers';
import { errorOf } from '../../../shared/errors/codes';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

/** A server on which statements run that began so many milliseconds before now and end so many after; what it was told is in `ran`. */
function server(
  version: string, statements: readonly { readonly sinceMs: number; readonly forMs: number }[],
): { readonly server: Server; readonly ran: readonly string[] } {
  const ran: string[] = [];
  const began = performance.now();
  const dialect = dialectFor(parseServerVersion(version, 'MySQL Community Server - GPL'));
  const fake: Pick<Server, 'name' | 'dialect' | 'sql' | 'all'> = {
    name: 'gz',
    dialect: () => Promise.resolve(dialect),
    sql: async <Row>(_purpose: unknown, statement: unknown, params: readonly unknown[] = []) => {
      if (String(statement).includes('OPEN TABLES')) return [{ Table: 't' }] as Row[];
      const now = performance.now() - began;
      const running = statements.filter(({ sinceMs, forMs }) => now < forMs && Math.floor((sinceMs + now) / 1000) >= Number(params[0]));
      return running.map(({ sinceMs }) => ({ id: 7, user: 'app', host: 'h', seconds: Math.floor((sinceMs + now) / 1000), statement: 'SELECT 1' })) as Row[];
    },
    all: async (_purpose, all) => void ran.push(...all.map(({ redacted }) => redacted)),
  };
  return { server: fake as Server, ran };
}
const locking = (version: string) => [dialectFor(parseServerVersion(version, 'MySQL Community Server - GPL')).setGlobal('read_only', true)];
const outcome = (one: Server, version: string): Promise<string> => fence(one, locking(version)).then(() => 'fenced', (thrown: unknown) => errorOf(thrown).code);

it.each([
  ['nothing runs', [], 'fenced'], ['what had just begun ends soon', [{ sinceMs: 0, forMs: 300 }], 'fenced'],
  ['what had just begun goes on', [{ sinceMs: 0, forMs: 60_000 }], 'lock-wait-timeout'], ['a long one runs', [{ sinceMs: 5_000, forMs: 60_000 }], 'lock-wait-timeout'],
  ['one ends, the other goes on', [{ sinceMs: 0, forMs: 200 }, { sinceMs: 100, forMs: 60_000 }], 'lock-wait-timeout'],
] as const)('5.6, %s', async (_what, statements, expected) => {
  const one = server('5.6.24', statements);
  expect(await outcome(one.server, '5.6.24')).toBe(expected);
  // Nobody waits behind a lock that was not asked for.
  expect(one.ran.length).toBe(expected === 'fenced' ? 1 : 0);
});

it('a server with super_read_only waits for no reading', async () => {
  const one = server('5.7.44', [{ sinceMs: 5_000, forMs: 60_000 }]);
  expect([await outcome(one.server, '5.7.44'), one.ran.length]).toEqual(['fenced', 1]);
});
