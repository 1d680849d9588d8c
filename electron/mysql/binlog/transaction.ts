import type { DecodedTransaction } from '../../../shared/domain/binlog/transaction';
import { failure } from '../../../shared/errors/codes';
import type { LiveSession } from '../session/session';
import { MalformedEvent } from './bytes';
import { readDefinitions } from './column-definitions';
import { decodeTransaction, tablesOf } from './decode';
import { dumpTransaction } from './dump';

/** Bytes of a transaction that are read; what is larger is shown in part. */
const byteLimit = 4 * 1024 * 1024;
/** A server reads through its whole log file before it sends what stands near its end. */
const timeoutMs = 30_000;

/**
 * Reads one transaction from the binary log of a server and makes it readable.
 *
 * `connect` opens a session of its own each time: the log is sent on one that is over afterwards.
 *
 * @throws Failure `transaction-not-logged`, `transaction-unreadable`, or what kept it from being read
 */
export async function readTransaction(
  connect: () => Promise<LiveSession>,
  gtid: string,
  { bytes = byteLimit, signal }: { readonly bytes?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<DecodedTransaction> {
  const dumping = await connect();
  const name = dumping.label;
  try {
    const dumped = await dumpTransaction(dumping, gtid, { bytes, timeoutMs, signal });
    const session = await connect();
    try {
      return decodeTransaction(gtid, dumped, await readDefinitions(session, tablesOf(dumped)));
    } finally {
      session.destroy();
    }
  } catch (thrown) {
    if (thrown instanceof MalformedEvent) throw failure('transaction-unreadable', { gtid, name }, { server: name, detail: thrown.message });
    throw thrown;
  }
}
