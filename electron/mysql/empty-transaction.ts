import { quoteString } from './quote';
import { plain } from './statement';
import type { Statement } from './types';

const nothing: readonly Statement[] = [plain('BEGIN'), plain('COMMIT')];

/** The next transaction of the session bears this GTID. */
export const takeGtid = (gtid: string): Statement => plain(`SET SESSION gtid_next = ${quoteString(gtid)}`);

/** The session numbers its own transactions again. */
export const automaticGtid: Statement = plain("SET SESSION gtid_next = 'AUTOMATIC'");

/**
 * What puts an empty transaction in the place of another, so that the applier passes that one over. It bears the GTID of
 * the source, so it is no errant one; it writes nothing, so a server that is closed to writes stays closed.
 */
export function emptyTransaction(gtid: string): readonly Statement[] {
  return [takeGtid(gtid), ...nothing];
}

/** Runs {@link emptyTransaction}; whatever happens, the session numbers its own transactions again afterwards. */
export function putEmptyTransaction(gtid: string, run: (statement: Statement) => Promise<unknown>): Promise<void> {
  return putInPlaceOf(gtid, nothing, run);
}

/** As {@link putEmptyTransaction}, with statements that end one transaction, which counts as the other from then on. */
export async function putInPlaceOf(gtid: string, statements: readonly Statement[], run: (statement: Statement) => Promise<unknown>): Promise<void> {
  try {
    await run(takeGtid(gtid));
    for (const statement of statements) await run(statement);
  } finally {
    await run(automaticGtid);
  }
}
