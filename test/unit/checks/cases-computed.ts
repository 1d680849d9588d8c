import type { Case } from './cases';
import { server } from './fixture';

const column = { database: 'shop', table: 'orders', column: 'c', type: 'varchar', columnType: 'varchar(9)', generated: true, collation: null, srsId: null } as const;
const on57 = server('5.7.22', 2);

/** What columns, keys and partitions that a server computes depend on. */
export const computedCases: readonly Case[] = [
  { id: 'server.timezone', says: 'equal', status: 'pass' },
  { id: 'server.timezone', says: 'same zone by another name', facts: { standbyServer: server('9.7.0', 2, { time_zone: 'UTC', system_time_zone: 'CST' }) }, status: 'pass' },
  { id: 'server.timezone', says: 'clocks that differed before 1992 only', facts: { standbyZone: { offsets: 3, sum: '2', recent: '1', now: '+08:00' } }, status: 'pass' },
  { id: 'server.timezone', says: 'columns of clocks that differed before 1992 only', facts: { standbyZone: { offsets: 3, sum: '2', recent: '1', now: '+08:00' }, sourceColumns: [{ ...column, inZone: 'stored' }] }, status: 'warn', fixable: true },
  { id: 'server.timezone', says: 'another zone of the same name', facts: { standbyZone: { offsets: 2, sum: '2', recent: '2', now: '-06:00' } }, status: 'warn', fixable: true, sql: ["SET PERSIST time_zone = '+00:00'"] },
  { id: 'server.timezone', says: 'a zone that only the source can name', facts: { sourceZone: { offsets: 2, sum: '2', recent: '2', now: '-06:00' } }, status: 'warn', fixable: false },
  { id: 'server.timezone', says: 'columns that are stored in another zone', facts: { standbyZone: { offsets: 1, sum: '2', recent: '2', now: '+08:00' }, sourceColumns: [{ ...column, inZone: 'stored' }] }, status: 'fail', measured: 'shop.orders.c' },
  { id: 'server.timezone', says: 'columns that 5.7 stores as the source did', facts: { standbyServer: on57, standbyZone: null, sourceColumns: [{ ...column, inZone: 'stored' }] }, status: 'warn' },
  { id: 'server.timezone', says: 'columns of a 5.7 whose clocks change', facts: { standbyServer: on57, sourceZone: { offsets: 2, sum: '2', recent: '2', now: '+01:00' }, sourceColumns: [{ ...column, inZone: 'stored' }] }, status: 'fail' },
  { id: 'server.timezone', says: 'keys in another zone on 5.7', facts: { standbyServer: on57, standbyZone: null, sourceColumns: [{ ...column, inZone: 'kept' }] }, status: 'fail' },
  { id: 'server.compute', says: 'equal', status: 'pass' },
  { id: 'server.compute', says: 'nothing that is computed by it', facts: { sourceServer: server('9.7.0', 1, { div_precision_increment: '4' }), standbyServer: server('9.7.0', 2, { div_precision_increment: '8' }), sourceColumns: [{ ...column, expression: 'aes_encrypt(`a`,`b`)' }] }, status: 'warn', fixable: true },
  { id: 'server.compute', says: 'a slash in a text', facts: { sourceServer: server('9.7.0', 1, { div_precision_increment: '4' }), standbyServer: server('9.7.0', 2, { div_precision_increment: '8' }), sourceColumns: [{ ...column, expression: "date_format(`a`,_utf8mb4'%Y/%m')" }] }, status: 'warn' },
  { id: 'server.compute', says: 'a stored division', facts: { sourceServer: server('9.7.0', 1, { div_precision_increment: '4' }), standbyServer: server('9.7.0', 2, { div_precision_increment: '8' }), sourceColumns: [{ ...column, expression: '(`a` / `b`)' }] }, status: 'fail', sql: ['SET PERSIST div_precision_increment = 4'] },
  { id: 'server.compute', says: 'a stored secret', facts: { sourceServer: server('9.7.0', 1, { block_encryption_mode: 'aes-128-ecb' }), standbyServer: server('9.7.0', 2, { block_encryption_mode: 'aes-256-cbc' }), sourceColumns: [{ ...column, expression: 'aes_encrypt(`a`,`b`)' }] }, status: 'fail', fixable: true },
  { id: 'obj.partition', says: 'a shared tablespace, for 5.7', facts: { standbyServer: on57, sourcePartitions: [{ database: 'shop', table: 'orders', kind: 'shared', partition: 'ts' }] }, status: 'pass' },
  { id: 'obj.partition', says: 'a shared tablespace', facts: { sourcePartitions: [{ database: 'shop', table: 'orders', kind: 'shared', partition: 'ts' }] }, status: 'fail', measured: 'shop.orders (ts)' },
  { id: 'obj.partition', says: 'a row outside of its partition', facts: { sourcePartitions: [{ database: 'shop', table: 'orders', kind: 'stray', partition: 'p0' }] }, status: 'fail', measured: 'shop.orders (p0)', sql: ['ALTER TABLE `shop`.`orders` REPAIR PARTITION `p0`'] },
];
