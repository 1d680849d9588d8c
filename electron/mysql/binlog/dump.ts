import { randomInt, randomUUID } from 'node:crypto';
import { parseGtid, parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { failure } from '../../../shared/errors/codes';
import { BulkWire, PacketTooLong, ServerRefusal } from '../rows/bulk-wire';
import type { LiveSession } from '../session/session';
import { MalformedEvent } from './bytes';
import { EventReader, eventTypes, gtidOf, payloadEvents, type BinlogEvent } from './event';
import { encodeGtidSet } from './gtid-encoding';

const dumpGtidCommand = 0x1e;
/** BINLOG_DUMP_NON_BLOCK: the server ends its answer where its log ends. */
const nonBlocking = 1;
/** A packet of this length is followed by more of the same. */
const fullPacket = 0xffffff;
/** ER_MASTER_FATAL_ERROR_READING_BINLOG (today …_SOURCE_…): what is asked for was purged. */
export const errnoPurged = 1236;

/** The events of one transaction, from behind its GTID. */
export interface DumpedTransaction {
  readonly events: readonly BinlogEvent[];
  /** There are more of them than the limit lets in. */
  readonly truncated: boolean;
}

export interface DumpLimits {
  readonly bytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one transaction from the binary log of a server, as a replica that lacks nothing else would be sent it. The
 * session is over afterwards.
 *
 * @throws Failure `transaction-not-logged` where the binary log does not hold it (any more); `query-timeout`, `cancelled`,
 *   or what the server refused: it takes REPLICATION SLAVE
 * @throws MalformedEvent where what comes is no binary log as it is known here
 */
export async function dumpTransaction(session: LiveSession, gtid: string, limits: DumpLimits): Promise<DumpedTransaction> {
  const { label } = session;
  let ended: Error | null = null;
  const end = (why: Error) => (): void => {
    ended ??= why;
    session.destroy();
  };
  const onAbort = end(failure('cancelled', { what: label }, { server: label }));
  const timer = setTimeout(
    end(failure('query-timeout', { seconds: limits.timeoutMs / 1000 }, { server: label, detail: 'COM_BINLOG_DUMP_GTID' })), limits.timeoutMs,
  );
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (limits.signal?.aborted === true) onAbort();
    const others = await introduce(session, parseGtidSet(gtid));
    const found = await session.lend((socket) => receive(new BulkWire(socket), others, gtid, limits.bytes).catch(ifMalformed));
    if (found instanceof MalformedEvent) throw found;
    if (found === null) throw failure('transaction-not-logged', { gtid, name: label }, { server: label });
    return found;
  } catch (thrown) {
    throw ended ?? thrown;
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
    session.destroy();
  }
}

/**
 * Says what a replica says of itself: how checksums are to be, and a uuid of its own, by which a server knows (and ends)
 * an older connection of the same replica. Returns everything the server executed but what is wanted.
 */
export async function introduce(session: LiveSession, wanted: GtidSet): Promise<GtidSet> {
  // The words of before 8.0.26 and of today; a variable that a server does not look for does no harm.
  await session.run('SET @master_binlog_checksum = @@GLOBAL.binlog_checksum, @source_binlog_checksum = @@GLOBAL.binlog_checksum');
  const uuid = randomUUID();
  await session.run('SET @slave_uuid = ?, @replica_uuid = ?', [uuid, uuid]);
  const [row] = await session.query<{ gtids: string }>('SELECT @@GLOBAL.gtid_executed AS gtids');
  return parseGtidSet(row?.gtids ?? '').subtract(wanted);
}

/** What is no fault of the connection must not be taken for one. */
function ifMalformed(thrown: unknown): MalformedEvent {
  if (thrown instanceof MalformedEvent) return thrown;
  if (thrown instanceof PacketTooLong) return new MalformedEvent('a transaction whose first event is too long');
  throw thrown;
}

/** The transaction, or null where the log ends before it. */
async function receive(wire: BulkWire, others: GtidSet, gtid: string, limit: number): Promise<DumpedTransaction | null> {
  const wanted = parseGtid(gtid);
  const reader = new EventReader();
  const events: BinlogEvent[] = [];
  let bytes = 0;
  let isOurs = false;
  beginDump(wire, others);
  try {
    for (;;) {
      const packet = await nextPacket(wire, limit - bytes);
      if (packet === null) break;
      const event = reader.read(packet.subarray(1));
      const begun = gtidOf(event);
      if (begun !== null || event.type === eventTypes.anonymousGtid) {
        // What another session commits meanwhile is sent too, behind it.
        if (isOurs) break;
        const { uuid, tag, gno } = parseGtid(begun ?? gtid);
        isOurs = begun !== null && uuid === wanted.uuid && tag === wanted.tag && gno === wanted.gno;
        continue;
      }
      if (!isOurs) continue;
      bytes += packet.length;
      if (event.type === eventTypes.transactionPayload) {
        const { events: inside, complete } = payloadEvents(event, limit);
        return { events: inside, truncated: !complete };
      }
      events.push(event);
    }
  } catch (thrown) {
    if (thrown instanceof PacketTooLong && isOurs) return { events, truncated: true };
    if (thrown instanceof ServerRefusal && thrown.errno === errnoPurged) return null;
    throw thrown;
  } finally {
    wire.release();
  }
  return isOurs ? { events, truncated: false } : null;
}

/** One logical packet of the answer; null: it is over. */
export async function nextPacket(wire: BulkWire, limit: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let left = limit;
  for (;;) {
    const { body } = await wire.packet(left);
    if (pieces.length === 0) {
      if (body[0] === 0xff) throw new ServerRefusal(Buffer.from(body));
      if (body[0] === 0xfe && body.length < 9) return null;
    }
    pieces.push(body);
    left -= body.length;
    if (body.length < fullPacket) return pieces.length === 1 ? body : Buffer.concat(pieces);
  }
}

/** Asks for everything that is in the log and not in `others`. */
export function beginDump(wire: BulkWire, others: GtidSet): void {
  wire.command(dumpGtidCommand, dumpRequest(others));
}

function dumpRequest(others: GtidSet): Buffer {
  const set = encodeGtidSet(others);
  // Flags, server_id, no name of a log, the position of its first event, the set.
  const head = Buffer.alloc(2 + 4 + 4 + 8 + 4);
  head.writeUInt16LE(nonBlocking, 0);
  // Nobody's: another dump under the same number would be taken for an older connection of this one.
  head.writeUInt32LE(randomInt(0x40000000, 0xffffffff), 2);
  head.writeBigUInt64LE(4n, 10);
  head.writeUInt32LE(set.length, 18);
  return Buffer.concat([head, set]);
}
