import { isRefusal } from '../errors';
import type { Session } from '../types';

/** Which of these accounts, `user@host`, a server does not have; null: it does not let this login see. */
export async function absentAccounts(session: Session, accounts: readonly string[]): Promise<readonly string[] | null> {
  if (accounts.length === 0) return [];
  try {
    const rows = await session.query<{ account: string | Uint8Array }>("SELECT CONCAT(User, '@', Host) AS account FROM mysql.user");
    const known = new Set(rows.map(({ account }) => (typeof account === 'string' ? account : Buffer.from(account).toString())));
    return accounts.filter((one) => !known.has(one));
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return null;
  }
}
