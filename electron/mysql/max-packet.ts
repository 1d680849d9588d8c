import type { StatementSession } from './types';

/** max_allowed_packet of a session, bytes: a statement as long as that is refused already (manual: "Packet Too Large"). */
export async function maxPacketOf(session: StatementSession, signal?: AbortSignal): Promise<number> {
  const [row] = await session.query<{ most: string | number }>('SELECT @@SESSION.max_allowed_packet AS most', [], signal === undefined ? {} : { signal });
  return Number(row?.most ?? 0);
}
