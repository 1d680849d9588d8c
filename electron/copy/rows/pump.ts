import { Worker } from 'node:worker_threads';
import { failure, type Failure } from '../../../shared/errors/codes';
import type { ServerVersion } from '../../../shared/domain/fleet/version';
import { abandon, type ServerThread } from '../../mysql/session/abandoned';
import type { Transferred } from '../../mysql/rows/bulk';
import { dialectFor, type Dialect } from '../../mysql/dialect/dialect';
import { arrived } from '../../mysql/carried-failure';
import { bindParams } from '../../mysql/quote';
import type { QueryOptions, RunAnswer, Statement, StatementSession } from '../../mysql/types';
import type { Opened, OpenOrder, PumpFailure, PumpData, PumpOrder, PumpReply, PumpRequest, TransferOrder } from './pump-messages';
import type { ExpectedFile } from '../files/frames';
import type { LoadOrder, Saved, SaveOrder } from '../files/transfers';
import { workerProgram } from '../../storage/worker-programs';

/** The target of a transfer failed; the source's session and its snapshot live on. */
export class TargetSideFailed extends Error {
  constructor(override readonly cause: Failure) {
    super(cause.message);
  }
}

/** A session whose rows can be sent on, or that takes such rows. */
export interface RowSession extends StatementSession {
  readonly id: number;
}

/** What moves rows from session to session. */
export interface RowPump {
  open(order: OpenOrder, signal: AbortSignal): Promise<RowSession>;
  /**
   * Streams rows from one session into another; `moved` is told as they go.
   *
   * @throws TargetSideFailed where the source's session is still good, else the failure of the source
   */
  transfer(
    order: Omit<TransferOrder, 'reader' | 'writer'>, reader: RowSession, writer: RowSession, signal: AbortSignal, moved: (rows: number, bytes: number) => void,
  ): Promise<Transferred>;
  /** Bytes per second of all transfers together; null: as fast as it goes. */
  limit(bytesPerSecond: number | null): void;
  /** Ends every session at once, and what moves their rows. */
  close(): Promise<void>;
}

/** One that moves rows into files and out of them, too. */
export interface FilePump extends RowPump {
  /** Streams rows into a new file; failures as of `transfer`, the file being the target. */
  save(order: SaveOrder, reader: RowSession, signal: AbortSignal, moved: (rows: number, bytes: number) => void): Promise<Saved>;
  /** Streams the rows of a file into a session. */
  load(order: LoadOrder, writer: RowSession, signal: AbortSignal, moved: (rows: number, bytes: number) => void): Promise<{ readonly rows: number }>;
  /** Reads a file and holds it against what it is to be; `rows`: null where it holds no lines. */
  check(file: ExpectedFile, holdsLines: boolean, signal: AbortSignal, moved: (bytes: number) => void): Promise<{ readonly rows: number | null }>;
}

interface Waiting {
  readonly order: PumpOrder;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly moved?: (rows: number, bytes: number) => void;
}

/**
 * The worker thread of a copy, as the main thread sees it: sessions that live there, and transfers of rows between them.
 * Its end, and the abort of whatever waits for it, ends every session at once. What was being written then is ended at the
 * target by the ids of the connections, since the thread that could is gone, before anybody hears of it.
 */
export class Pump implements FilePump {
  readonly #waiting = new Map<number, Waiting>();
  readonly #watched = new Map<AbortSignal, () => void>();
  /** Sessions that change their server. */
  readonly #writers = new Map<number, ServerThread>();
  #lastId = 0;
  #ended: Error | null = null;
  #ending: Promise<unknown> = Promise.resolve();

  private constructor(private readonly worker: Worker) {
    worker.on('message', (reply: PumpReply) => this.#take(reply));
    worker.on('error', (error) => this.#end(failure('internal', { detail: `copy worker: ${error.message}` })));
    worker.on('exit', (code) => this.#end(failure('internal', { detail: `copy worker: exit code ${code}` })));
  }

  static start(): Pump {
    return new Pump(new Worker(workerProgram('copy'), { name: 'copy', workerData: { packProgram: workerProgram('pack') } satisfies PumpData }));
  }

  async open(order: OpenOrder, signal: AbortSignal): Promise<PumpSession> {
    const opened = (await this.ask({ kind: 'open', ...order }, signal)) as Opened;
    const { target, label, takesRows } = order;
    const context = { host: target.host, port: target.port, user: target.user, label, secrets: [target.password] };
    if (takesRows) this.#writers.set(opened.session, { target, context, connectionId: opened.connectionId, client: opened.client });
    return new PumpSession(this, opened, label);
  }

  async transfer(...[order, reader, writer, signal, moved]: Parameters<RowPump['transfer']>): Promise<Transferred> {
    return (await this.ask({ kind: 'transfer', ...order, reader: reader.id, writer: writer.id }, signal, moved)) as Transferred;
  }

  async save(...[order, reader, signal, moved]: Parameters<FilePump['save']>): Promise<Saved> {
    return (await this.ask({ kind: 'save', ...order, reader: reader.id }, signal, moved)) as Saved;
  }

  async load(...[order, writer, signal, moved]: Parameters<FilePump['load']>): Promise<{ readonly rows: number }> {
    return (await this.ask({ kind: 'load', ...order, writer: writer.id }, signal, moved)) as { rows: number };
  }

  async check(...[file, holdsLines, signal, moved]: Parameters<FilePump['check']>): Promise<{ readonly rows: number | null }> {
    return (await this.ask({ kind: 'check', file, holdsLines }, signal, (_rows, bytes) => moved(bytes))) as { rows: number | null };
  }

  limit(bytesPerSecond: number | null): void {
    this.#post({ kind: 'rate', bytesPerSecond });
  }

  /** Drops one session at once. */
  drop(session: number): void {
    this.#post({ kind: 'destroy', session });
  }

  async close(): Promise<void> {
    this.#end(failure('cancelled', { what: 'copy' }));
    await this.worker.terminate();
    await this.#ending;
  }

  /** The answer to an order. The abort of any signal it was ever given ends the whole pump: half of a copy is of no use. */
  ask(order: PumpOrder, signal?: AbortSignal, moved?: (rows: number, bytes: number) => void): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.#lastId += 1;
    const id = this.#lastId;
    if (signal !== undefined) this.#watch(signal);
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { order, resolve, reject, ...(moved === undefined ? {} : { moved }) });
      this.#post({ kind: 'order', id, order });
    });
  }

  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return;
    const onAbort = (): void => {
      this.#end(signal.reason as Error);
      void this.worker.terminate();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#watched.set(signal, onAbort);
  }

  #post(request: PumpRequest): void {
    if (this.#ended === null) this.worker.postMessage(request);
  }

  #take(reply: PumpReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.kind === 'moved') {
      waiting.moved?.(reply.rows, reply.bytes);
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.kind === 'done') waiting.resolve(reply.value);
    else waiting.reject(thrownOf(reply.failure));
  }

  #end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const [signal, onAbort] of this.#watched) signal.removeEventListener('abort', onAbort);
    this.#watched.clear();
    this.#ending = Promise.all(waiting.map(({ order }) => this.#endWriting(order))).then(() => {
      for (const { reject } of waiting) reject(error);
    });
  }

  /** What cannot be ended in time is waited for before the next change of that server. */
  async #endWriting(order: PumpOrder): Promise<void> {
    if (order.kind === 'transfer' || order.kind === 'load') return this.#endOn(order.writer, order.table);
    if ('session' in order) await this.#endOn(order.session, 'sql' in order ? order.sql : order.kind);
  }

  async #endOn(session: number, what: string): Promise<void> {
    const thread = this.#writers.get(session);
    if (thread !== undefined) await abandon(thread, what);
  }
}

function thrownOf({ side, ...failed }: PumpFailure): Error {
  const known = arrived(failed);
  return side === 'target' ? new TargetSideFailed(known) : known;
}

/** A session in the worker, with the statements of a session here. Answers only; rows of tables go by transfer. */
class PumpSession implements RowSession {
  readonly id: number;
  readonly connectionId: number;
  readonly version: ServerVersion;
  readonly dialect: Dialect;
  readonly tls: StatementSession['tls'];

  constructor(
    private readonly pump: Pump,
    opened: Opened,
    readonly label: string,
  ) {
    this.id = opened.session;
    this.connectionId = opened.connectionId;
    this.version = opened.version;
    this.tls = opened.tls;
    this.dialect = dialectFor(opened.version);
  }

  async query<Row = Record<string, unknown>>(sql: string | Statement, params: readonly unknown[] = [], options: QueryOptions = {}): Promise<Row[]> {
    return (await this.pump.ask({ kind: 'query', session: this.id, sql: textOf(sql, params) }, options.signal)) as Row[];
  }

  async run(sql: string | Statement, params: readonly unknown[] = [], options: QueryOptions = {}): Promise<RunAnswer> {
    return (await this.pump.ask({ kind: 'run', session: this.id, sql: textOf(sql, params) }, options.signal)) as RunAnswer;
  }

  async close(): Promise<void> {
    await this.pump.ask({ kind: 'close', session: this.id });
  }

  destroy(): void {
    this.pump.drop(this.id);
  }
}

/** No statement of a pump holds a secret: accounts are copied on sessions of the main thread. */
function textOf(sql: string | Statement, params: readonly unknown[]): string {
  const text = typeof sql === 'string' ? sql : sql.sql;
  return params.length === 0 ? text : bindParams(text, params);
}
