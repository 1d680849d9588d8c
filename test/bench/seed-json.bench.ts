// First copies of documents as most applications write them, and of documents that hold types which text does not tell.
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { disposeServers, startServers } from '../fixtures/servers';
import { ours } from './seed-tools';

export const needs = ['mysql-9.7'];
const rows = 262_144;

const plain = `'{"id": 1, "name": "Alice Example", "price": 12.5, "tags": ["a", "b", "c"], "addr": {"street": "Main 1", "zip": 12345, "at": "2020-01-01 10:00:00"}, "ok": true, "n": null}'`;
const typed = `JSON_OBJECT('id', CAST(1 AS UNSIGNED), 'name', 'Alice Example', 'price', CAST(12.50 AS DECIMAL(8,2)), 'at', CAST('2020-01-01 10:00:00' AS DATETIME))`;

export default async function seedJson(): Promise<void> {
  useWorkersIn(join(import.meta.dirname, '../../out/cli'));
  const { source, target } = await startServers({ source: { series: '9.7', bufferPoolMb: 512, durability: 'relaxed' }, target: { series: '9.7', bufferPoolMb: 512, durability: 'relaxed' } });
  for (const [name, document] of [['plain', plain], ['typed', typed]] as const) {
    await source.query(`CREATE DATABASE ${name}; CREATE TABLE ${name}.docs (id INT PRIMARY KEY AUTO_INCREMENT, doc JSON); INSERT INTO ${name}.docs (doc) VALUES (${document})`);
    for (let there = 1; there < rows; there *= 2) await source.query(`INSERT INTO ${name}.docs (doc) SELECT doc FROM ${name}.docs`);
    for (let round = 0; round < 3; round++) {
      await target.query(`SET sql_log_bin = 0; DROP DATABASE IF EXISTS ${name}`);
      const { copy, check } = await ours(source, target, name);
      process.stdout.write(`${name}: ${rows} documents, copy ${copy.toFixed(2)} s, comparison ${check.toFixed(2)} s\n`);
    }
  }
  await disposeServers();
}
