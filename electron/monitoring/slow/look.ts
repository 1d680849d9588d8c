import type { DigestSnapshot } from '../../../shared/domain/slow/snapshot';
import { unwatchedOf, type Unwatched, type UnwatchedCause, type WatchSwitches } from '../../../shared/domain/slow/switches';
import { hasErrno } from '../../mysql/errors';
import { missingGrant } from '../../mysql/accounts/missing-grant';
import { isRefusal } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { readLog, type LogLooked } from './log';
import { readDigests } from './read';

/** Rights are missing. */
const isDenied = (thrown: unknown): boolean => hasErrno(thrown, 1142, 1044, 1227);

const repair = 'REPAIR TABLE mysql.slow_log;';

const note = (cause: UnwatchedCause, cure = ''): Unwatched => ({ cause, severity: 'notes', cure });

/** What a server counts by digest, and what keeps it from telling. */
export async function lookAtDigests(session: Session, switches: WatchSwitches, before: DigestSnapshot | null): Promise<{
  readonly snapshot: DigestSnapshot | null; readonly unwatched: readonly Unwatched[];
}> {
  const unwatched = unwatchedOf(switches);
  if (unwatched.some(({ severity }) => severity === 'blocks')) return { snapshot: null, unwatched };
  try {
    return { snapshot: await readDigests(session, before), unwatched };
  } catch (thrown) {
    if (!isDenied(thrown)) throw thrown;
    const cure = `${await missingGrant(session, 'SELECT', 'performance_schema.*')};`;
    return { snapshot: null, unwatched: [{ cause: 'rights', severity: 'blocks', cure }] };
  }
}

/** What a server wrote into the table of its slow query log; `minutes`: see {@link readLog}. Never fails for what stands or lacks there. */
export async function lookAtLog(session: Session, before: DigestSnapshot | null, minutes: number | null): Promise<{
  readonly snapshot: DigestSnapshot | null; readonly base: DigestSnapshot | null; readonly unwatched: readonly Unwatched[];
}> {
  let looked: LogLooked;
  try {
    looked = await readLog(session, before, minutes);
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    const told = isDenied(thrown) ? note('log-rights', `${await missingGrant(session, 'SELECT', 'mysql.slow_log')};`) : note('log-broken', repair);
    return { snapshot: null, base: null, unwatched: [told] };
  }
  const unwatched = [...(looked.isBehind ? [note('log-behind')] : []), ...(looked.hasFractions ? [] : [note('log-seconds')])];
  return { snapshot: looked.snapshot, base: looked.base, unwatched };
}
