import type { Duplex, Readable } from 'node:stream';
import type { Connection, QueryError, QueryOptions as DriverQuery, ResultSetHeader, TypeCast } from 'mysql2';
import { failure, type Failure } from '../../shared/errors/codes';
import { parseServerVersion, type ServerVersion } from '../../shared/domain/fleet/version';
import { dialectFor, type Dialect } from './dialect';
import { DEFAULT_CONNECT_TIMEOUT_MS, openConnection, type Opened } from './driver';
import { connectErrorOf, MysqlError, queryErrorOf, type ErrorContext } from './errors';
import { bindParams } from './quote';
import { secretsOf } from './statement';
import { setUp } from './session-setup';
import { endOnFirst, rowsOf } from './streaming';
import type { ConnectOptions, ConnectTarget, QueryOptions, Session, Statement, StreamOptions } from './types';

export type { ConnectOptions, ConnectTarget, Session, Statement } from './types';

const DEFAULT_QUERY_TIMEOUT_MS = 30_000;
const KILL_TIMEOUT_MS = 3_000;

/** A session with what its owner needs to know of its life. */
export interface LiveSession extends Session {
  /** No further statement will run. */
  readonly closed: boolean;
  /** True while no statement runs or waits. */
  readonly idle: boolean;
  /**
   * Lends the socket, while nothing else runs, to what speaks the protocol itself. Whoever fails with it has ended the
   * session: nobody knows what is still on its way.
   */
  lend<Result>(use: (socket: Duplex) => Promise<Result>): Promise<Result>;
  /** One round trip without a statement. */
  ping(options?: QueryOptions): Promise<void>;
  /** Called once when the session ends, for whatever reason. */
  onClose(listener: () => void): void;
}

/**
 * Connects and logs in.
 *
 * An engine session (the default profile) means the same on every server: utf8mb4, time zone UTC (so that no clock
 * reading is ambiguous when a zone changes its offset), sql_mode without ANSI_QUOTES and NO_BACKSLASH_ESCAPES (so that
 * our literals are read as written), autocommit on, no limits that an administrator meant for applications, and ten
 * minutes of patience when we read or send slowly.
 *
 * MariaDB and servers that are too old connect too, so that they can be named; `session.dialect` then throws.
 *
 * @throws ConnectError with the stage that failed, within `options.timeoutMs`
 */
export async function connect(target: ConnectTarget, options: ConnectOptions = {}): Promise<LiveSession> {
  const context: ErrorContext = {
    host: target.host,
    port: target.port,
    user: target.user,
    label: options.label ?? `${target.host}:${String(target.port)}`,
    secrets: target.password === target.user ? [] : [target.password],
  };
  const timeoutMs = options.timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const deadline = performance.now() + timeoutMs;
  // A server may ask for a file whenever it likes; it gets one only while a LOAD statement of ours runs.
  const running = { sql: '' };
  const { localInfile } = options;
  const guardedInfile =
    localInfile === undefined
      ? undefined
      : (name: string): Readable => {
          if (!/^\s*LOAD\s+(DATA|XML)\b/i.test(running.sql)) throw new Error('the server asked for a file without a LOAD statement');
          return localInfile(name);
        };
  const opened = await openConnection(target, options, context, guardedInfile);
  const session = new MysqlSession(opened, target, options, context, running);
  try {
    await session.prepare(Math.max(1, deadline - performance.now()));
    return session;
  } catch (error) {
    session.destroy();
    throw connectErrorOf(error, 'login', context, timeoutMs / 1_000);
  }
}

/** Geometries and vectors stay bytes; the driver would make objects of them that cannot be written back. */
const keepBytes: TypeCast = (field, next) => (field.type === 'GEOMETRY' || field.type === 'VECTOR' ? field.buffer() : next());

class MysqlSession implements LiveSession {
  readonly connectionId: number;
  readonly label: string;
  readonly tls: Session['tls'];
  #version: ServerVersion;
  #dialect: Dialect | undefined;
  #closed = false;
  readonly #connection: Connection;
  readonly #stream: Duplex;
  readonly #drop: () => void;
  /** Statements under way or in line; each is told when the connection ends. */
  readonly #pending = new Set<(error: Failure) => void>();
  readonly #onClose: Array<() => void> = [];

  constructor(
    opened: Opened,
    private readonly target: ConnectTarget,
    private readonly options: ConnectOptions,
    private readonly context: ErrorContext,
    private readonly running: { sql: string },
  ) {
    this.#connection = opened.connection;
    this.#stream = opened.stream;
    this.#drop = opened.drop;
    this.connectionId = opened.greeting.connectionId;
    this.label = context.label;
    this.tls = opened.tls;
    this.#version = parseServerVersion(opened.greeting.serverVersion);
    this.#connection.on('error', (error: Error) => this.#end(queryErrorOf(error, this.context)));
    this.#connection.on('end', () => this.#end(this.#lost('the server closed the connection')));
  }

  get version(): ServerVersion {
    return this.#version;
  }

  get dialect(): Dialect {
    this.#dialect ??= dialectFor(this.#version);
    return this.#dialect;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get idle(): boolean {
    return this.#pending.size === 0;
  }

  /** Learns the version from the server itself (a proxy's greeting may name another) and sets the session up. */
  async prepare(timeoutMs: number): Promise<void> {
    const limit = { timeoutMs };
    const [row] = await this.query<{ version: unknown; comment: unknown }>(
      'SELECT @@version AS version, @@version_comment AS comment',
      [],
      limit,
    );
    this.#version = parseServerVersion(String(row?.version ?? ''), String(row?.comment ?? ''));
    await this.run(setUp(this.#version, this.options.profile ?? 'engine'), [], limit);
  }

  async query<Row = Record<string, unknown>>(
    sql: string | Statement,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Row[]> {
    const result = await this.#perform(sql, params, options);
    return Array.isArray(result) ? (result as Row[]) : [];
  }

  async run(
    sql: string | Statement,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<{ affectedRows: number; insertId: string }> {
    const result = await this.#perform(sql, params, options);
    if (Array.isArray(result)) return { affectedRows: 0, insertId: '0' };
    const { affectedRows, insertId } = result as ResultSetHeader;
    return { affectedRows, insertId: String(insertId) };
  }

  stream<Row = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[] = [],
    options: StreamOptions = {},
  ): AsyncIterable<Row> {
    return { [Symbol.asyncIterator]: () => this.#rows<Row>(sql, params, options) };
  }

  async ping(options: QueryOptions = {}): Promise<void> {
    await this.#guard('ping', [], options, (done) => this.#connection.ping((error) => done(error, undefined)));
  }

  async lend<Result>(use: (socket: Duplex) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw this.#lost('the session is closed');
    if (!this.idle) throw failure('internal', { detail: 'a session that is at work cannot be lent' });
    const stream = this.#stream;
    const listeners = stream.listeners('data') as ((data: Buffer) => void)[];
    stream.removeAllListeners('data');
    let lost: ((error: Failure) => void) | undefined;
    const ended = new Promise<never>((_, reject) => (lost = reject));
    const fail = (error: Failure): void => lost?.(error);
    this.#pending.add(fail);
    try {
      const result = await Promise.race([use(stream), ended]);
      for (const listener of listeners) stream.on('data', listener);
      stream.resume();
      return result;
    } catch (error) {
      this.destroy();
      throw queryErrorOf(error, this.context);
    } finally {
      this.#pending.delete(fail);
    }
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      this.#connection.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.destroy();
  }

  destroy(): void {
    this.#drop();
    this.#end(this.#lost('the session was closed'));
  }

  async #perform(sql: string | Statement, params: readonly unknown[], options: QueryOptions): Promise<unknown> {
    const { text, shown, secrets } = this.#bound(sql, params);
    return this.#guard(shown, secrets, options, (done) => {
      const query: DriverQuery = { sql: text, typeCast: keepBytes };
      this.running.sql = text;
      this.#connection.query(query, (error: QueryError | null, result: unknown) => done(error, result));
    });
  }

  #bound(sql: string | Statement, params: readonly unknown[]): { text: string; shown: string; secrets: readonly string[] | undefined } {
    const [source, shown, secrets] = typeof sql === 'string' ? [sql, sql, []] : [sql.sql, sql.redacted, secretsOf(sql)];
    try {
      return { text: params.length === 0 ? source : bindParams(source, params), shown, secrets };
    } catch (error) {
      throw queryErrorOf(error, this.context);
    }
  }

  /** Runs one command under its time limit and abort signal. `secrets` undefined: the text holds some that nobody knows. */
  #guard<T>(
    shown: string,
    secrets: readonly string[] | undefined,
    options: QueryOptions,
    start: (done: (error: Error | null | undefined, result: T) => void) => void,
  ): Promise<T> {
    if (this.#closed) return Promise.reject(this.#lost('the session is closed'));
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(failure('cancelled', { what: this.label }));
    return new Promise<T>((resolve, reject) => {
      const timeoutMs = options.timeoutMs ?? this.options.queryTimeoutMs ?? DEFAULT_QUERY_TIMEOUT_MS;
      /** Set once the limit passed or the caller gave up: why the statement was ended. */
      let interrupted: Failure | undefined;
      let killing: Promise<void> | undefined;
      const settle = endOnFirst((outcome: { error: Failure } | { result: T }) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(fail);
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.result);
      });
      const fail = (error: Failure): void => settle({ error: interrupted ?? error });
      const interrupt = (why: Failure): void => {
        if (interrupted !== undefined) return;
        interrupted = why;
        if (options.cancel !== 'kill') {
          fail(why);
          this.destroy();
          return;
        }
        killing = this.#kill().catch(() => this.destroy());
      };
      const onAbort = (): void => interrupt(failure('cancelled', { what: this.label }, { server: this.label }));
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => interrupt(failure('query-timeout', { seconds: timeoutMs / 1_000 }, { server: this.label, detail: shown.slice(0, 200) })), Math.min(timeoutMs, 2 ** 31 - 1))
        : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.add(fail);
      start((error, result) => {
        // Past its limit a statement has failed even if it answers: what a kill made of the answer cannot be told.
        const failed = interrupted ?? (error ? this.#failed(error, secrets) : undefined);
        const outcome = failed === undefined ? { result } : { error: failed };
        // A kill under way may still hit the next statement: it has to be over before anyone goes on.
        if (killing === undefined) settle(outcome);
        else void killing.then(() => this.#absorbKill()).finally(() => settle(outcome));
      });
    });
  }

  #failed(error: Error, secrets: readonly string[] | undefined): Failure {
    const known = [...this.context.secrets, ...(secrets ?? [])];
    const failed = queryErrorOf(error, { ...this.context, secrets: known });
    const mayQuote = secrets === undefined || (secrets.length > 0 && failed instanceof MysqlError && failed.errno === 1064);
    if (!mayQuote || !(failed instanceof MysqlError)) return failed;
    // A syntax error quotes the statement, cut anywhere; what is left of a secret cannot be found then.
    return new MysqlError({ ...failed.error, detail: '(the text is withheld: it may quote a password)' }, failed.errno, failed.sqlState);
  }

  async *#rows<Row>(sql: string, params: readonly unknown[], options: StreamOptions): AsyncGenerator<Row, void, undefined> {
    if (this.#closed) throw this.#lost('the session is closed');
    if (options.signal?.aborted === true) throw failure('cancelled', { what: this.label });
    const timeoutMs = options.timeoutMs ?? this.options.queryTimeoutMs ?? DEFAULT_QUERY_TIMEOUT_MS;
    const { text } = this.#bound(sql, params);
    const query: DriverQuery = { sql: text, rowsAsArray: options.rows === 'array', typeCast: options.raw === true ? false : keepBytes };
    this.running.sql = text;
    const command = this.#connection.query(query);
    // The stream takes its listener along when it ends early; the error of the kill that follows must find one.
    command.on('error', () => undefined);
    const source = command.stream({ highWaterMark: 256 });
    const fail = (error: Failure): void => {
      source.destroy(error);
    };
    const onAbort = (): void => fail(failure('cancelled', { what: this.label }, { server: this.label }));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.add(fail);
    let complete = false;
    try {
      yield* rowsOf<Row>(source, timeoutMs, () => failure('query-timeout', { seconds: timeoutMs / 1_000 }, { server: this.label }));
      complete = true;
    } catch (error) {
      // The server's own error ends the statement in order; after anything else rows may still be on their way.
      const failed = queryErrorOf(error, this.context);
      complete = failed instanceof MysqlError && failed.errno !== 0 && failed.error.code !== 'connection-lost';
      throw failed;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      this.#pending.delete(fail);
      if (!complete) await this.#abandon(options.cancel ?? 'destroy');
    }
  }

  /** Ends a statement whose rows nobody wants any more. */
  async #abandon(how: 'destroy' | 'kill'): Promise<void> {
    if (this.#closed) return;
    if (how === 'kill') {
      try {
        await this.#kill();
        await this.#absorbKill();
        return;
      } catch {
        // Fall through: what cannot be killed is dropped.
      }
    }
    this.destroy();
  }

  /** KILL QUERY through a connection of its own. */
  async #kill(): Promise<void> {
    const opened = await openConnection(this.target, { timeoutMs: KILL_TIMEOUT_MS }, this.context, undefined);
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no answer to KILL QUERY')), KILL_TIMEOUT_MS);
        opened.connection.query(`KILL QUERY ${String(this.connectionId)}`, (error) => {
          clearTimeout(timer);
          if (error === null) resolve();
          else reject(error);
        });
      });
    } finally {
      opened.drop();
    }
  }

  /** A kill that comes after its statement has ended would hit the next one; this is the next one. */
  async #absorbKill(): Promise<void> {
    if (this.#closed) return;
    const done = new Promise<void>((resolve) => this.#connection.query('DO 0', () => resolve()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), KILL_TIMEOUT_MS)));
    if ((await Promise.race([done, late])) === 'late') this.destroy();
    clearTimeout(timer);
  }

  #lost(detail: string): Failure {
    const { host, port, label } = this.context;
    return new MysqlError({ code: 'connection-lost', params: { host, port }, detail, server: label }, 0, '');
  }

  #end(error: Failure): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const fail of [...this.#pending]) fail(error);
    this.#pending.clear();
    this.#drop();
    for (const listener of this.#onClose.splice(0)) listener();
  }
}
