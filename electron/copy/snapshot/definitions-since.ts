// Whether definitions were read in time: before 8.0 nothing keeps them as they were in the moment of a snapshot.
import { statementKind } from '../../../shared/domain/binlog/statements';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { hasErrno } from '../../mysql/errors';
import { readStatement } from '../../mysql/binlog/query-event';
import { streamTransactions, type TransactionVisitor } from '../../mysql/binlog/stream';
import { connect } from '../../mysql/session/session';
import { withoutLiterals } from '../../mysql/statement';
import type { StatementSession } from '../../mysql/types';
import type { ReadJob } from './sessions';

/** So much of a statement is told. */
const shownLength = 80;

/**
 * Whether a statement of a log defines something otherwise than it was: made once more on a server that has it so already it fails, or does something
 * else. Tables that come or go are none: their names were read in the moment itself.
 */
export function redefines(text: string): boolean {
  const kind = statementKind(text);
  if (kind === 'beside') return true;
  const [first = ''] = /[a-z]+/i.exec(text.replace(/\/\*[\s\S]*?\*\//g, ' ')) ?? [];
  return kind !== 'frame' && kind !== 'dml' && /^(?:alter|rename|grant|revoke|set)$/i.test(first);
}

/**
 * The first statement since the moment of a snapshot that gave a definition another form, without its literals; null: none, so that what was read of
 * them is of that moment. Also where the login may not read the log: then nobody can tell.
 */
export async function redefinedSince({ source, step }: ReadJob, session: StatementSession, moment: string): Promise<string | null> {
  const [row] = await session.query<{ gtids: string }>('SELECT @@GLOBAL.gtid_executed AS gtids');
  const since = parseGtidSet(row?.gtids ?? '').subtract(parseGtidSet(moment));
  if (since.isEmpty()) return null;
  let found: string | null = null;
  const visitor: TransactionVisitor = {
    knows: () => true, learn: () => Promise.resolve(), begin: () => undefined, end: () => undefined,
    event: (event) => {
      const read = found === null ? readStatement(event, () => null) : null;
      if (read !== null && !read.isComment && redefines(read.text)) found = withoutLiterals(read.text).slice(0, shownLength);
    },
  };
  try {
    await streamTransactions(await connect(await source.target(), { signal: step.signal, label: source.name }), since, visitor, step.signal);
  } catch (thrown) {
    // 1227, 1142, 1045: not allowed to this login.
    if (!hasErrno(thrown, 1227, 1142, 1045)) throw thrown;
  }
  return found;
}
