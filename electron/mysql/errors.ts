import { Failure, type AppError, type ErrorCode, type ErrorParams } from '../../shared/errors/codes';

/** What an error text may name: the server it happened on, and what must never be in a text. */
export interface ErrorContext {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The instance's name or host:port. */
  readonly label: string;
  /** Passwords in play; scrubbed from every text. */
  readonly secrets: readonly string[];
}

/** The stages of a connection, in order. A server that accepts TCP and stays silent fails in `tcp`. */
export const connectStages = ['dns', 'tcp', 'tls', 'login'] as const;
export type ConnectStage = (typeof connectStages)[number];

/** A failure of the server or of the connection: our code, and the server's own number where it gave one. */
export class MysqlError extends Failure {
  override readonly name: string = 'MysqlError';
  /** The server's error number; 0 where the failure is not the server's. */
  readonly errno: number;
  readonly sqlState: string;

  constructor(error: AppError, errno: number, sqlState: string) {
    super(error);
    this.errno = errno;
    this.sqlState = sqlState;
  }
}

/** A connection that could not be made, and the stage that failed. */
export class ConnectError extends MysqlError {
  override readonly name = 'ConnectError';
  readonly stage: ConnectStage;

  constructor(error: AppError, errno: number, sqlState: string, stage: ConnectStage) {
    super(error, errno, sqlState);
    this.stage = stage;
  }
}

/** True when `thrown` is the server's answer with one of these error numbers. */
export function hasErrno(thrown: unknown, ...errnos: readonly number[]): boolean {
  return thrown instanceof MysqlError && errnos.includes(thrown.errno);
}

/**
 * Answers about the state of the server and not about what was asked: deadlock, lock wait, read-only, full or failing disk, memory,
 * connections, shutdown, interrupted, time limit. The same statement may succeed a moment later, or nothing will.
 */
const ofTheServer: ReadonlySet<number> = new Set([
  1205, 1213, 1290, 1792, 1836, 3100, 1021, 1026, 1030, 1114, 1037, 1038, 1041, 1040, 1203, 1226, 1053, 1079, 1317, 3024, 1927, 3169, 3032, 1194, 1195, 1815,
]);

const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['query-failed', 'privilege-missing']);

/** True when the server took the statement, understood what it is about, and refused just that: whatever else is asked may succeed. */
export function isRefusal(thrown: unknown): thrown is MysqlError {
  return thrown instanceof MysqlError && refusals.has(thrown.error.code) && thrown.errno !== 0 && !ofTheServer.has(thrown.errno);
}

/** True when `thrown` means that the connection is gone and with it everything that was open on it. */
export function isConnectionLost(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.error.code === 'connection-lost' || thrown.error.code === 'protocol-broken');
}

const unreachableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'connection-lost', 'protocol-broken', 'tcp-refused', 'tcp-timeout', 'host-unreachable', 'dns-failed',
]);

/**
 * True where a server, or the network and the names on the way to it, went away: as against an answer that nobody wants. What was being
 * done may be done when it is back. `server`: only where it was this one, or none is named.
 */
export function isUnreachable(thrown: unknown, server?: string): thrown is Failure {
  if (!(thrown instanceof Failure)) return false;
  if (server !== undefined && thrown.error.server !== undefined && thrown.error.server !== server) return false;
  return unreachableCodes.has(thrown.error.code);
}

/**
 * Blanks every secret in a text that is not ours where it is a whole literal or name, as a server quotes them, in the forms that it
 * has in one; and takes out control characters (a server could steer a terminal with them). By its place and never as a piece of words: a
 * password "a" would blank every a, and one that is a word would be told by the gaps. What may quote a part is withheld as a whole.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let out = text;
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, secret.replaceAll("'", "''"), secret.replaceAll('\\', '\\\\').replaceAll("'", "''")])
    .sort((a, b) => b.length - a.length);
  for (const form of forms) {
    const escaped = form.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
    // A whole literal, or one part of a name in quotes: 'database.table'.
    out = out.replaceAll(new RegExp(`(?<=['"\`])${escaped}(?=['"\`.])|(?<=\\.)${escaped}(?=['"\`])`, 'g'), '***');
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return out.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ').slice(0, 4_000);
}

interface RawError {
  readonly errno: number;
  readonly sqlState: string;
  readonly code: string;
  readonly text: string;
}

function rawOf(thrown: unknown): RawError {
  if (!(thrown instanceof Error)) return { errno: 0, sqlState: '', code: '', text: String(thrown) };
  const fields = thrown as Error & { errno?: unknown; sqlState?: unknown; code?: unknown; sqlMessage?: unknown };
  const isServerAnswer = typeof fields.sqlState === 'string';
  return {
    // Node's own errors have a negative errno of the system; only the server's is of use.
    errno: isServerAnswer && typeof fields.errno === 'number' ? fields.errno : 0,
    sqlState: isServerAnswer ? (fields.sqlState as string) : '',
    code: typeof fields.code === 'string' ? fields.code : '',
    text: typeof fields.sqlMessage === 'string' ? fields.sqlMessage : thrown.message,
  };
}

/** What the server sent is no protocol: told by our guard, or by the driver, which marks what ends a connection as fatal. */
function isBroken(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, fatal, sqlState } = thrown as Error & { code?: unknown; fatal?: unknown; sqlState?: unknown };
  if (code === 'PROTOCOL_BROKEN' || code === 'PROTOCOL_UNEXPECTED_PACKET') return true;
  return fatal === true && code === undefined && sqlState === undefined;
}

/** A fault of ours, not of the server or the network; system errors carry a code. */
function isBug(thrown: unknown): boolean {
  if (isBroken(thrown)) return false;
  const kinds = [TypeError, RangeError, ReferenceError, SyntaxError];
  return kinds.some((kind) => thrown instanceof kind) && (thrown as { code?: unknown }).code === undefined;
}

function internal(raw: RawError, context: ErrorContext): AppError {
  const detail = scrub(raw.text, context.secrets);
  return { code: 'internal', params: { detail }, detail, server: context.label };
}

function make<Code extends ErrorCode>(code: Code, params: ErrorParams[Code], raw: RawError, context: ErrorContext): AppError {
  return { code, params, detail: scrub(raw.text, context.secrets), server: context.label } as AppError;
}

/** Maps whatever a connection attempt threw to our codes. `seconds` is the limit, for the texts of timeouts. */
export function connectErrorOf(thrown: unknown, stage: ConnectStage, context: ErrorContext, seconds: number): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  if (thrown instanceof Failure) return new ConnectError(thrown.error, 0, '', stage);
  const raw = rawOf(thrown);
  if (isBug(thrown)) return new ConnectError(internal(raw, context), 0, '', stage);
  if (isBroken(thrown)) return new ConnectError(make('protocol-broken', { host: context.host, port: context.port }, raw, context), 0, '', stage);
  const error = serverRefusal(raw, context) ?? networkRefusal(raw, stage, context, seconds);
  return new ConnectError(error, raw.errno, raw.sqlState, stage);
}

/** What a server answers to a login it does not accept. Manual: "Server Error Message Reference". */
function serverRefusal(raw: RawError, context: ErrorContext): AppError | undefined {
  const { host, port, user } = context;
  switch (raw.errno) {
    case 0:
      return undefined;
    case 1045: // ER_ACCESS_DENIED_ERROR
    case 1698: // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
    case 3118: // ER_ACCOUNT_HAS_BEEN_LOCKED
    case 3955: // ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK
      return make('login-refused', { user, host, port }, raw, context);
    case 1130: // ER_HOST_NOT_PRIVILEGED
      return make('host-not-allowed', { host, port }, raw, context);
    case 1129: // ER_HOST_IS_BLOCKED
      return make('host-blocked', { host, port }, raw, context);
    case 1040: // ER_CON_COUNT_ERROR
    case 1203: // ER_TOO_MANY_USER_CONNECTIONS
    case 1226: // ER_USER_LIMIT_REACHED
      return make('too-many-connections', { host, port }, raw, context);
    case 1251: // ER_NOT_SUPPORTED_AUTH_MODE
    case 1524: // ER_PLUGIN_IS_NOT_LOADED
      return make('auth-plugin-unsupported', { plugin: pluginIn(raw.text), host, port }, raw, context);
    case 1820: // ER_MUST_CHANGE_PASSWORD
    case 1862: // ER_MUST_CHANGE_PASSWORD_LOGIN
      return make('password-expired', { user, host, port }, raw, context);
    case 3159: // ER_SECURE_TRANSPORT_REQUIRED
      return make('tls-failed', { host, port }, raw, context);
    default:
      return serverFailure(raw, context);
  }
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

/**
 * The connection broke, and TLS has said nothing: the network, or a server on its way down. What TLS itself objects to has a code of its own
 * (`ERR_SSL_…`, `ERR_TLS_…`, or that of a certificate).
 */
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENOTCONN', 'ESHUTDOWN', 'PROTOCOL_CONNECTION_LOST']);

function networkRefusal(raw: RawError, stage: ConnectStage, context: ErrorContext, seconds: number): AppError {
  const { host, port } = context;
  switch (raw.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return make('dns-failed', { host }, raw, context);
    case 'ECONNREFUSED':
      return make('tcp-refused', { host, port }, raw, context);
    case 'ETIMEDOUT':
      return make('tcp-timeout', { host, port, seconds }, raw, context);
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return make('host-unreachable', { host, port }, raw, context);
    case 'NOT_MYSQL':
      return make('not-mysql', { host, port }, raw, context);
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return make('tls-unavailable', { host, port }, raw, context);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return make('tls-name-mismatch', { host, port }, raw, context);
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return make('tls-expired', { host, port }, raw, context);
    case 'AUTH_SWITCH_PLUGIN_ERROR':
      return make('auth-plugin-unsupported', { plugin: pluginIn(raw.text), host, port }, raw, context);
    default:
      if (UNTRUSTED.has(raw.code)) return make('tls-untrusted', { host, port }, raw, context);
      if (stage === 'dns') return make('dns-failed', { host }, raw, context);
      if (BROKEN.has(raw.code)) return make('connection-lost', { host, port }, raw, context);
      if (stage === 'tls') return make('tls-failed', { host, port }, raw, context);
      return make('connection-lost', { host, port }, raw, context);
  }
}

function pluginIn(text: string): string {
  return /[Pp]lugin:?\s+[`'"]?([\w-]+)/.exec(text)?.[1] ?? /(\w+_password|\w+_old_password)/.exec(text)?.[1] ?? '?';
}

/** Maps whatever a statement threw to our codes, the server's number kept beside. */
export function queryErrorOf(thrown: unknown, context: ErrorContext): Failure {
  if (thrown instanceof Failure) return thrown;
  const raw = rawOf(thrown);
  if (raw.errno === 0) {
    // Nothing but a broken connection, or a fault of ours, fails without a number of the server's.
    if (isBug(thrown)) return new MysqlError(internal(raw, context), 0, '');
    if (isBroken(thrown)) return new MysqlError(make('protocol-broken', { host: context.host, port: context.port }, raw, context), 0, '');
    return new MysqlError(make('connection-lost', { host: context.host, port: context.port }, raw, context), 0, '');
  }
  return new MysqlError(serverFailure(raw, context), raw.errno, raw.sqlState);
}

/**
 * As {@link queryErrorOf}, for a statement that holds secrets; undefined: some that nobody knows. A syntax error quotes the
 * statement, cut anywhere; what is left of a secret cannot be found then, and the text is withheld.
 */
export function statementErrorOf(thrown: unknown, context: ErrorContext, secrets: readonly string[] | undefined): Failure {
  const failed = queryErrorOf(thrown, { ...context, secrets: [...context.secrets, ...(secrets ?? [])] });
  const mayQuote = secrets === undefined || (secrets.length > 0 && failed instanceof MysqlError && failed.errno === 1064);
  if (!mayQuote || !(failed instanceof MysqlError)) return failed;
  return new MysqlError({ ...failed.error, detail: '(the text is withheld: it may quote a password)' }, failed.errno, failed.sqlState);
}

/** Errors of statements. What has no code of its own is `query-failed` with its number; callers look at `errno`. */
function serverFailure(raw: RawError, context: ErrorContext): AppError {
  const { host, port, user, label } = context;
  switch (raw.errno) {
    case 1053: // ER_SERVER_SHUTDOWN
    case 1077: // ER_NORMAL_SHUTDOWN
    case 1079: // ER_SHUTDOWN_COMPLETE
    case 1080: // ER_FORCING_CLOSE
    case 1152: // ER_ABORTING_CONNECTION
    case 1158: // ER_NET_READ_ERROR
    case 1159: // ER_NET_READ_INTERRUPTED
    case 1160: // ER_NET_ERROR_ON_WRITE
    case 1161: // ER_NET_WRITE_INTERRUPTED
    case 1184: // ER_NEW_ABORTING_CONNECTION
    case 3169: // ER_SESSION_WAS_KILLED
    case 4031: // ER_CLIENT_INTERACTION_TIMEOUT
      return make('connection-lost', { host, port }, raw, context);
    case 1205: // ER_LOCK_WAIT_TIMEOUT
    case 3572: // ER_LOCK_NOWAIT
      return make('lock-wait-timeout', { server: label }, raw, context);
    case 1290: // ER_OPTION_PREVENTS_STATEMENT
      // For the words alone: the option is one of the server's own list. Whoever decides by it reads the server's settings.
      if (!/--(?:super-)?read-only\b/.test(raw.text)) break;
      return make('read-only-server', { server: label }, raw, context);
    case 1836: // ER_READ_ONLY_MODE
      return make('read-only-server', { server: label }, raw, context);
    case 1044: // ER_DBACCESS_DENIED_ERROR
    case 1142: // ER_TABLEACCESS_DENIED_ERROR
    case 1143: // ER_COLUMNACCESS_DENIED_ERROR
    case 1227: // ER_SPECIFIC_ACCESS_DENIED_ERROR
    case 1370: // ER_PROCACCESS_DENIED_ERROR
    case 3630: // ER_PERSIST_ONLY_ACCESS_DENIED_ERROR
      return make('privilege-missing', { privilege: privilegeIn(raw.text) }, raw, context);
    case 1045: // ER_ACCESS_DENIED_ERROR, here: FILE or SUPER is missing
      return make('privilege-missing', { privilege: privilegeIn(raw.text) }, raw, context);
    case 1820: // ER_MUST_CHANGE_PASSWORD
      return make('password-expired', { user, host, port }, raw, context);
    // By these numbers alone: the text of every other error may be a tenant's (SIGNAL, the value of a duplicate key, a name).
    case 20: // EE_DISK_FULL
    case 1021: // ER_DISK_FULL
    case 1114: // ER_RECORD_FILE_FULL
      return make('disk-full', { server: label }, raw, context);
    default:
      break;
  }
  return make('query-failed', { errno: raw.errno, sqlState: raw.sqlState }, raw, context);
}

/** The privileges a refusal names: `SUPER, REPLICATION_SLAVE_ADMIN` of 1227 and 3630, `SELECT` of 1142; '?' where it names none. */
function privilegeIn(text: string): string {
  const needed = /need (?:\(?at least one of\)? )?(?:the )?(.+?) privilege/i.exec(text)?.[1];
  if (needed !== undefined) return needed;
  return /^([A-Z][A-Z ,]*[A-Z]) command denied/.exec(text)?.[1] ?? '?';
}
