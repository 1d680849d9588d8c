import type { SqlKind } from './statement-kind';

/** What stands in place of a literal that is left out, or of the rest of a statement: no server takes it, and nothing that holds it is run. */
export const hiddenMark = '<hidden literal>';

/**
 * Words that stand where a password, a key or its hash does: in names and texts too, as bodies of routines and what is prepared hold statements. One word
 * too many hides a literal; one too few would keep a secret.
 */
const beside = new RegExp([
  'identified', 'passw', 'passphrase', '(?:^|[^a-z])pwd', 'secret', 'credential', 'authentication_string', 'api_?key', 'private_?key', 'access_?key',
  'token', 'bearer', '(?:^|[^a-z])pass(?![a-z])', '\\b(?:sha[12]?|md5)\\s*\\(',
  'aes_(?:en|de)crypt', 'des_(?:en|de)crypt', 'connection[^a-z(_]', '(?:^|[^a-z])user[^a-z]{0,3}\\bvalues', '\\bmysql[`"\\s]*\\.[`"\\s]*(?:user|servers)',
].join('|'), 'i');

/** Whether a statement may hold a secret, so that it is kept and shown without its literals only. */
export function mayHoldSecret(sql: string, kind: SqlKind): boolean {
  // What is for accounts, servers and links, and what nobody understands.
  return kind === 'administration' || kind === 'unknown' || beside.test(sql);
}
