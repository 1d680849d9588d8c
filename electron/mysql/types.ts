import type { Duplex, Readable } from 'node:stream';
import type { Dialect } from './dialect/dialect';
import type { Statement } from './statement';
import type { LockPurpose } from '../../shared/domain/tasks/lock-holder';
import type { TlsSettings } from '../../shared/domain/fleet/instance';
import type { ServerVersion } from '../../shared/domain/fleet/version';

export type { Statement } from './statement';

/** Where and as whom to connect. Implemented by `session.ts`, the only place that knows mysql2. */
export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsSettings;
}

export interface ConnectOptions {
  /** Limit of each stage (name resolution, TCP, TLS, login) together, milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Named in connection attributes and error texts: the instance's name. */
  readonly label?: string;
  /** Which engine it is, and what its lock is for where the connection is to hold one: told to other workstations by the server. */
  readonly run?: string;
  readonly purpose?: LockPurpose;
  /** Default limit of every query of the session. */
  readonly queryTimeoutMs?: number;
  /** Most bytes of an answer that is read as a whole; past it the session is ended with `protocol-broken`. */
  readonly answerBytes?: number;
  /** Answers LOAD DATA LOCAL INFILE; absent: the server's request for a file is refused. */
  readonly localInfile?: (name: string) => Readable;
  /** Default database; none by default. */
  readonly database?: string;
  /**
   * `engine` (default): time zone UTC, a fixed sql_mode, autocommit on, no server-side limits on statements.
   * `user`: everything as the server gives it to any client, for statements the user wrote.
   */
  readonly profile?: 'engine' | 'user';
  /** `bytes`: each character of a statement is one byte, for texts in another character set than UTF-8. */
  readonly statements?: 'bytes';
  /** Told each statement as it is about to be sent. */
  readonly onStatement?: (sql: string) => void;
  /** Told as each stage of the connection is passed, with its duration. */
  readonly onStage?: (stage: 'dns' | 'tcp' | 'tls' | 'login', ms: number) => void;
}

export interface QueryOptions {
  /** Milliseconds, `Infinity`: none. Past it (and on abort) the statement ends as `cancel` says. Streams: between two rows. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * Not given: the socket is dropped and the session is over. A reading is answered for at once, even when the server
   * hangs: it costs the server some work at most, and the poller gives up many. What may change the server is killed there
   * by the id of its connection first, and waited for; some seconds later the failure is told, `may-take-hold` where the
   * server did not let go of it (see `abandoned.ts`).
   * `destroy`: at once, whatever it is. `kill`: KILL QUERY through a second connection, the session lives on; given up after
   * all where that fails.
   * In each case the server may have completed the statement: read its state, do not guess.
   */
  readonly cancel?: 'destroy' | 'kill';
  /** No column of the answer is a geometry or a vector, so that none is looked at whether it is: cheaper, for what is asked again and again. */
  readonly plain?: boolean;
}

export interface StreamOptions extends QueryOptions {
  /** `array`: values in the order of the columns; cheaper. Default `object`. */
  readonly rows?: 'object' | 'array';
  /** Every value as the server sent it, a Buffer or null. Default: typed values. */
  readonly raw?: boolean;
  /**
   * For statements of any kind: each result set begins with its {@link ResultColumns}, and a statement without rows gives the driver's header
   * in place of one. What may change the server is ended there where it is given up.
   */
  readonly answers?: boolean;
}

/** A column of a result as the protocol tells it: its type by number, and the number of its collation (63: bytes). */
export interface ResultColumn {
  readonly name: string;
  readonly type: number;
  readonly charset: number;
  /** Where it stands, by the names there, and what the table is called in the statement; absent: it is computed. */
  readonly origin?: { readonly database: string; readonly table: string; readonly alias: string; readonly column: string };
}

/** The columns of the rows that follow. */
export class ResultColumns {
  constructor(readonly columns: readonly ResultColumn[]) {}
}

/**
 * One connection with one login. BIGINT, DECIMAL, JSON and all temporal values arrive as strings, binary ones as
 * Buffers, other numbers as numbers. One statement runs at a time; further ones wait in line, and their limits run.
 */
export interface StatementSession {
  readonly connectionId: number;
  readonly version: ServerVersion;
  readonly dialect: Dialect;
  /** The instance's name or host:port, for error texts. */
  readonly label: string;
  /** Protocol and cipher in use; null: in the clear. */
  readonly tls: { readonly protocol: string; readonly cipher: string } | null;
  /** Rows of a SELECT or SHOW; an empty list for other statements. Throws a Failure (never with a secret in it). */
  query<Row = Record<string, unknown>>(sql: string | Statement, params?: readonly unknown[], options?: QueryOptions): Promise<Row[]>;
  /** Statement without rows; how many rows it touched. */
  run(sql: string | Statement, params?: readonly unknown[], options?: QueryOptions): Promise<RunAnswer>;
  close(): Promise<void>;
  /** Drops the socket at once. */
  destroy(): void;
}

/** What the server says of a statement without rows. */
export interface RunAnswer {
  readonly affectedRows: number;
  readonly insertId: string;
  /** How many warnings, errors and notes SHOW WARNINGS would tell. */
  readonly warningCount: number;
  /** The transactions that it committed, where the session tracks them; absent: none, or not told. */
  readonly gtids?: readonly string[];
}

/** A session of this thread: it gives rows one by one too. */
export interface Session extends StatementSession {
  /** Rows one by one with back-pressure. */
  stream<Row = Record<string, unknown>>(sql: string | Statement, params?: readonly unknown[], options?: StreamOptions): AsyncIterable<Row>;
}

/** A session with what its owner needs to know of its life. */
export interface LiveSession extends Session {
  /** No further statement will run. */
  readonly closed: boolean;
  /** Address and port by which the server knows its client, for ending it from elsewhere; null: it did not tell. */
  readonly client: string | null;
  /** True while no statement runs or waits. */
  readonly idle: boolean;
  /**
   * Lends the socket, while nothing else runs, to what speaks the protocol itself. Whoever fails with it has ended the
   * session: nobody knows what is still on its way. `change`: what may be changing the server then, and is ended there
   * before the failure is told; null: nothing is.
   */
  lend<Result>(use: (socket: Duplex) => Promise<Result>, change?: string | null): Promise<Result>;
  /**
   * Ends the session at its server, with whatever runs on it or is held by it, and waits until it is gone there.
   *
   * @throws Failure `may-take-hold` where that could not be proven
   */
  end(): Promise<void>;
  /** One round trip without a statement. */
  ping(options?: QueryOptions): Promise<void>;
  /** Called once when the session ends, for whatever reason. */
  onClose(listener: () => void): void;
}
