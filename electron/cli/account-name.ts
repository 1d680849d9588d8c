import type { AccountName } from '../../shared/domain/operations/accounts/change';
import { SqlCursor } from '../../shared/domain/sql/cursor';

/** `user@host`, with quotes or without; without a host it is from anywhere. */
export function accountNameIn(text: string): AccountName {
  const sql = new SqlCursor(text);
  const found = /^['"`]/.test(text) ? sql.accountName() : null;
  const name = found !== null && sql.isAtEnd ? found : text;
  const at = name.lastIndexOf('@');
  return at === -1 ? { user: name, host: '%' } : { user: name.slice(0, at), host: name.slice(at + 1) };
}
