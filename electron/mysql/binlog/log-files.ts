// The files of a server's binary log: what each holds, and when it was begun.
import { randomInt } from 'node:crypto';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { BulkWire } from '../rows/bulk-wire';
import type { LiveSession } from '../session/session';
import type { Session } from '../types';
import { nextPacket } from './dump';
import { EventReader } from './event';

const dumpCommand = 0x12;
const nonBlocking = 1;
const headBytes = 4 * 1024 * 1024;

export interface LogFilePart {
  readonly name: string;
  readonly bytes: number;
  /** What the log held before this file. */
  readonly previous: GtidSet;
  /** What this file holds. */
  readonly gtids: GtidSet;
}

/**
 * The files, oldest first. What the server executes meanwhile counts for the last one.
 *
 * @throws Failure of the server: it takes REPLICATION CLIENT and REPLICATION SLAVE
 */
export async function readLogFiles(session: Session, newest = Infinity): Promise<readonly LogFilePart[]> {
  const rows = await session.query<{ Log_name: string; File_size: number | string }>(session.dialect.showBinaryLogs());
  const [now] = await session.query<{ executed: string; purged: string }>('SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged');
  const wanted = newest === Infinity ? rows : rows.slice(-newest);
  const heads: { readonly name: string; readonly bytes: number; readonly previous: GtidSet }[] = [];
  for (const { Log_name: name, File_size: bytes } of wanted) heads.push({ name, bytes: Number(bytes), previous: await previousOf(session, name) });
  // What a copy brought along is executed and was never in a log of this server: no file begins with it, and none holds it.
  const executed = parseGtidSet(now?.executed ?? '').subtract(parseGtidSet(now?.purged ?? ''));
  return heads.map((head, i) => ({ ...head, gtids: (heads[i + 1]?.previous ?? executed).subtract(head.previous) }));
}

async function previousOf(session: Session, file: string): Promise<GtidSet> {
  const rows = await session.query<{ Event_type: string; Info: string }>('SHOW BINLOG EVENTS IN ? LIMIT 3', [file]);
  return parseGtidSet(rows.find(({ Event_type: type }) => type === 'Previous_gtids')?.Info ?? '');
}

/** When a file was begun, milliseconds since the epoch; null: it does not say. The session is over afterwards. */
export async function logBegan(session: LiveSession, file: string): Promise<number | null> {
  try {
    await session.run('SET @master_binlog_checksum = @@GLOBAL.binlog_checksum, @source_binlog_checksum = @@GLOBAL.binlog_checksum');
    return await session.lend((socket) => firstTime(new BulkWire(socket), file));
  } finally {
    session.destroy();
  }
}

async function firstTime(wire: BulkWire, file: string): Promise<number | null> {
  // Position of the first event, flags, a server_id that is nobody's.
  const head = Buffer.alloc(4 + 2 + 4);
  head.writeUInt32LE(4, 0);
  head.writeUInt16LE(nonBlocking, 4);
  head.writeUInt32LE(randomInt(0x40000000, 0xffffffff), 6);
  wire.command(dumpCommand, Buffer.concat([head, Buffer.from(file, 'utf8')]));
  const reader = new EventReader();
  try {
    for (;;) {
      const packet = await nextPacket(wire, headBytes);
      if (packet === null) return null;
      const { timestamp } = reader.read(packet.subarray(1));
      // What the server makes up for the one who asks has no time.
      if (timestamp > 0) return timestamp * 1000;
    }
  } finally {
    wire.release();
  }
}
