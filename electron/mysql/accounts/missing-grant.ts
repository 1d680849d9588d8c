import { quoteAccount } from '../quote';
import type { QueryOptions, Session } from '../types';

/** The statement that gives the account of a session a right: the account as the server matched it, not as it was typed. `on`: `*.*`, a database, a table. */
export async function missingGrant(session: Session, right: string, on: string, options?: QueryOptions): Promise<string> {
  const [row] = await session.query<{ account: string }>('SELECT CURRENT_USER() AS account', [], options);
  const account = row?.account ?? '';
  // A user's name may hold an @, a host's may not.
  const at = account.lastIndexOf('@');
  return `GRANT ${right} ON ${on} TO ${quoteAccount({ user: account.slice(0, at), host: account.slice(at + 1) })}`;
}
