// The thread that moves bytes: sessions on both servers and the transfers between them. It decides nothing; the main
// thread orders, and stays free to answer while this one is busy.
import { parentPort } from 'node:worker_threads';
import { errorOf, failure } from '../../../shared/errors/codes';
import { TargetFailed, transferRows, type Transferred } from '../../mysql/bulk';
import { MysqlError } from '../../mysql/errors';
import { connect, type LiveSession } from '../../mysql/session';
import type { ConnectTarget } from '../../mysql/types';
import type { OpenOrder, Opened, PumpFailure, PumpOrder, PumpReply, PumpRequest, TransferOrder } from './pump-messages';
import { RateLimit } from './rate-limit';
import { Semaphore } from './semaphore';

const port = parentPort;
if (port === null) throw new Error('this program runs as a worker only');

interface Open {
  readonly session: LiveSession;
  readonly target: ConnectTarget;
}

const sessions = new Map<number, Open>();
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
type Outcome = { readonly done: Transferred } | { readonly targetFailed: unknown };

async function transfer(order: TransferOrder, id: number): Promise<Transferred> {
  const { session: reader, target: source } = known(order.reader);
  const { session: writer } = known(order.writer);
  let rows = 0;
  let bytes = 0;
  let toldAt = performance.now();
  const tell = (): void => {
    if (rows === 0 && bytes === 0) return;
    reply({ id, kind: 'moved', rows, bytes });
    [rows, bytes, toldAt] = [0, 0, performance.now()];
  };
  const watch = {
    before: (count: number) => limit.before(count),
    takeTurn: () => largeStatements.take(),
    moved(moreRows: number, moreBytes: number): void {
      rows += moreRows;
      bytes += moreBytes;
      if (performance.now() - toldAt >= tellEvery) tell();
    },
  };
  let stopped = false;
  const stopSource = async (): Promise<void> => {
    stopped = true;
    const other = await connect(source, { label: reader.label });
    try {
      await other.run(`KILL QUERY ${reader.connectionId}`);
    } finally {
      await other.close();
    }
  };
  let moving: Promise<Outcome> | undefined;
  try {
    return await writer.lend(async (to) => {
      moving = reader.lend(async (from): Promise<Outcome> => {
        try {
          return { done: await transferRows({ source: from, target: to, ...order, stopSource }, watch) };
        } catch (thrown) {
          // What went wrong there is no reason to lose the session here.
          if (thrown instanceof TargetFailed) return { targetFailed: thrown.cause };
          throw thrown;
        }
      });
      const outcome = await moving;
      if ('targetFailed' in outcome) throw outcome.targetFailed as Error;
      tell();
      return outcome.done;
    }, `${order.taking.way === 'load' ? 'LOAD DATA' : 'INSERT'} (${order.table})`);
  } catch (thrown) {
    // The writer may be gone before the reader has come to rest.
    const outcome = await moving?.catch(() => undefined);
    // A kill that came after the end of its statement would hit the next one; this is the next one.
    if (stopped && outcome !== undefined) await reader.query('DO 0').catch(() => undefined);
    throw new SideFailed(outcome !== undefined && 'targetFailed' in outcome ? 'target' : 'source', thrown);
  }
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
  const [errno, sqlState] = thrown instanceof MysqlError ? [thrown.errno, thrown.sqlState] : [0, ''];
  return { error: errorOf(thrown), errno, sqlState, side: null };
}
