// Transactions of the log of a server: the latest, what holds one, and everything from one on.
import { parseGtid, parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { passes, type LoggedTransaction, type TransactionFilter, type TransactionPage } from '../../../shared/domain/operations/rollback/transaction';
import { failure } from '../../../shared/errors/codes';
import type { FleetAccess } from '../../fleet/types';
import { logBegan, readLogFiles, type LogFilePart } from '../../mysql/binlog/log-files';
import { SeenGtids } from '../../mysql/binlog/seen-gtids';
import { streamTransactions, type TransactionVisitor } from '../../mysql/binlog/stream';
import { Summaries } from './summaries';

/** A statement of the log's own reading may wait for a file to be read through. */
const limits = { timeoutMs: 5_000, queryTimeoutMs: 120_000 };
/** Bytes of log that one look reads through; what is asked for beyond it is asked for by time. */
const mostBytes = 1024 * 1024 * 1024;

/** Whose log it is. */
export interface LogOwner {
  readonly fleet: FleetAccess;
  readonly instanceId: string;
  readonly name: string;
}

function logFiles({ fleet, instanceId }: LogOwner, signal?: AbortSignal): Promise<readonly LogFilePart[]> {
  return fleet.withSession(instanceId, (session) => readLogFiles(session), options(signal));
}

export const options = (signal?: AbortSignal): typeof limits & { readonly signal?: AbortSignal } => (signal === undefined ? limits : { ...limits, signal });

/** The latest transactions that a filter lets through, file by file from the newest back. */
export async function latestTransactions(owner: LogOwner, filter: TransactionFilter, most: number, signal?: AbortSignal): Promise<TransactionPage> {
  const files = [...(await logFiles(owner, signal))].reverse();
  const found: LoggedTransaction[] = [];
  let [readBackTo, bytes, more]: [number | null, number, boolean] = [null, 0, false];
  for (const [at, file] of files.entries()) {
    if (file.gtids.isEmpty()) continue;
    if (at > 0 && bytes + file.bytes > mostBytes) return { transactions: found, more, readBackTo, complete: false };
    const { passed, first } = await readFile(owner, file, filter, most + 1 - found.length, signal);
    found.push(...passed.reverse());
    bytes += file.bytes;
    readBackTo = first ?? readBackTo;
    more = found.length > most;
    if (more) break;
    if (filter.from !== null && readBackTo !== null && readBackTo < filter.from) break;
  }
  return { transactions: found.slice(0, most), more, readBackTo, complete: true };
}

/** The last transactions of a file that pass, in the order of the log, and when its first one was. */
async function readFile(
  { fleet, instanceId }: LogOwner, { gtids }: LogFilePart, filter: TransactionFilter, most: number, signal?: AbortSignal,
): Promise<{ readonly passed: LoggedTransaction[]; readonly first: number | null }> {
  const passed: LoggedTransaction[] = [];
  let first: number | null = null;
  const visitor = new Summaries((transaction) => {
    first ??= transaction.at;
    if (transaction.kind === 'empty' || !passes(transaction, filter)) return;
    passed.push(transaction);
    if (passed.length > most) passed.shift();
  });
  await streamTransactions(await fleet.connect(instanceId, options(signal)), gtids, visitor, signal);
  return { passed, first };
}

/**
 * Everything that the log holds from the earliest of some transactions on, by the order of the log: numbers of several servers, and those of one
 * that commits in parallel, say nothing of it.
 *
 * @throws Failure `transaction-not-logged` where one of them is not in the log (any more)
 */
export async function fromTransactionOn(
  owner: LogOwner, chosen: readonly string[], signal?: AbortSignal,
): Promise<{ readonly set: GtidSet; readonly first: LoggedTransaction }> {
  const wanted = parseGtidSet(chosen.join(','));
  const files = await logFiles(owner, signal);
  const missing = files.reduce((left, { gtids }) => left.subtract(gtids), wanted);
  if (!missing.isEmpty()) throw failure('transaction-not-logged', { gtid: missing.shorten(), name: owner.name }, { server: owner.name });
  const at = files.findIndex(({ gtids }) => !gtids.intersect(wanted).isEmpty());
  const file = files[at] as LogFilePart;
  const { before, first } = await upTo(owner, file.gtids, wanted, signal);
  if (first === null) throw failure('transaction-not-logged', { gtid: chosen[0] ?? '', name: owner.name }, { server: owner.name });
  const all = files.slice(at).reduce((sum, { gtids }) => sum.union(gtids), parseGtidSet(''));
  return { set: all.subtract(before.set()), first };
}

/** The first wanted transaction of a file, and what stands before it. Nothing is read behind it, and of what is before it the numbers alone. */
async function upTo(
  { fleet, instanceId }: LogOwner, file: GtidSet, wanted: GtidSet, signal?: AbortSignal,
): Promise<{ readonly before: SeenGtids; readonly first: LoggedTransaction | null }> {
  const before = new SeenGtids();
  const found: { first: LoggedTransaction | null } = { first: null };
  const enough = new AbortController();
  const summaries = new Summaries((transaction) => {
    found.first = transaction;
    enough.abort();
  });
  let isWanted = false;
  const visitor: TransactionVisitor = {
    knows: () => true,
    learn: () => Promise.resolve(),
    begin(gtid, event) {
      isWanted = found.first === null && wanted.contains(parseGtid(gtid));
      if (isWanted) summaries.begin(gtid, event);
      else if (found.first === null) before.add(gtid);
    },
    event: (event) => isWanted ? summaries.event(event) : undefined,
    end: (damage) => isWanted ? summaries.end(damage) : undefined,
  };
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  try {
    await streamTransactions(await fleet.connect(instanceId, options(signal)), file, visitor, either);
  } catch (thrown) {
    if (found.first === null) throw thrown;
  }
  return { before, first: found.first };
}

/**
 * The first transaction that was committed at a moment or after it, in the order of the log; null: none was. Times do not always grow along a
 * log, so that what is meant is said by the transaction.
 */
export async function transactionAt(owner: LogOwner, at: number, signal?: AbortSignal): Promise<LoggedTransaction | null> {
  const { fleet, instanceId } = owner;
  const files = await logFiles(owner, signal);
  let from = files.length - 1;
  // What was begun before the moment may hold it, and so may those behind it.
  while (from > 0 && (await logBegan(await fleet.connect(instanceId, options(signal)), files[from]?.name ?? '') ?? 0) > at) from--;
  for (const { gtids } of files.slice(Math.max(0, from))) {
    if (gtids.isEmpty()) continue;
    let found: LoggedTransaction | null = null;
    await streamTransactions(await fleet.connect(instanceId, options(signal)), gtids, new Summaries((transaction) => {
      if (found === null && transaction.kind !== 'empty' && transaction.at >= at) found = transaction;
    }), signal);
    if (found !== null) return found;
  }
  return null;
}

/** The first transaction of a set that a connection committed; null: none of them is its. Nothing is read behind it. */
export function committedBy(owner: LogOwner, among: GtidSet, connectionId: number, signal?: AbortSignal): Promise<string | null> {
  return firstThat(owner, among, (_transaction, thread) => thread === connectionId, signal);
}

/** The first transaction of a set that was logged as a statement which holds a text; null: none was. Nothing is read behind it. */
export function statedAmong(owner: LogOwner, among: GtidSet, text: string, signal?: AbortSignal): Promise<string | null> {
  return firstThat(owner, among, ({ statements }) => statements.some((one) => one.includes(text)), signal);
}

async function firstThat(
  owner: LogOwner, among: GtidSet, is: (transaction: LoggedTransaction, thread: number | null) => boolean, signal?: AbortSignal,
): Promise<string | null> {
  if (among.isEmpty()) return null;
  const found: { gtid: string | null } = { gtid: null };
  const enough = new AbortController();
  const visitor = new Summaries((transaction, thread) => {
    if (found.gtid !== null || !is(transaction, thread)) return;
    found.gtid = transaction.gtid;
    enough.abort();
  });
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  try {
    const end = await streamTransactions(await owner.fleet.connect(owner.instanceId, options(signal)), among, visitor, either);
    // What is not there any more may have been it.
    if (end === 'purged' && found.gtid === null) throw failure('transaction-not-logged', { gtid: among.shorten(), name: owner.name });
  } catch (thrown) {
    if (found.gtid === null) throw thrown;
  }
  return found.gtid;
}
