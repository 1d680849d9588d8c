// The pure parts of electron/mysql: quoting and binding, secrets, error mapping, the greeting.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectErrorOf, hasErrno, isConnectionLost, isUnreachable, queryErrorOf, scrub, type ErrorContext } from '../../../electron/mysql/errors';
import { bindParams, literal, quoteAccount, quoteId, quoteString, quoteTable } from '../../../electron/mysql/quote';
import { plain, Secret, secretsOf, statementOf } from '../../../electron/mysql/statement';
import { tlsPlan } from '../../../electron/mysql/session/tls';
import { parseGreeting } from '../../../electron/mysql/session/wire';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

describe('quoting', () => {
  it('quotes names and texts whatever they hold', () => {
    expect(quoteId('a`b"c\'d\\e')).toBe('`a``b"c\'d\\e`');
    expect(quoteTable('d', 't`')).toBe('`d`.`t```');
    expect(quoteString("it's \\ here")).toBe("'it''s \\\\ here'");
    expect(quoteAccount({ user: "o'x", host: '%' })).toBe("'o''x'@'%'");
    expect(() => quoteId('')).toThrow(RangeError);
    expect(() => quoteId('a\0b')).toThrow(RangeError);
  });

  it('makes literals that mean the same in every sql_mode', () => {
    expect([null, true, false, 1.5, -0, 7n, "it's"].map((value) => literal(value))).toEqual(['NULL', '1', '0', '1.5', '0', '7', "'it''s'"]);
    expect(literal('a\\b')).toBe("_utf8mb4 X'615c62'");
    expect(literal(new Uint8Array([0, 255]))).toBe("X'00ff'");
    expect(literal(new Date(Date.UTC(2024, 0, 2, 3, 4, 5, 6)))).toBe("'2024-01-02 03:04:05.006000'");
    for (const wrong of [Number.NaN, Infinity, undefined, {}, Symbol('x')]) expect(() => literal(wrong as never)).toThrow();
    fc.assert(fc.property(fc.string(), (text) => {
      const made = literal(text);
      // Whatever the text: one literal, closed where it ends, without a backslash.
      if (made.startsWith("'")) expect(made.slice(1, -1).replaceAll("''", '')).not.toMatch(/['\\]/);
      else expect(made).toMatch(/^_utf8mb4 X'[0-9a-f]+'$/);
    }));
  });

  it('binds marks and leaves the rest alone', () => {
    expect(bindParams('SELECT ?, ?', [1, 'x'])).toBe("SELECT 1, 'x'");
    expect(bindParams("SELECT '?', \"?\", `?`, '\\'?', 'it''s ?', ? /* ? */ -- ?\n, ? # ?", [1, 2])).toBe("SELECT '?', \"?\", `?`, '\\'?', 'it''s ?', 1 /* ? */ -- ?\n, 2 # ?");
    expect(bindParams('x IN (?)', [['a', 1, null]])).toBe("x IN ('a', 1, NULL)");
    expect(bindParams('?--?', [1, 2])).toBe('1--2');
    expect(bindParams('?', ['$& ? $1'])).toBe("'$& ? $1'");
    expect(() => bindParams('?', [])).toThrow(RangeError);
    expect(() => bindParams('?', [1, 2])).toThrow(RangeError);
    expect(() => bindParams('?', [[]])).toThrow(RangeError);
  });
});

describe('secrets', () => {
  it('show only where the server reads them', () => {
    const secret = new Secret("p'w");
    const made = statementOf('SET x = ', secret, ', y = 1');
    expect(made).toEqual({ sql: "SET x = 'p''w', y = 1", redacted: "SET x = '***', y = 1" });
    expect(`${String(secret)}${JSON.stringify({ secret })}`).not.toContain("p'w");
    expect(secretsOf(made)).toEqual(["p'w"]);
    expect(secretsOf(plain('SELECT 1'))).toEqual([]);
    expect(secretsOf({ sql: 'a', redacted: 'b' })).toBeUndefined();
  });

  it('are scrubbed in every form where they are a literal, control characters with them', () => {
    expect(scrub("near 'a''b\\\\c' and \"a'b\\c\"", ["a'b\\c"])).toBe("near '***' and \"***\"");
    expect(scrub('x\u001b[31my\u0000z\u009b\ttab\n', [''])).toBe('x [31my z \ttab\n');
    expect(scrub('y'.repeat(9_000), [])).toHaveLength(4_000);
    expect(scrub("Table 'd.to+p(s' and `to+p(s`.`t`, to+p(s", ['to+p(s'])).toBe("Table 'd.***' and `***`.`t`, to+p(s");
    expect(scrub("'password' 'passw'", ['passw', 'password'])).toBe("'***' '***'");
  });

  it('are no pieces of words: nothing is blanked, and nothing told by a gap', () => {
    const text = "Access denied for user 'a'@'localhost' (using password: YES)";
    expect(scrub(text, ['password'])).toBe(text);
    expect(scrub('a table of a database', ['a'])).toBe('a table of a database');
    fc.assert(fc.property(fc.string({ minLength: 1 }), fc.string(), (secret, rest) => {
      const plain = rest.replaceAll(/['"`\p{Cc}]/gu, '');
      expect(scrub(plain, [secret])).toBe(plain);
    }));
  });
});

describe('errors', () => {
  const context: ErrorContext = { host: 'h', port: 3306, user: 'u', label: 'gz-1', secrets: ['top-secret'] };
  const fromServer = (errno: number, text: string): Error => Object.assign(new Error(text), { errno, sqlState: 'HY000', sqlMessage: text, code: 'ER_X' });
  const fromSystem = (code: string): Error => Object.assign(new Error(code), { code, errno: -111 });

  it.each([
    [1045, "Access denied for user 'u'@'h' (using password: YES)", 'login-refused'],
    [1698, 'Access denied', 'login-refused'],
    [3118, 'Account is locked', 'login-refused'],
    [3955, 'Account is blocked', 'login-refused'],
    [1129, 'Host is blocked', 'host-blocked'],
    [1130, 'Host is not allowed', 'host-not-allowed'],
    [1040, 'Too many connections', 'too-many-connections'],
    [1203, 'more than max_user_connections', 'too-many-connections'],
    [1226, 'exceeded the resource', 'too-many-connections'],
    [1251, 'Client does not support authentication protocol', 'auth-plugin-unsupported'],
    [1524, "Plugin 'mysql_native_password' is not loaded", 'auth-plugin-unsupported'],
    [1820, 'You must reset your password', 'password-expired'],
    [1862, 'Your password has expired', 'password-expired'],
    [3159, 'insecure transport are prohibited', 'tls-failed'],
    [1049, 'Unknown database', 'query-failed'],
    [1053, 'Server shutdown in progress', 'connection-lost'],
  ])('%i at login', (errno, text, code) => {
    const error = connectErrorOf(fromServer(errno, text), 'login', context, 5);
    expect(error).toMatchObject({ stage: 'login', errno, error: { code, detail: text, server: 'gz-1' } });
  });

  it.each([
    ['ENOTFOUND', 'dns', 'dns-failed'],
    ['EAI_AGAIN', 'dns', 'dns-failed'],
    ['ESOMETHING', 'dns', 'dns-failed'],
    ['ECONNREFUSED', 'tcp', 'tcp-refused'],
    ['ETIMEDOUT', 'tcp', 'tcp-timeout'],
    ['EHOSTUNREACH', 'tcp', 'host-unreachable'],
    ['ENETUNREACH', 'tcp', 'host-unreachable'],
    ['ECONNRESET', 'tcp', 'connection-lost'],
    ['NOT_MYSQL', 'tcp', 'not-mysql'],
    ['HANDSHAKE_NO_SSL_SUPPORT', 'tls', 'tls-unavailable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', 'tls-untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'tls-untrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls-name-mismatch'],
    ['CERT_HAS_EXPIRED', 'tls', 'tls-expired'],
    ['CERT_NOT_YET_VALID', 'tls', 'tls-expired'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls', 'tls-failed'],
    ['ECONNRESET', 'tls', 'connection-lost'],
    ['EPIPE', 'tls', 'connection-lost'],
    ['AUTH_SWITCH_PLUGIN_ERROR', 'login', 'auth-plugin-unsupported'],
    ['PROTOCOL_CONNECTION_LOST', 'login', 'connection-lost'],
  ] as const)('%s in stage %s', (code, stage, expected) => {
    expect(connectErrorOf(fromSystem(code), stage, context, 5)).toMatchObject({ stage, errno: 0, error: { code: expected } });
  });

  it('a fault of ours is internal, wherever it happens', () => {
    const bug = new ReferenceError('x is not defined');
    expect(connectErrorOf(bug, 'login', context, 5).error.code).toBe('internal');
    expect(queryErrorOf(bug, context).error.code).toBe('internal');
  });

  it.each([
    [1227, 'Access denied; you need (at least one of) the SUPER, REPLICATION_SLAVE_ADMIN privilege(s) for this operation', 'privilege-missing', { privilege: 'SUPER, REPLICATION_SLAVE_ADMIN' }],
    [3630, 'Access denied; you need SYSTEM_VARIABLES_ADMIN and PERSIST_RO_VARIABLES_ADMIN privileges for this operation', 'privilege-missing', { privilege: 'SYSTEM_VARIABLES_ADMIN and PERSIST_RO_VARIABLES_ADMIN' }],
    [1142, "SELECT command denied to user 'u'@'h' for table 't'", 'privilege-missing', { privilege: 'SELECT' }],
    [1044, "Access denied for user 'u'@'%' to database 'd'", 'privilege-missing', { privilege: '?' }],
    [1290, 'The MySQL server is running with the --super-read-only option so it cannot execute this statement', 'read-only-server', { server: 'gz-1' }],
    [1290, 'The MySQL server is running with the --secure-file-priv option so it cannot execute this statement', 'query-failed', { errno: 1290, sqlState: 'HY000' }],
    [1836, 'Running in read-only mode', 'read-only-server', { server: 'gz-1' }],
    [1205, 'Lock wait timeout exceeded; try restarting transaction', 'lock-wait-timeout', { server: 'gz-1' }],
    [3572, 'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.', 'lock-wait-timeout', { server: 'gz-1' }],
    [1021, 'Disk full', 'disk-full', { server: 'gz-1' }],
    // What a tenant may put into the text of an error decides nothing.
    [1026, 'Error writing file (OS errno 28 - No space left on device)', 'query-failed', { errno: 1026, sqlState: 'HY000' }],
    [1644, 'No space left on device (errno 28)', 'query-failed', { errno: 1644, sqlState: 'HY000' }],
    [1062, "Duplicate entry 'No space left on device' for key 't.u'", 'query-failed', { errno: 1062, sqlState: 'HY000' }],
    [1290, "The MySQL server is running with the --skip-grant-tables option so it cannot execute this statement on `read_only`", 'query-failed', { errno: 1290, sqlState: 'HY000' }],
    [20, "Disk is full writing './binlog.000004' (OS errno 28 - No space left on device). Waiting for someone to free space...", 'disk-full', { server: 'gz-1' }],
    [3169, 'The session was killed', 'connection-lost', { host: 'h', port: 3306 }],
    [4031, 'The client was disconnected by the server because of inactivity.', 'connection-lost', { host: 'h', port: 3306 }],
    [1236, 'could not find first log file', 'query-failed', { errno: 1236, sqlState: 'HY000' }],
  ])('%i of a statement: %s', (errno, text, code, params) => {
    const error = queryErrorOf(fromServer(errno, text), context);
    expect(error.error).toMatchObject({ code, params, detail: text });
    expect(hasErrno(error, 7, errno)).toBe(true);
    expect(isConnectionLost(error)).toBe(code === 'connection-lost');
  });

  it('a server or the way to it went away: by no answer, by no name, by the last words of a server that ends', () => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN'] as const) expect(isUnreachable(connectErrorOf(fromSystem(code), 'dns', context, 5))).toBe(true);
    for (const code of ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET'] as const) expect(isUnreachable(connectErrorOf(fromSystem(code), 'tcp', context, 5))).toBe(true);
    for (const errno of [1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 3169, 4031]) expect(isUnreachable(queryErrorOf(fromServer(errno, 'x'), context)), String(errno)).toBe(true);
    expect(isUnreachable(queryErrorOf(fromSystem('PROTOCOL_CONNECTION_LOST'), context))).toBe(true);
  });

  it('what a server answers, what runs into a limit and what is a fault of ours is no absence', () => {
    for (const errno of [1040, 1045, 1130, 1205, 1227, 1290, 1236]) expect(isUnreachable(queryErrorOf(fromServer(errno, 'x'), context)), String(errno)).toBe(false);
    expect(isUnreachable(connectErrorOf(fromServer(1045, 'x'), 'login', context, 5))).toBe(false);
    expect(isUnreachable(connectErrorOf(fromSystem('CERT_HAS_EXPIRED'), 'tls', context, 5))).toBe(false);
    expect(isUnreachable(queryErrorOf(new TypeError('x'), context))).toBe(false);
    expect(isUnreachable(new Error('connection-lost'))).toBe(false);
  });

  it('can be asked of one server: another one that is away is not meant', () => {
    const lost = queryErrorOf(fromSystem('PROTOCOL_CONNECTION_LOST'), context);
    expect([isUnreachable(lost, 'gz-1'), isUnreachable(lost, 'sh-1')]).toEqual([true, false]);
  });

  it('never carries a secret', () => {
    expect(JSON.stringify(queryErrorOf(fromServer(1064, "near 'top-secret'"), context).error)).not.toContain('top-secret');
    expect(hasErrno(new Error('x'), 0)).toBe(false);
  });
});

describe('the greeting', () => {
  it('never throws anything but "not MySQL", whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        parseGreeting(Buffer.from(bytes));
      } catch (error) {
        expect((error as { code?: string }).code ?? (error as { errno?: number }).errno).toBeDefined();
      }
    }));
    expect(parseGreeting(Buffer.from([]))).toBeUndefined();
    expect(() => parseGreeting(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toThrow(expect.objectContaining({ code: 'NOT_MYSQL' }) as Error);
    expect(() => parseGreeting(Buffer.from([3, 0, 0, 0, 10, 56, 0]))).toThrow(expect.objectContaining({ code: 'NOT_MYSQL' }) as Error);
  });
});

describe('TLS', () => {
  const plan = (mode: 'off' | 'preferred' | 'verify' | 'verify-identity', version: string, offered = true, ca: string | null = 'PEM'): ReturnType<typeof tlsPlan> =>
    tlsPlan({ mode, ca }, parseServerVersion(version), offered);

  it('lowers the floor for old servers only', () => {
    expect(plan('verify', '8.0.36')).toEqual({ rejectUnauthorized: true, verifyIdentity: false, ca: ['PEM'], minVersion: 'TLSv1.2' });
    expect(plan('verify-identity', '5.7.20')).toMatchObject({ rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1' });
  });

  it('never verifies less than asked, and never encrypts where it is off', () => {
    expect(plan('off', '8.0.36')).toBeNull();
    expect(plan('preferred', '8.0.36', false)).toBeNull();
    expect(plan('preferred', '8.0.36')).toMatchObject({ rejectUnauthorized: false });
    expect(plan('verify', '8.0.36', false)).toMatchObject({ rejectUnauthorized: true });
    expect(plan('verify', '8.0.36', true, null)?.ca?.length).toBeGreaterThan(50);
  });
});
