import { atLeast } from '../../shared/domain/fleet/version';
import { globalVariable } from '../mysql/reading';
import type { Session } from '../mysql/types';

const MAIN_CHANNEL =
  "SELECT VALUE AS value FROM performance_schema.tls_channel_status WHERE CHANNEL = 'mysql_main' AND PROPERTY = 'Enabled'";

/** Whether a server offers TLS in a version that other servers accept: where both ends of a link do, it is encrypted. */
export async function offersTls(session: Session): Promise<boolean> {
  // Before 5.7.28 the usual builds speak TLS 1.0 and 1.1 only, which nobody else accepts any more.
  if (!atLeast(session.version, 5, 7, 28)) return false;
  if (session.tls !== null) return true;
  if (atLeast(session.version, 8, 0, 21)) {
    const rows = await session.query<{ value: string }>(MAIN_CHANNEL);
    return rows.some((row) => row.value === 'Yes');
  }
  return (await globalVariable(session, 'have_ssl')) === 'YES';
}
