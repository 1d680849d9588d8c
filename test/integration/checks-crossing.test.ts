// Which series may follow which, asked of real servers of all of them at once: upwards by one, with a warning by more, downwards never.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCheck } from '../../electron/checks';
import { isAvailable } from '../fixtures/matrix';
import { everySeries, type Series } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { asking, databases, pairOf } from './checks-pair';

const servers = new Map<Series, TestServer>();
const series = everySeries.filter(isAvailable);
beforeAll(async () => {
  for (const one of series) servers.set(one, await startServer({ series: one, name: `of-${one}` }));
});
afterAll(disposeServers);

/** By the manual ("Replication Compatibility Between MySQL Versions"), whose chain is 5.6, 5.7, 8.0, 8.4, 9.x. */
const upwards: readonly (readonly [Series, Series, string])[] = [
  ['5.6', '5.7', 'pass'],
  // The accounts of 5.6 cannot be read there.
  ['5.6', '8.0.15', 'fail'], ['5.6', '8.0', 'fail'], ['5.6', '9.7', 'fail'],
  ['5.7', '8.0.15', 'pass'], ['5.7', '8.0', 'pass'], ['5.7', '9.7', 'warn'],
  ['8.0.15', '8.0', 'pass'], ['8.0.15', '9.7', 'warn'], ['8.0', '9.7', 'warn'],
];
const downwards = upwards.map(([older, newer]) => [newer, older, older === '8.0.15' && newer === '8.0' ? 'warn' : 'fail'] as const);

it.each([...upwards, ...downwards].filter(([from, to]) => isAvailable(from) && isAvailable(to)))('from %s to %s: %s', async (from, to, status) => {
  const { status: found, measured } = await runCheck(pairOf(servers.get(from)!, servers.get(to)!), 'server.version.order');
  expect(found).toBe(status);
  expect(measured.params).toMatchObject({ source: expect.stringContaining(from) as string, standby: expect.stringContaining(to) as string });
});

it.each(downwards.filter(([from, to, status]) => status === 'fail' && isAvailable(from) && isAvailable(to)))('what is written by %s, %s is told not to understand', async (from, to) => {
  const found = await runCheck(pairOf(servers.get(from)!, servers.get(to)!), 'server.version.order');
  expect(found.remedy?.text?.key).toBe('checks.server.version.order.fix-older');
});

it.runIf(isAvailable('5.6') && isAvailable('5.7'))('a schema sys that somebody made on 5.6 is told where the standby has one of its own', async () => {
  const [old, next] = [servers.get('5.6')!, servers.get('5.7')!];
  await old.query('CREATE DATABASE sys; CREATE TABLE sys.sys_config (variable VARCHAR(128) PRIMARY KEY)');
  const found = await Promise.all([pairOf(old, next), asking(pairOf(old, next), { eraseTarget: true }), asking(pairOf(old, next), { scope: databases('other') }), pairOf(old, old)].map((pair) => runCheck(pair, 'obj.conflict')));
  await old.query('DROP DATABASE sys');
  expect(found.map(({ status, items }) => [status, items?.includes('sys') === true])).toEqual([['fail', true], ['fail', true], ['pass', false], ['fail', true]]);
  expect(found[0]?.remedy?.text?.key).toBe('checks.obj.conflict.fix-sys');
  expect((await runCheck(pairOf(old, next), 'obj.conflict')).status).toBe('pass');
});
