import { isRefusal } from '../reading';
import type { Session } from '../types';

/** A place in a replica's relay log, as SHOW REPLICA STATUS gives that of its applier. */
export interface RelayLogPlace {
  readonly file: string;
  readonly position: number;
}

interface RelayLogEvent {
  readonly Pos: number;
  readonly Event_type: string;
  readonly Info: string;
}

/** Rows of one answer, and how many are read in all: a transaction may have millions. */
const pageRows = 2_000;
const pagesAtMost = 200;

/**
 * The transactions that a relay log holds from a place on, one after the other: the order in which the source has them in its
 * binary log. Ends where the log ends, where the server refuses to show it, or where too much lies in between.
 */
export async function* relayedTransactions(session: Session, { file, position }: RelayLogPlace): AsyncGenerator<string, void> {
  let place: RelayLogPlace | null = { file, position };
  // The first event of a later page was the last of the page before.
  let isRead = false;
  for (let page = 0; page < pagesAtMost && place !== null; page += 1) {
    const events = await eventsFrom(session, place);
    for (const event of isRead ? events.slice(1) : events) {
      const gtid = gtidOf(event);
      if (gtid !== null) yield gtid;
    }
    const last = events.at(-1);
    isRead = events.length === pageRows;
    place = last === undefined ? null : isRead ? { file: place.file, position: Number(last.Pos) } : nextFile(place.file, last);
  }
}

async function eventsFrom(session: Session, { file, position }: RelayLogPlace): Promise<RelayLogEvent[]> {
  if (file === '' || !Number.isSafeInteger(position)) return [];
  try {
    return await session.query<RelayLogEvent>(session.dialect.showRelayLogEvents(file, position, pageRows));
  } catch (thrown) {
    // Purged meanwhile, or not for this login.
    if (isRefusal(thrown)) return [];
    throw thrown;
  }
}

/** `Gtid`, with a tag `Gtid_tagged`; the texts of other events are written by users. */
function gtidOf({ Event_type, Info }: RelayLogEvent): string | null {
  return /^gtid/i.test(Event_type) ? (/GTID_NEXT\s*=\s*'([^']+)'/i.exec(Info)?.[1] ?? null) : null;
}

/** Where the log goes on behind its last event. The source's own changes of file stand in a relay log too, and name another log. */
function nextFile(file: string, { Event_type, Info }: RelayLogEvent): RelayLogPlace | null {
  const next = /^rotate/i.test(Event_type) ? (/^(?:.*[\\/])?([^\\/;]+)/.exec(Info)?.[1] ?? '') : '';
  return next !== file && baseOf(next) === baseOf(file) ? { file: next, position: 4 } : null;
}

function baseOf(file: string): string {
  return file.replace(/^.*[\\/]/, '').replace(/\.\d+$/, '');
}
