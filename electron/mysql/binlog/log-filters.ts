import type { Session } from '../types';

/** The filters of a server's own binary log, each as the server says it: what they keep out of it has no GTID at all. Untrusted. */
export async function logFilters(session: Session): Promise<readonly string[]> {
  const [row] = await session.query<Record<string, unknown>>(session.dialect.showBinaryLogStatus());
  return ['Binlog_Do_DB', 'Binlog_Ignore_DB'].flatMap((column) => {
    const value = row?.[column];
    return typeof value === 'string' && value !== '' ? [`${column} = ${value}`] : [];
  });
}
