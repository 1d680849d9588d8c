import { parseGtid, type GtidSet } from '../../../shared/domain/gtid/set';
import { Failure, failure } from '../../../shared/errors/codes';
import { BulkWire, ServerRefusal } from '../rows/bulk-wire';
import { isConnectionLost } from '../errors';
import { LoopTurn } from '../loop-turn';
import type { LiveSession } from '../session/session';
import { MalformedEvent } from './bytes';
import { beginDump, errnoPurged, introduce, nextPacket } from './dump';
import { EventReader, eventTypes, gtidOf, visitPayload, type BinlogEvent } from './event';

/** The server's own limit of a packet: no event is larger. Bytes. */
const eventLimit = 2 ** 30;

/** Told of the transactions of a log, in its order. Called synchronously but for `learn`: what it writes it writes at once. */
export interface TransactionVisitor {
  /** Whether it can read rows of the table of a TABLE_MAP event. */
  knows(map: BinlogEvent): boolean;
  /** Reads what it needs for that from elsewhere. */
  learn(map: BinlogEvent): Promise<void>;
  /** A wanted transaction begins; `event` is its GTID. */
  begin(gtid: string, event: BinlogEvent): void;
  event(event: BinlogEvent): void;
  /** All of it was told; `damage` where its events are not what their form promises, and the rest of it was passed over. */
  end(damage: string | null): void;
}

/** How the reading ended: with the log, or at a file that the server purged meanwhile. */
export type StreamEnd = 'complete' | 'purged';

/**
 * Reads the transactions of a set from the binary log of a server, one event in memory at a time, as a replica that lacks nothing else would be
 * sent them. What others commit meanwhile is passed over. The session is over afterwards.
 *
 * @throws Failure `cancelled`, `connection-lost`, or what the server refused: it takes REPLICATION SLAVE
 */
export async function streamTransactions(session: LiveSession, wanted: GtidSet, visitor: TransactionVisitor, signal?: AbortSignal): Promise<StreamEnd> {
  const { label } = session;
  const onAbort = (): void => session.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal?.aborted === true) onAbort();
    const others = await introduce(session, wanted);
    return await toTheEnd(session, (wire) => receive(wire, others, wanted, visitor));
  } catch (thrown) {
    if (signal?.aborted === true) throw failure('cancelled', { what: label }, { server: label });
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    session.destroy();
  }
}

/** Behind the end of its log the server closes the connection: what has arrived by then is read all the same. */
async function toTheEnd(session: LiveSession, read: (wire: BulkWire) => Promise<StreamEnd>): Promise<StreamEnd> {
  let reading: Promise<StreamEnd> | undefined;
  try {
    return await session.lend((socket) => (reading = read(new BulkWire(socket))));
  } catch (thrown) {
    if (reading === undefined || !isConnectionLost(thrown)) throw thrown;
    return await reading.catch((ended: unknown) => {
      throw ended instanceof ServerRefusal || ended instanceof Failure ? ended : thrown;
    });
  }
}

async function receive(wire: BulkWire, others: GtidSet, wanted: GtidSet, visitor: TransactionVisitor): Promise<StreamEnd> {
  const reader = new EventReader();
  const telling = new Telling(visitor, wanted);
  beginDump(wire, others);
  try {
    for (const turn = new LoopTurn(); ;) {
      const packet = await nextPacket(wire, eventLimit);
      if (packet === null) break;
      await telling.take(reader.read(packet.subarray(1)));
      // Packets that have arrived already would keep everything else waiting.
      if (turn.isOver) await turn.next();
    }
    telling.finish();
    return 'complete';
  } catch (thrown) {
    if (!(thrown instanceof ServerRefusal) || thrown.errno !== errnoPurged) throw thrown;
    // What was begun was not told to its end.
    telling.drop();
    return 'purged';
  } finally {
    wire.release();
  }
}

/** Cuts the events of a log into the transactions that are wanted. */
class Telling {
  private isOurs = false;
  private damage: string | null = null;

  constructor(private readonly visitor: TransactionVisitor, private readonly wanted: GtidSet) {}

  async take(event: BinlogEvent): Promise<void> {
    const begun = gtidOf(event);
    if (begun !== null || event.type === eventTypes.anonymousGtid) {
      this.finish();
      this.isOurs = begun !== null && this.wanted.contains(parseGtid(begun));
      this.damage = null;
      if (this.isOurs && begun !== null) this.visitor.begin(begun, event);
      return;
    }
    if (!this.isOurs || this.damage !== null) return;
    try {
      for (const map of this.unknownMaps(event)) await this.visitor.learn(map);
      if (event.type === eventTypes.transactionPayload) visitPayload(event, (one) => this.visitor.event(one));
      else this.visitor.event(event);
    } catch (thrown) {
      if (!(thrown instanceof MalformedEvent)) throw thrown;
      this.damage = thrown.message;
    }
  }

  /** A compressed transaction is looked through first: while it is told nothing can be waited for. */
  private unknownMaps(event: BinlogEvent): readonly BinlogEvent[] {
    const maps: BinlogEvent[] = [];
    const look = (one: BinlogEvent): void => {
      if (one.type === eventTypes.tableMap && !this.visitor.knows(one)) maps.push({ ...one, body: Buffer.from(one.body) });
    };
    if (event.type === eventTypes.transactionPayload) visitPayload(event, look);
    else look(event);
    return maps;
  }

  finish(): void {
    if (this.isOurs) this.visitor.end(this.damage);
    this.isOurs = false;
  }

  drop(): void {
    if (this.isOurs) this.visitor.end('the log ends within it');
    this.isOurs = false;
  }
}
