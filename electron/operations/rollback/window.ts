// What can be gone back to: the files of the log with their times, and the backups beside them.
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import type { RollbackWindow } from '../../../shared/domain/operations/rollback/transaction';
import { logBegan, readLogFiles } from '../../mysql/binlog/log-files';
import { options, type LogOwner } from './log-reading';

/** A backup, as far as this needs one. */
interface KnownBackup {
  readonly id: string;
  /** The moment that it holds, milliseconds since the epoch. */
  readonly at: number;
  readonly gtidSet: string;
}

/** The whole backups of an instance, newest first. */
export type ReadBackups = (instanceId: string) => Promise<readonly KnownBackup[]>;

/** Files of which the time is asked. */
const mostAsked = 24;

export async function readWindow(owner: LogOwner, backupsOf: ReadBackups, now: number, signal?: AbortSignal): Promise<RollbackWindow> {
  const { fleet, instanceId, name } = owner;
  const { files, format, image } = await fleet.withSession(instanceId, async (session) => {
    const [row] = await session.query<{ format: string; image: string }>('SELECT @@GLOBAL.binlog_format AS format, @@GLOBAL.binlog_row_image AS image');
    return { files: await readLogFiles(session), format: row?.format ?? '', image: row?.image ?? '' };
  }, options(signal));
  const every = Math.max(1, Math.ceil(files.length / mostAsked));
  const began: (number | null)[] = [];
  for (const [at, file] of files.entries()) {
    began.push(at % every === 0 ? await logBegan(await fleet.connect(instanceId, options(signal)), file.name) : null);
  }
  const held = files.reduce((sum, { gtids }) => sum.union(gtids), parseGtidSet(''));
  const before = files[0]?.previous ?? parseGtidSet('');
  const backups = (await backupsOf(instanceId)).map(({ id, at, gtidSet }) => ({ id, at, reachable: before.isSubsetOf(parseGtidSet(gtidSet)) }));
  return {
    instanceId, name, gtids: held.toLine(), transactions: Number(held.count()), from: began[0] ?? null, now, format, image, backups,
    files: files.map((file, i) => ({ name: file.name, bytes: file.bytes, begunAt: began[i] ?? null })),
  };
}
