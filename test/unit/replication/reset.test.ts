import { expect, it } from 'vitest';
import { resetLinks } from '../../../electron/replication/reset';
import { fakeSession } from '../../fixtures/fake-session';

const part = { kind: 'partial', databases: [{ database: 'shop', tables: null }] } as const;
const whole = { kind: 'instance' } as const;

/** What is run on a server whose links are these rows. */
async function ran(version: string, links: readonly Record<string, unknown>[], scope: Parameters<typeof resetLinks>[1]): Promise<readonly string[]> {
  const statements: string[] = [];
  const server = fakeSession('new primary', (sql) => (/SHOW (REPLICA|SLAVE) STATUS/.test(sql) ? links : []), version);
  await resetLinks(server, scope, ({ sql }) => {
    statements.push(sql);
    return Promise.resolve();
  });
  return statements;
}

const emptied = expect.stringMatching(/^CHANGE REPLICATION FILTER .*REPLICATE_WILD_DO_TABLE = \(\)/);

it('takes the link of a whole instance off, and no more', async () => {
  expect(await ran('9.7.0', [{ Source_Host: 'h' }], whole)).toEqual(['STOP REPLICA', 'RESET REPLICA ALL']);
});

it('takes the filters of a part off, and lets replication start by itself again', async () => {
  expect(await ran('9.7.0', [{ Source_Host: 'h', Replicate_Wild_Do_Table: 'shop.%,antipode.%' }], part)).toEqual(['STOP REPLICA', 'RESET REPLICA ALL', emptied, expect.stringContaining('RESET PERSIST')]);
});

it('takes filters off that nobody told us of', async () => {
  expect(await ran('8.0.31', [{ Source_Host: 'h', Replicate_Ignore_DB: 'logs' }], whole)).toContainEqual(emptied);
});

it('ends what an earlier run began: the link is gone, the marks of the part are not', async () => {
  expect(await ran('8.0.31', [], part)).toEqual([emptied, expect.stringContaining('RESET PERSIST')]);
  expect(await ran('8.0.31', [], whole)).toEqual([]);
});

it('leaves to 5.6 what is a line of its option file', async () => {
  expect(await ran('5.6.24', [{ Master_Host: 'h', Replicate_Wild_Do_Table: 'shop.%' }], part)).toEqual(['STOP SLAVE', 'RESET SLAVE ALL']);
});
