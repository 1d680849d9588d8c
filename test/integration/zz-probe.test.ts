import { appendFileSync } from 'node:fs';
import { afterAll, it } from 'vitest';
import { disposeServers, startServers } from '../fixtures/servers';
import { hostileSchema } from '../fixtures/hostile-schema/schema';
afterAll(disposeServers);
it('probes', async () => {
  const { source } = await startServers({ source: { series: '9.7', durability: 'relaxed' } });
  const out = (s: string): void => appendFileSync('/tmp/probe.out', `${s}\n`);
  const q = async (sql: string): Promise<void> => { try { out(`${sql.slice(0, 900)} => ${JSON.stringify(await source.query(sql)).slice(0, 600)}`); } catch (e) { out(`${sql.slice(0, 900)} => ERR ${(e as Error).message}`); } };
  const schema = hostileSchema(9, '9.7');
  await q("CREATE DATABASE `it's1`");
  await source.query("SET GLOBAL sql_mode = ''");
  const c = await source.connect();
  for (const s of schema.statements) if (s.sql.includes('#27')) { out(s.sql); await c.query(s.sql).catch((e: unknown) => out(String(e))); }
  for (let i = 0; i < 3; i++) { await q("SELECT COUNT(*) FROM `it's1`.`#27`"); await q("SELECT HEX(`a;b28`) AS x, HEX(`KEY`) AS `KEY` FROM `it's1`.`#27`"); }
});
