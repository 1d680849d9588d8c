import { committingStates } from '../../../shared/domain/fleet/commit-state';
import { sleep } from '../time';

/** A session that stands in its commit. Texts are the server's: untrusted. */
interface StandingCommit {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  /** Of its statement, which may have run before it came to its commit. */
  readonly seconds: number;
  readonly statement: string;
}

interface Row {
  readonly id: number | string;
  readonly user: string;
  readonly host: string | null;
  readonly seconds: number | string | null;
  readonly statement: string | null;
}

const COMMITTING =
  'SELECT ID AS id, USER AS user, HOST AS host, TIME AS seconds, LEFT(INFO, 200) AS statement FROM information_schema.PROCESSLIST ' +
  `WHERE STATE IN (${committingStates.map((state) => `'${state}'`).join(', ')}) AND TIME >= 1 AND ID <> CONNECTION_ID()`;
const EXECUTED = 'SELECT @@GLOBAL.gtid_executed AS executed';
/** A commit that a disk takes is over by then. */
const TWO_LOOKS_MS = 500;

/**
 * Sessions whose commits stand still: seen in it at two looks, with nothing committed by anybody between them. The disk of the binary log
 * is full then, or does not answer. A server on which nothing stands in a commit is asked once.
 */
export async function standingCommits(query: <Result>(sql: string) => Promise<readonly Result[]>): Promise<readonly StandingCommit[]> {
  const first = await query<Row>(COMMITTING);
  if (first.length === 0) return [];
  const before = await query<{ executed: string }>(EXECUTED);
  await sleep(TWO_LOOKS_MS);
  const second = await query<Row>(COMMITTING);
  const after = await query<{ executed: string }>(EXECUTED);
  if (before[0]?.executed !== after[0]?.executed) return [];
  const seen = new Set(first.map(({ id }) => Number(id)));
  return second.filter(({ id }) => seen.has(Number(id))).map(({ id, user, host, seconds, statement }) =>
    ({ id: Number(id), user, host: host ?? '', seconds: Number(seconds ?? 0), statement: statement ?? '' }));
}
