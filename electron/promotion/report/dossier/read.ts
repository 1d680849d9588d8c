import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Dossier } from '../../../../shared/domain/promotion/dossier/dossier';
import { countOf } from '../../../../shared/domain/analysis/input';
import { parseGtidSet, type GtidSet } from '../../../../shared/domain/gtid/set';
import { forgotten } from '../../../../shared/domain/promotion/failback/reading';
import { isOtherServer } from '../../../../shared/domain/promotion/failback/ways';
import type { LiveSession } from '../../../mysql/session/session';
import { streamTransactions } from '../../../mysql/binlog/stream';
import type { Session } from '../../../mysql/types';
import { Collected } from '../../../comparison/logged/collect';
import { judgeRows, wholeEntries, wholeEntry } from './judge';
import { LostParents } from './lost-parents';
import { TodayTables } from '../../../comparison/logged/tables-today';
import { EntryWriter } from './entry-writer';
import { Partitions } from '../../../comparison/logged/spill';
import type { WrittenDossier } from './store';
import { LoggedTables } from '../../../mysql/binlog/logged-tables';

/** The two servers of a dossier. */
export interface DossierPair {
  readonly oldId: string;
  readonly oldName: string;
  readonly newId: string;
  readonly newName: string;
  /** The identity of the server that was the primary; null: it was never read. */
  readonly formerUuid: string | null;
}

/** Opens a session of its own each time. */
type Connect = (instanceId: string) => Promise<LiveSession>;

const setsSql = 'SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged, @@GLOBAL.read_only AS readOnly, @@GLOBAL.server_uuid AS uuid';

interface Sets {
  readonly executed: GtidSet;
  readonly purged: GtidSet;
  readonly isWritable: boolean;
  readonly uuid: string;
}

async function setsOf(session: Session): Promise<Sets> {
  const [row] = await session.query<{ executed: string; purged: string; readOnly: number | string; uuid: string }>(setsSql);
  return {
    executed: parseGtidSet(row?.executed ?? ''), purged: parseGtidSet(row?.purged ?? ''), isWritable: Number(row?.readOnly) !== 1, uuid: row?.uuid ?? '',
  };
}

/**
 * Makes the dossier of what an old primary holds and its successor lacks, in files of a folder. Nothing is changed on either server.
 * Read first the old one, then the new: what is missing is missing then.
 *
 * @throws Failure `storage-full`, or what keeps one of the servers from being read
 */
export async function collectDossier(folder: string, pair: DossierPair, connect: Connect): Promise<WrittenDossier> {
  const changes = join(folder, 'changes');
  mkdirSync(changes, { recursive: true, mode: 0o700 });
  const sessions: LiveSession[] = [];
  const open = async (id: string): Promise<LiveSession> => {
    const session = await connect(id);
    sessions.push(session);
    return session;
  };
  try {
    const [old, successor] = [await open(pair.oldId), await open(pair.newId)];
    const { executed, purged, uuid } = await setsOf(old);
    const theirs = (await setsOf(successor)).executed;
    const lost = executed.subtract(theirs);
    const collected = new Collected(folder, new LoggedTables(old), new Partitions(changes));
    const entries = new EntryWriter(folder);
    const parents = new LostParents(changes);
    try {
      await collected.tables.open();
      const readable = lost.subtract(purged);
      if (!readable.isEmpty()) await streamTransactions(await open(pair.oldId), readable, collected);
      collected.finish();
      const tables = new TodayTables(successor);
      for await (const row of judgeRows(collected, successor, tables)) {
        const entry = parents.take(row);
        if (entry !== null) entries.add(entry);
      }
      for (const entry of parents.settled()) entries.add(entry);
      const rows = entries.size;
      for (const entry of wholeEntries(collected)) entries.add(entry);
      // What was purged while it was read is known by now.
      const now = await setsOf(old);
      const unread = addUnread(entries, collected, lost, now.purged);
      // By a reading after that of its successor: what it made meanwhile is not forgotten.
      const whose = { isOther: isOtherServer({ oldUuid: uuid }, pair.formerUuid), setBack: countOf(forgotten(now.executed, theirs, uuid)) };
      const stillWrites = now.isWritable || !now.executed.equals(executed);
      return entries.finish({ ...summary(pair, lost, collected, unread), rows, cascading: tables.cascading(), stillWrites, ...whose }, collected.offsets);
    } finally {
      entries.close();
      parents.close();
      collected.close();
      rmSync(changes, { recursive: true, force: true });
    }
  } finally {
    for (const session of sessions) session.destroy();
  }
}

/** What was not seen in the log: purged before, or while it was read, or not in it at all. Returns how many transactions those are. */
function addUnread(entries: EntryWriter, collected: Collected, lost: GtidSet, purged: GtidSet): number {
  const unread = lost.subtract(collected.seen.set());
  const gone = unread.intersect(purged);
  for (const [set, code] of [[gone, 'purged'], [unread.subtract(gone), 'not-in-log']] as const) {
    if (set.isEmpty()) continue;
    entries.add(wholeEntry({ class: 'unreadable', proof: { code, names: [] } }, set.toLine(), countOf(set), []));
  }
  return countOf(unread);
}

type Summary = Omit<Dossier, 'counts' | 'rows' | 'cascading' | 'stillWrites' | 'isOther' | 'setBack'>;

/** When it was is said by who ordered it. */
function summary({ oldId, oldName, newId, newName }: DossierPair, lost: GtidSet, collected: Collected, unread: number): Summary {
  const { read, empty, byServer, byUs, unreadable, rows } = collected.counts;
  return {
    id: randomUUID(), oldId, oldName, newId, newName, at: 0, set: lost.toLine(),
    transactions: { total: countOf(lost), read, empty, byServer, byUs, unreadable: unreadable + unread },
    changes: rows,
  };
}
