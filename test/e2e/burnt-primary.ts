// A primary that burnt in the real window: its standby took over without its last writes, and it is back.
import type { Page } from 'playwright';
import { hasAllOf, replicateFrom, replication, until } from '../fixtures/promotion-pair';
import { wordsOf } from '../fixtures/series';
import { startServers, type TestServer } from '../fixtures/servers';
import { addInstance, get, goTo, instanceId } from './operator';

export interface Burnt {
  /** What both servers hold before. */
  readonly before: string;
  /** What the primary wrote last, and the standby never got. */
  readonly lost: readonly string[];
  /** What the new primary has taken since. */
  readonly since: string;
}

/** Starts `orders-gz` and its standby `orders-sh`, registers both, lets the first one burn and the second one be promoted. */
export async function burntPrimary(page: Page, { before, lost, since }: Burnt): Promise<Record<'gz' | 'sh', TestServer>> {
  const servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } });
  const { gz, sh } = servers;
  await gz.query(wordsOf('9.7').makeAccount(`'${replication.user}'@'%'`, replication.password, 'REPLICATION SLAVE ON *.*'));
  await gz.query(before);
  await replicateFrom(sh, gz);
  await until(() => hasAllOf(sh, gz));
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', gz], ['orders-sh', 'Shanghai', sh]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
  }
  await sh.query('STOP REPLICA IO_THREAD');
  for (const sql of lost) await gz.query(sql);
  await gz.kill();
  const plan = await get(page, 'promotion.plan', {
    standbyId: await instanceId(page, 'orders-sh'), kind: 'emergency', timeoutSeconds: 30, discardReceived: false, acceptPartial: false,
  });
  const { taskId } = await get(page, 'promotion.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
  await until(async () => (await get(page, 'tasks.get', { id: taskId })).state === 'done', 60_000, 'the promotion');
  await sh.query(since);
  await gz.start();
  await get(page, 'fleet.refresh', { id: await instanceId(page, 'orders-gz') });
  return servers;
}
