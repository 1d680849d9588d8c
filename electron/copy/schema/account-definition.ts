import { randomBytes } from 'node:crypto';
import { noteClause } from '../../../shared/domain/accounts/attribute';
import type { AccountAspect, AccountState } from '../../../shared/domain/accounts/state';
import { SqlCursor } from '../../../shared/domain/sql/cursor';
import { atLeast } from '../../../shared/domain/fleet/version';
import type { Account } from '../../mysql/dialect/accounts';
import { quoteAccount, quoteString } from '../../mysql/quote';
import { plain, Secret, statementOf } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import { definitionIn } from './shown';

/** An account as the source keeps it. */
interface Kept {
  readonly plugin: string;
  /** The password's hash, as hexadecimal digits. */
  readonly hash: string;
  /** The older one of two passwords that are both good, likewise; '' where there is one. */
  readonly second: string;
  readonly expired: boolean;
  readonly cipher: string;
  readonly issuer: string;
  readonly subject: string;
}

/** How an account of the source comes about on the target. */
export interface AccountDefinition {
  readonly statements: readonly Statement[];
  /**
   * The same where the target does not know the account's way to log in: locked, with a password that nobody knows, so that its rights
   * have somebody to belong to and what the source does with it later finds it.
   */
  readonly locked: readonly Statement[];
}

/** What makes the account of the source out of none, or out of one of the same name that `exists`. Its rights are given apart. */
export async function definitionOf(reader: Session, writer: Session, account: Account, exists: boolean): Promise<AccountDefinition> {
  const kept = await readKept(reader, account);
  if (!atLeast(reader.version, 5, 7, 6)) return definitionOf56(writer, account, kept, exists);
  const who = quoteAccount(account);
  const verb = exists ? 'ALTER USER' : 'CREATE USER';
  const shown = withoutDefaultRole(withQuotedRequirement(await shownUser(reader, account), kept));
  const clauses = clausesOf(shown);
  // AS '' too: without AS the password counts as one that an administrator reset, is checked by the policy, and expires at once.
  const identified = (hash: string): string => `IDENTIFIED WITH ${quoteString(kept.plugin)} AS ${hash}`;
  const hidden = (hash: string, sql: (how: string) => string): Statement => ({ sql: sql(identified(hashText(hash))), redacted: sql(identified("'***'")) });
  const statements = [hidden(kept.hash, (how) => `${verb} ${who} ${clauses.identified(how)}`)];
  if (kept.second !== '') {
    // Each keeps the one before: whoever logs in meanwhile is not turned away.
    statements.push(...[kept.second, kept.hash].map((hash) => hidden(hash, (how) => `ALTER USER ${who} ${how} RETAIN CURRENT PASSWORD`)));
    // A new password ends that state.
    if (kept.expired) statements.push(plain(`ALTER USER ${who} PASSWORD EXPIRE`));
  }
  return { statements, locked: [lockedForm(shown, who)] };
}

/** An account as its definition says, but locked, with a password that nobody knows: of a server from 5.7.6 on. */
export function lockedForm(definition: string, who: string): Statement {
  const clauses = clausesOf(definition).identified('').replace(/ ACCOUNT UNLOCK\b/, ' ACCOUNT LOCK');
  return statementOf(`CREATE USER ${who} IDENTIFIED BY `, nobodysPassword(), / ACCOUNT LOCK\b/.test(clauses) ? clauses : `${clauses} ACCOUNT LOCK`);
}

/** What an account that exists has to become, but for what it may do. */
export interface WantedDefinition {
  /** The server that it is defined on as it is to be. */
  readonly reader: Session;
  readonly here: AccountState;
  readonly there: AccountState;
  /** Only where it differs; absent: everything. */
  readonly aspects?: ReadonlySet<AccountAspect>;
}

const loginAspects: readonly AccountAspect[] = ['plugin', 'password', 'second-password', 'factors', 'expiry'];
const clauseAspects: readonly AccountAspect[] = ['lock', 'password-rules', 'tls', 'limits'];

/**
 * The statements that make an account what it is to be: its login only where that differs, since a password that is set again counts as
 * changed today. What SHOW CREATE USER leaves out because it is not there is set to nothing, which ALTER USER would leave as it is.
 */
export async function definitionChanges(writer: Session, { reader, here, there, aspects }: WantedDefinition): Promise<readonly Statement[]> {
  const has = (some: readonly AccountAspect[]): boolean => aspects === undefined || some.some((aspect) => aspects.has(aspect));
  const who = quoteAccount(there);
  const statements: Statement[] = [];
  if (has(loginAspects)) statements.push(...(await definitionOf(reader, writer, there, true)).statements);
  const modern = atLeast(writer.version, 5, 7, 6);
  const printed = atLeast(reader.version, 5, 7, 6);
  if (has(clauseAspects) && !has(loginAspects) && printed) {
    const clauses = await clausesOn(reader, there);
    statements.push(plain(`ALTER USER ${who}${clauses}`));
  }
  if (has(['tls', 'limits']) && !printed) statements.push(plain(`${modern ? `ALTER USER ${who}` : `GRANT USAGE ON *.* TO ${who}`}${requirementsOf(there)}`));
  const unset = Object.entries(here.limits).filter(([name, value]) => value > 0 && (there.limits[name] ?? 0) === 0).map(([name]) => `${name} 0`);
  if (printed && unset.length > 0) statements.push(plain(`ALTER USER ${who} WITH ${unset.join(' ')}`));
  const failed = 'FAILED_LOGIN_ATTEMPTS';
  if ((here.passwordRules[failed] ?? '0') !== '0' && (there.passwordRules[failed] ?? '0') === '0') statements.push(plain(
    `ALTER USER ${who} ${failed} 0 PASSWORD_LOCK_TIME 0`,
  ));
  if ((here.secondPassword ?? '') !== '' && (there.secondPassword ?? '') === '') statements.push(plain(`ALTER USER ${who} DISCARD OLD PASSWORD`));
  if (here.attribute !== null && there.attribute !== null && here.attribute !== there.attribute) {
    statements.push(plain(`ALTER USER ${who} ${noteClause(here.attribute, there.attribute)}`));
  }
  return statements;
}

/** REQUIRE and WITH, everything named. */
function requirementsOf({ requires, limits }: AccountState): string {
  return ` REQUIRE ${requires === '' ? 'NONE' : requires} WITH ${Object.entries(limits).map(([name, value]) => `${name} ${String(value)}`).join(' ')}`;
}

/** What the definition says behind the way to log in. */
async function clausesOn(reader: Session, account: Account): Promise<string> {
  const kept = await readKept(reader, account);
  return clausesOf(withoutDefaultRole(withQuotedRequirement(await shownUser(reader, account), kept))).identified('');
}

async function shownUser(reader: Session, account: Account): Promise<string> {
  const [row] = await reader.query<Record<string, string>>(`SHOW CREATE USER ${quoteAccount(account)}`);
  return definitionIn(row === undefined ? undefined : { text: Object.values(row)[0] ?? null }, 'text', `${account.user}@${account.host}`);
}

async function readKept(reader: Session, account: Account): Promise<Kept> {
  const old = !atLeast(reader.version, 5, 7, 6);
  const hash = old ? "IF(authentication_string IS NULL OR authentication_string = '', Password, authentication_string)" : 'authentication_string';
  const second = atLeast(reader.version, 8, 0, 14) ? "JSON_UNQUOTE(JSON_EXTRACT(User_attributes, '$.additional_password'))" : "''";
  const [row] = await reader.query<Record<'plugin' | 'hash' | 'second' | 'expired' | 'cipher' | 'issuer' | 'subject', string | null>>(
    `SELECT plugin AS plugin, HEX(${hash}) AS hash, HEX(${second}) AS second, password_expired AS expired,
       CONVERT(ssl_cipher USING utf8mb4) AS cipher, CONVERT(x509_issuer USING utf8mb4) AS issuer, CONVERT(x509_subject USING utf8mb4) AS subject
     FROM mysql.user WHERE User = ? AND Host = ?`,
    [account.user, account.host],
  );
  const text = (name: keyof NonNullable<typeof row>): string => row?.[name] ?? '';
  return {
    plugin: text('plugin') === '' ? 'mysql_native_password' : text('plugin'),
    hash: text('hash'), second: text('second'), expired: text('expired') === 'Y', cipher: text('cipher'), issuer: text('issuer'), subject: text('subject'),
  };
}

/**
 * A hash as a literal. Those of caching_sha2_password and sha256_password hold control characters; hexadecimal literals are taken
 * here from 8.0.17 on only.
 */
function hashText(hex: string): string {
  return quoteString(Buffer.from(hex, 'hex').toString('utf8'));
}

/** Longer than any policy asks for. */
function nobodysPassword(): Secret {
  return new Secret(`${randomBytes(60).toString('base64url')}aA1+`);
}

/** What comes before IDENTIFIED and what comes after the way to log in. */
function clausesOf(definition: string): { identified(how: string): string } {
  const sql = new SqlCursor(definition);
  if (sql.words('CREATE', 'USER')) sql.account();
  // Further factors follow as AND IDENTIFIED WITH …
  if (sql.words('IDENTIFIED', 'WITH') && sql.take() !== undefined && sql.words('AS')) sql.take();
  const rest = definition.slice(sql.end);
  return { identified: (how) => `${how}${rest}` };
}

/**
 * 5.6: IDENTIFIED WITH and a hash do not go with CREATE USER's other clauses, of which there are none. What an account requires and how
 * much it may use is in its grants.
 */
function definitionOf56(writer: Session, account: Account, { plugin, hash, expired }: Kept, exists: boolean): AccountDefinition {
  const who = quoteAccount(account);
  const newWords = atLeast(writer.version, 5, 7, 6);
  const native = plugin === 'mysql_native_password';
  const masked = (before: string): Statement => ({ sql: `${before} ${hashText(hash)}`, redacted: `${before} '***'` });
  const verb = exists ? 'ALTER USER' : 'CREATE USER';
  const make = (): readonly Statement[] => {
    // AS '' too: without AS the password counts as reset by an administrator, is checked by the policy, and expires at once.
    if (newWords) return [masked(`${verb} ${who} IDENTIFIED WITH '${plugin}' AS`)];
    if (!exists && !native) return [
      hash === '' ? plain(`${verb} ${who} IDENTIFIED WITH '${plugin}'`) : masked(`${verb} ${who} IDENTIFIED WITH '${plugin}' AS`),
    ];
    if (!exists) return [hash === '' ? plain(`CREATE USER ${who}`) : masked(`CREATE USER ${who} IDENTIFIED BY PASSWORD`)];
    // It takes the hash in the way of the plugin that the account has there.
    return [hash === '' ? plain(`SET PASSWORD FOR ${who} = ''`) : masked(`SET PASSWORD FOR ${who} =`)];
  };
  return {
    statements: [...make(), ...(expired ? [plain(`ALTER USER ${who} PASSWORD EXPIRE`)] : [])],
    locked: [statementOf(`CREATE USER ${who} IDENTIFIED BY `, nobodysPassword(), newWords ? ' ACCOUNT LOCK' : '')],
  };
}

/** Servers print what a certificate must say without escaping it: `ISSUER '/O=O'Reilly'`. */
export function withQuotedRequirement(text: string, { cipher, issuer, subject }: Pick<Kept, 'cipher' | 'issuer' | 'subject'>): string {
  const raw = [['SUBJECT', subject], ['ISSUER', issuer], ['CIPHER', cipher]] as const;
  const demanded = raw.filter(([, value]) => value !== '');
  if (demanded.length === 0) return text;
  const literally = (value: string): string => value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const clause = new RegExp(` REQUIRE(?: (?:${demanded.map(([word, value]) => `${word} '${literally(value)}'`).join('|')})){${demanded.length}}`);
  return text.replace(clause, () => ` REQUIRE ${demanded.map(([word, value]) => `${word} ${quoteString(value)}`).join(' ')}`);
}

/** Default roles are set once every role exists and is granted. */
export function withoutDefaultRole(definition: string): string {
  const sql = new SqlCursor(definition);
  while (!sql.isAtEnd) {
    const from = sql.end;
    if (!sql.words('DEFAULT', 'ROLE')) sql.take();
    else {
      while (sql.account() && sql.mark(',')) continue;
      return `${definition.slice(0, from)}${definition.slice(sql.end)}`;
    }
  }
  return definition;
}
