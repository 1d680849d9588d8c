import { atLeast } from '../../../shared/domain/fleet/version';
import { holdsRows } from '../../../shared/domain/scope/engines';
import { hasErrno } from '../../mysql/errors';
import { quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';
import type { ObjectName } from './catalogue';

/** A table that its server lists and cannot read. */
export interface UnreadableTable extends ObjectName {
  /** In the server's words. */
  readonly detail: string;
}

/**
 * 1814: its tablespace was discarded. 1812: the file is gone. 29, 126 to 145, 1016, 1017: MyISAM's files. 1033 to 1035: of another form.
 * 1194, 1195: marked as crashed. 1286: its engine is not there. 1712, 1877: InnoDB found it damaged. 3185: its key is not there.
 */
const unreadable = [1814, 1812, 29, 126, 127, 130, 134, 144, 145, 1016, 1017, 1033, 1034, 1035, 1194, 1195, 1286, 1712, 1877, 3185];

interface Listed extends ObjectName {
  readonly engine: string | null;
  readonly comment: string;
}

/**
 * Tables of users that cannot be read, whatever copies them. InnoDB tells of lost files in one statement (5.7.8 and newer): its tables are tried
 * only where it does. Those of other engines, and of older servers, are tried one by one, by a row each.
 */
export async function unreadableTables(session: Session, takes: (database: string, name: string) => boolean = () => true): Promise<readonly UnreadableTable[]> {
  const listed = await session.query<{ database: string; name: string; engine: string | null; comment: string }>(
    `SELECT TABLE_SCHEMA AS \`database\`, TABLE_NAME AS name, ENGINE AS engine, TABLE_COMMENT AS comment FROM information_schema.TABLES
     WHERE TABLE_TYPE = 'BASE TABLE' AND ${ofUsers('TABLE_SCHEMA')}`,
  );
  const chosen = listed.filter(({ database, name }) => takes(database, name));
  const triesInnodb = chosen.some(isInnodb) && (await mayLackFiles(session));
  const found: UnreadableTable[] = [];
  for (const table of chosen) {
    if (isInnodb(table) && !triesInnodb) continue;
    const detail = await whyUnreadable(session, table);
    if (detail !== null) found.push({ database: table.database, name: table.name, detail });
  }
  return found;
}

const isInnodb = ({ engine }: Listed): boolean => engine?.toLowerCase() === 'innodb';

/** Whether InnoDB misses the file of any table. */
async function mayLackFiles(session: Session): Promise<boolean> {
  if (!atLeast(session.version, 5, 7, 8)) return true;
  const table = atLeast(session.version, 8, 0, 0) ? 'INNODB_TABLESPACES' : 'INNODB_SYS_TABLESPACES';
  const state = atLeast(session.version, 8, 0, 14) ? " OR STATE IN ('discarded', 'corrupted')" : '';
  const found = await session.query(`SELECT 1 FROM information_schema.${table} WHERE SPACE_TYPE = 'Single' AND (FILE_SIZE = 0${state}) LIMIT 1`);
  return found.length > 0;
}

/** null: it can be read, or is about to. */
async function whyUnreadable(session: Session, { database, name, engine, comment }: Listed): Promise<string | null> {
  // Before 8.0 a table that cannot be opened has none, and says why.
  if (engine !== null && !holdsRows(engine)) return null;
  try {
    await session.query(`SELECT 1 FROM ${quoteTable(database, name)} LIMIT 1`);
    return null;
  } catch (thrown) {
    if (!hasErrno(thrown, ...unreadable)) {
      // Somebody is changing it, or it was changed or dropped meanwhile: whoever reads it finds that.
      if (hasErrno(thrown, 1205, 1213, 1317, 3024, 1412, 1146, 1049, 1142, 1143)) return null;
      throw thrown;
    }
    return comment !== '' && engine === null ? comment : (thrown as Error).message;
  }
}
