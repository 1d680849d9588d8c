import type { Duplex } from 'node:stream';
import type { Connection, QueryError, QueryOptions as DriverQuery } from 'mysql2';
import { failure, type Failure } from '../../../shared/errors/codes';
import { atLeast, parseServerVersion, type ServerVersion } from '../../../shared/domain/fleet/version';
import { abandon, endingLimitMs, isAnythingLeft, killAt, mayStillTakeHold, mayTakeHold, untilNothingLeft, type ServerThread } from './abandoned';
import { runAnswerOf } from './answer';
import { dialectFor, type Dialect } from '../dialect/dialect';
import { DEFAULT_CONNECT_TIMEOUT_MS, openConnection, type Opened } from './driver';
import { connectErrorOf, isConnectionLost, MysqlError, queryErrorOf, statementErrorOf, type ErrorContext } from '../errors';
import type { PacketMeter } from './packet-meter';
import { bindParams } from '../quote';
import { secretsOf } from '../statement';
import { onlyWhileLoading, setUp, unhurried } from './setup';
import { endOnFirst, keepBytes, rowsOf, tellAnswers } from './streaming';
import type { ConnectOptions, ConnectTarget, LiveSession, QueryOptions, RunAnswer, Session, Statement, StreamOptions } from '../types';

export type { ConnectOptions, ConnectTarget, LiveSession, Session, Statement } from '../types';

const DEFAULT_QUERY_TIMEOUT_MS = 30_000;
/** For another connection, a look and the kill. */
const KILL_TIMEOUT_MS = 6_000;

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
  const running = { sql: '' };
  const opened = await openConnection(target, options, context, onlyWhileLoading(options.localInfile, running));
  const session = new MysqlSession(opened, target, options, context, running);
  try {
    await session.prepare(Math.max(1, deadline - performance.now()));
    return session;
  } catch (error) {
    session.destroy();
    throw connectErrorOf(error, 'login', context, timeoutMs / 1_000);
  }
}

/** A statement under way or in line. */
interface Pending {
  /** What it may still do to its server once the session is over, shown; null: nothing. */
  readonly change: string | null;
  /** Told when the session ends. `gone`: what ran is known to be gone from the server, or has nothing to leave there. */
  fail(error: Failure, gone: boolean): void;
}

class MysqlSession implements LiveSession {
  readonly label: string;
  readonly tls: Session['tls'];
  #version: ServerVersion;
  #dialect: Dialect | undefined;
  #closed = false;
  #thread: ServerThread;
  /** Whether what ran at the end is gone from the server; null: nothing ran that matters. */
  #ending: Promise<boolean> | null = null;
  readonly #connection: Connection;
  readonly #stream: Duplex;
  readonly #drop: () => void;
  readonly #meter: PacketMeter;
  /** The first runs, the others wait in line. */
  readonly #pending = new Set<Pending>();
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
    this.#meter = opened.meter;
    this.#meter.expect('nothing');
    this.#thread = { target, context, connectionId: opened.greeting.connectionId, client: null };
    this.label = context.label;
    this.tls = opened.tls;
    this.#version = parseServerVersion(opened.greeting.serverVersion);
    this.#connection.on('error', (error: Error) => this.#end(queryErrorOf(error, this.context)));
    this.#connection.on('end', () => this.#end(this.#lost('the server closed the connection')));
    // Also where the driver keeps it to itself.
    this.#stream.once('close', () => this.#end(this.#lost('the connection was closed')));
  }

  get connectionId(): number {
    return this.#thread.connectionId;
  }

  get client(): string | null {
    return this.#thread.client;
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

  /** Learns the version, and as what it is known, from the server itself (a proxy's greeting may name another), and sets the session up. */
  async prepare(timeoutMs: number): Promise<void> {
    const limit = { timeoutMs };
    const known = ', CONNECTION_ID() AS id, (SELECT HOST FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()) AS client';
    const [row] = await this.query<{ version: unknown; comment: unknown; id?: unknown; client?: unknown }>(
      `SELECT ${unhurried} @@version AS version, @@version_comment AS comment${atLeast(this.#version, 5, 5, 0) ? known : ''}`,
      [],
      limit,
    );
    if (row?.id !== undefined) this.#thread = { ...this.#thread, connectionId: Number(row.id), client: typeof row.client === 'string' ? row.client : null };
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
  ): Promise<RunAnswer> {
    return runAnswerOf(await this.#perform(sql, params, options));
  }

  stream<Row = Record<string, unknown>>(
    sql: string | Statement,
    params: readonly unknown[] = [],
    options: StreamOptions = {},
  ): AsyncIterable<Row> {
    return { [Symbol.asyncIterator]: () => this.#rows<Row>(sql, params, options) };
  }

  async ping(options: QueryOptions = {}): Promise<void> {
    await this.#guard({ shown: 'ping', secrets: [], change: null }, options, (done) => this.#connection.ping((error) => done(error, undefined)));
  }

  async lend<Result>(use: (socket: Duplex) => Promise<Result>, change: string | null = null): Promise<Result> {
    if (change !== null) await this.#untilNothingLeft(undefined);
    if (this.#closed) throw this.#lost('the session is closed');
    if (!this.idle) throw failure('internal', { detail: 'a session that is at work cannot be lent' });
    const stream = this.#stream;
    const listeners = stream.listeners('data') as ((data: Buffer) => void)[];
    stream.removeAllListeners('data');
    let lost: ((error: Failure) => void) | undefined;
    const ended = new Promise<never>((_, reject) => (lost = reject));
    const pending: Pending = { change, fail: (error) => lost?.(error) };
    this.#pending.add(pending);
    try {
      const result = await Promise.race([use(stream), ended]);
      for (const listener of listeners) stream.on('data', listener);
      stream.resume();
      return result;
    } catch (error) {
      this.destroy();
      await this.#ending;
      throw queryErrorOf(error, this.context);
    } finally {
      this.#pending.delete(pending);
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
    this.#end(this.#lost('the session was closed'));
  }

  async end(): Promise<void> {
    this.destroy();
    this.#ending ??= abandon(this.#thread, `KILL ${String(this.connectionId)}`);
    if (!(await this.#ending)) await untilNothingLeft(this.target, this.label, undefined);
  }

  async #perform(sql: string | Statement, params: readonly unknown[], options: QueryOptions): Promise<unknown> {
    const { text, shown, secrets } = this.#bound(sql, params);
    const change = options.cancel !== 'destroy' && mayTakeHold(text) ? shown : null;
    if (change !== null) await this.#untilNothingLeft(options.signal);
    return this.#guard({ shown, secrets, change }, options, (done) => {
      const query: DriverQuery = { sql: text, typeCast: options.plain === true || keepBytes };
      this.running.sql = text;
      this.#connection.query(query, (error: QueryError | null, result: unknown) => done(error, result));
    });
  }

  async #untilNothingLeft(signal: AbortSignal | undefined): Promise<void> {
    if (isAnythingLeft(this.target)) await untilNothingLeft(this.target, this.label, signal);
  }

  #bound(sql: string | Statement, params: readonly unknown[]): { text: string; shown: string; secrets: readonly string[] | undefined } {
    const [source, shown, secrets] = typeof sql === 'string' ? [sql, sql, []] : [sql.sql, sql.redacted, secretsOf(sql)];
    try {
      const text = params.length === 0 ? source : bindParams(source, params);
      this.options.onStatement?.(text);
      return { text, shown, secrets };
    } catch (error) {
      throw queryErrorOf(error, this.context);
    }
  }

  /** Runs one command under its time limit and abort signal. `secrets` undefined: the text holds some that nobody knows. */
  #guard<T>(
    { shown, secrets, change }: { shown: string; secrets: readonly string[] | undefined; change: string | null },
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
      let patience: NodeJS.Timeout | undefined;
      const settle = endOnFirst((outcome: { error: Failure } | { result: T }) => {
        clearTimeout(timer);
        clearTimeout(patience);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(pending);
        this.#meter.expect(this.idle ? 'nothing' : 'answer');
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.result);
      });
      const pending: Pending = {
        change,
        fail: (error, gone) => settle({ error: gone || interrupted === undefined ? (interrupted ?? error) : mayStillTakeHold(this.#thread, shown) }),
      };
      const interrupt = (why: Failure): void => {
        if (interrupted !== undefined) return;
        interrupted = why;
        if (options.cancel !== 'kill') {
          this.destroy();
          return;
        }
        // What no kill reaches (STOP REPLICA) is given up like the rest.
        patience = setTimeout(() => this.destroy(), KILL_TIMEOUT_MS + endingLimitMs);
        killing = killAt(this.#thread, KILL_TIMEOUT_MS, true).catch(() => this.destroy());
      };
      const onAbort = (): void => interrupt(failure('cancelled', { what: this.label }, { server: this.label }));
      const late = (): void => interrupt(failure('query-timeout', { seconds: timeoutMs / 1_000 }, { server: this.label, detail: shown.slice(0, 200) }));
      const timer = Number.isFinite(timeoutMs) ? setTimeout(late, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.add(pending);
      if (this.#pending.size === 1) this.#meter.expect('answer');
      start((error, result) => {
        // The session is over: how it ended is told by that, once what ran is gone from the server.
        if (this.#closed) return;
        const answered = error ? statementErrorOf(error, this.context, secrets) : undefined;
        if (answered instanceof MysqlError && answered.errno === 0 && isConnectionLost(answered)) {
          this.#end(answered);
          return;
        }
        // Past its limit a statement has failed even if it answers: what a kill made of the answer cannot be told.
        const failed = interrupted ?? answered;
        const outcome = failed === undefined ? { result } : { error: failed };
        // A kill under way may still hit the next statement: it has to be over before anyone goes on.
        if (killing === undefined) settle(outcome);
        else void killing.then(() => this.#absorbKill()).finally(() => settle(outcome));
      });
    });
  }

  async *#rows<Row>(sql: string | Statement, params: readonly unknown[], options: StreamOptions): AsyncGenerator<Row, void, undefined> {
    if (this.#closed) throw this.#lost('the session is closed');
    if (options.signal?.aborted === true) throw failure('cancelled', { what: this.label });
    const timeoutMs = options.timeoutMs ?? this.options.queryTimeoutMs ?? DEFAULT_QUERY_TIMEOUT_MS;
    const { text, shown, secrets } = this.#bound(sql, params);
    const change = options.answers === true && mayTakeHold(text) ? shown : null;
    if (change !== null) await this.#untilNothingLeft(options.signal);
    this.running.sql = text;
    this.#meter.expect('rows');
    const command = this.#connection.query({ sql: text, rowsAsArray: options.rows === 'array', typeCast: options.raw === true ? false : keepBytes });
    // The stream takes its listener along when it ends early; the error of the kill that follows must find one.
    command.on('error', () => undefined);
    const source = command.stream({ highWaterMark: 256 });
    if (options.answers === true) tellAnswers(command, source);
    const pending: Pending = { change, fail: (error, gone) => void source.destroy(gone ? error : mayStillTakeHold(this.#thread, shown)) };
    const onAbort = (): void => void source.destroy(failure('cancelled', { what: this.label }, { server: this.label }));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.add(pending);
    let complete = false;
    try {
      yield* rowsOf<Row>(source, timeoutMs, () => failure('query-timeout', { seconds: timeoutMs / 1_000 }, { server: this.label }));
      complete = true;
    } catch (error) {
      // The server's own error ends the statement in order; after anything else rows may still be on their way.
      const failed = statementErrorOf(error, this.context, secrets);
      complete = failed instanceof MysqlError && failed.errno !== 0 && !isConnectionLost(failed);
      throw failed;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      this.#pending.delete(pending);
      if (!complete) await this.#abandon(options.cancel ?? 'destroy');
      this.#meter.expect(this.idle ? 'nothing' : 'answer');
    }
  }

  /** Ends a statement whose rows nobody wants any more. */
  async #abandon(how: 'destroy' | 'kill'): Promise<void> {
    if (this.#closed) return;
    if (how === 'kill') {
      try {
        // Its rows are left at the server meanwhile: read at full speed they would keep this process from the kill.
        this.#connection.pause();
        await killAt(this.#thread, KILL_TIMEOUT_MS, true).finally(() => this.#connection.resume());
        await this.#absorbKill();
        return;
      } catch {
        // Fall through: what cannot be killed is dropped.
      }
    }
    this.destroy();
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

  /** The session is over. What ran and may change its server is ended there first, and told of then; what waited never ran. */
  #end(error: Failure): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop();
    const [running, ...waiting] = this.#pending;
    this.#pending.clear();
    for (const one of waiting) one.fail(error, true);
    if (running !== undefined) this.#endRunning(running, error);
    for (const listener of this.#onClose.splice(0)) listener();
  }

  #endRunning(running: Pending, error: Failure): void {
    if (running.change === null) {
      running.fail(error, true);
      return;
    }
    this.#ending = abandon(this.#thread, running.change);
    void this.#ending.then((gone) => running.fail(error, gone));
  }
}
