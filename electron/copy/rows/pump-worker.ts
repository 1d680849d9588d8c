// The thread that moves bytes: sessions on both servers and the transfers between them. It decides nothing; the main
// thread orders, and stays free to answer while this one is busy.
import { parentPort, workerData } from 'node:worker_threads';
import { failure } from '../../../shared/errors/codes';
import { serverTaker, TargetFailed, transferRows, type Transferred, type TransferWatch } from '../../mysql/rows/bulk';
import { carried } from '../../mysql/carried-failure';
import { connect, type LiveSession } from '../../mysql/session/session';
import type { ConnectTarget } from '../../mysql/types';
import type { OpenOrder, Opened, PumpData, PumpFailure, PumpOrder, PumpReply, PumpRequest, TransferOrder } from './pump-messages';
import { writeFailure } from '../files/failures';
import { checkFile, loadRows, saveRows, type LoadOrder, type Saved, type SaveOrder } from '../files/transfers';
import { PackThreads } from '../files/packing';
import { RateLimit } from './rate-limit';
import { Semaphore } from './semaphore';

const port = parentPort;
if (port === null) throw new Error('this program runs as a worker only');

interface Open {
  readonly session: LiveSession;
  readonly target: ConnectTarget;
}

const sessions = new Map<number, Open>();
const packs = new PackThreads((workerData as PumpData).packProgram);
const limit = new RateLimit();
/** Statements that fill packets of the protocol by themselves: each may be held with 32 MB. */
const largeStatements = new Semaphore(2);
let lastSession = 0;
/** Progress is told at most this often, milliseconds. */
const tellEvery = 200;

const reply = (message: PumpReply): void => port.postMessage(message);

port.on('message', (request: PumpRequest) => {
  switch (request.kind) {
    case 'rate':
      limit.set(request.bytesPerSecond);
      return;
    case 'destroy':
      sessions.get(request.session)?.session.destroy();
      sessions.delete(request.session);
      return;
    case 'order':
      perform(request.order, request.id).then(
        (value) => reply({ id: request.id, kind: 'done', value }),
        (thrown: unknown) => reply({ id: request.id, kind: 'failed', failure: failureOf(thrown) }),
      );
      return;
    default:
      request satisfies never;
  }
});

async function perform(order: PumpOrder, id: number): Promise<unknown> {
  switch (order.kind) {
    case 'open':
      return open(order);
    case 'query':
      return known(order.session).session.query(order.sql);
    case 'run':
      return known(order.session).session.run(order.sql);
    case 'transfer':
      return transfer(order, id);
    case 'save':
      return save(order, id);
    case 'load':
      return load(order, id);
    case 'check':
      return checkFile(order.file, order.holdsLines, (bytes) => reply({ id, kind: 'moved', rows: 0, bytes }));
    case 'close': {
      const { session } = known(order.session);
      sessions.delete(order.session);
      await session.close();
      return null;
    }
    default:
      return order satisfies never;
  }
}

async function open({ target, label, takesRows }: OpenOrder): Promise<Opened> {
  // `bulk.ts` speaks LOAD DATA LOCAL itself; this only says at the login that it may come.
  const localInfile = (): never => {
    throw failure('internal', { detail: 'the server asked for a file nobody offered' });
  };
  const session = await connect(target, { label, queryTimeoutMs: Infinity, ...(takesRows ? { localInfile } : {}) });
  lastSession += 1;
  sessions.set(lastSession, { session, target });
  const { connectionId, client, version, tls } = session;
  return { session: lastSession, connectionId, client, version, tls };
}

function known(id: number): Open {
  const found = sessions.get(id);
  if (found === undefined) throw failure('internal', { detail: 'a session of the pump that is not open' });
  return found;
}

/** What a transfer came to while the source's session was lent. */
type Outcome<Done> = { readonly done: Done } | { readonly targetFailed: unknown };

/** Progress of one order, told from time to time. */
function watchOf(id: number): TransferWatch & { tell(): void } {
  let rows = 0;
  let bytes = 0;
  let toldAt = performance.now();
  const tell = (): void => {
    if (rows === 0 && bytes === 0) return;
    reply({ id, kind: 'moved', rows, bytes });
    [rows, bytes, toldAt] = [0, 0, performance.now()];
  };
  return {
    before: (count) => limit.before(count),
    moved(moreRows, moreBytes) {
      rows += moreRows;
      bytes += moreBytes;
      if (performance.now() - toldAt >= tellEvery) tell();
    },
    tell,
  };
}

/** A source whose statement can be ended early, from another session. */
class Stoppable {
  stopped = false;

  constructor(private readonly open: Open) {}

  async stop(): Promise<void> {
    this.stopped = true;
    const { session, target } = this.open;
    const other = await connect(target, { label: session.label });
    try {
      await other.run(`KILL QUERY ${session.connectionId}`);
    } finally {
      await other.close();
    }
  }

  /** A kill that came after the end of its statement would hit the next one; this is the next one. */
  async settle(): Promise<void> {
    if (this.stopped) await this.open.session.query('DO 0').catch(() => undefined);
  }
}

/** What went wrong at whoever takes the rows is no reason to lose the session of the source. */
async function outcomeOf<Done>(work: Promise<Done>): Promise<Outcome<Done>> {
  try {
    return { done: await work };
  } catch (thrown) {
    if (thrown instanceof TargetFailed) return { targetFailed: thrown.cause };
    throw thrown;
  }
}

async function transfer(order: TransferOrder, id: number): Promise<Transferred> {
  const source = known(order.reader);
  const { session: writer } = known(order.writer);
  const watch = watchOf(id);
  const stoppable = new Stoppable(source);
  const { table, targetName: name, taking, values, select } = order;
  let moving: Promise<Outcome<Transferred>> | undefined;
  try {
    return await writer.lend(async (socket) => {
      const taker = serverTaker({ socket, table, name, taking, takeTurn: () => largeStatements.take() }, values);
      moving = source.session.lend((from) => outcomeOf(transferRows({ source: from, select, values, taker, stopSource: () => stoppable.stop() }, watch)));
      const outcome = await moving;
      if ('targetFailed' in outcome) throw outcome.targetFailed as Error;
      watch.tell();
      return outcome.done;
    }, `${taking.way === 'load' ? 'LOAD DATA' : 'INSERT'} (${table})`);
  } catch (thrown) {
    // The writer may be gone before the reader has come to rest.
    const outcome = await moving?.catch(() => undefined);
    if (outcome !== undefined) await stoppable.settle();
    throw new SideFailed(outcome !== undefined && 'targetFailed' in outcome ? 'target' : 'source', thrown);
  }
}

async function save(order: SaveOrder & { readonly reader: number }, id: number): Promise<Saved> {
  const source = known(order.reader);
  const watch = watchOf(id);
  const stoppable = new Stoppable(source);
  const outcome = await source.session.lend((from) => outcomeOf(saveRows(from, order, () => stoppable.stop(), watch, packs)));
  if ('targetFailed' in outcome) {
    await stoppable.settle();
    throw new SideFailed('target', writeFailure(outcome.targetFailed, order.file.path));
  }
  watch.tell();
  return outcome.done;
}

async function load(order: LoadOrder & { readonly writer: number }, id: number): Promise<{ readonly rows: number }> {
  const watch = watchOf(id);
  const done = await known(order.writer).session.lend((to) => loadRows(to, order, watch), `LOAD DATA (${order.table})`);
  watch.tell();
  return done;
}

class SideFailed extends Error {
  constructor(
    readonly side: 'target' | 'source',
    override readonly cause: unknown,
  ) {
    super(side);
  }
}

function failureOf(thrown: unknown): PumpFailure {
  if (thrown instanceof SideFailed) return { ...failureOf(thrown.cause), side: thrown.side };
  return { ...carried(thrown), side: null };
}
