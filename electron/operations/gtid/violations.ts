import * as v from 'valibot';
import type { GtidMember } from '../../../shared/domain/operations/gtid-change';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { numberOf, textOf } from '../../mysql/reading';
import { sleep } from '../../mysql/time';
import type { Session } from '../../mysql/types';
import { memoryKey, type MemoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import type { GtidWork } from './work';

const lookMs = 1000;

/** How often each account raised a violation, by `account: what`; null: this server does not count them. */
type Counts = Readonly<Record<string, number>>;
const counts: v.GenericSchema<unknown, Counts | null> = v.nullable(v.record(v.string(), v.number()));
export const countsOf = (id: string): MemoryKey<Counts | null> => memoryKey(`violations/${id}`, counts);

/** The server counts every warning it gives by account and kind, whether or not anybody reads its error log (8.0+). */
async function readCounts(session: Session): Promise<Counts | null> {
  if (!session.dialect.features.hasErrorSummaries) return null;
  const [on] = await session.query('SELECT COUNT(*) AS n FROM performance_schema.events_errors_summary_global_by_error');
  if ((numberOf(on?.['n']) ?? 0) === 0) return null;
  const rows = await session.query(
    "SELECT USER AS user, HOST AS host, ERROR_NAME AS name, SUM_ERROR_RAISED AS n FROM performance_schema.events_errors_summary_by_account_by_error " +
      "WHERE ERROR_NAME LIKE '%GTID\\_UNSAFE%' AND SUM_ERROR_RAISED > 0",
  );
  return Object.fromEntries(rows.map((row) => [
    `${textOf(row['user']) ?? 'replication'}@${textOf(row['host']) ?? '—'}: ${textOf(row['name']) ?? '?'}`, numberOf(row['n']) ?? 0,
  ]));
}

/** Notes how many violations each server has counted so far, before it begins to warn. */
export async function noteViolations(work: GtidWork, step: StepContext, member: GtidMember): Promise<void> {
  if (step.recall(countsOf(member.id)) !== undefined) return;
  await step.remember(countsOf(member.id), await work.on(member.id, readCounts));
}

/** What came since it was noted. Counts that fell were reset by a restart: all of them are new. */
function since(before: Counts, now: Counts): Counts {
  return Object.fromEntries(
    Object.entries(now)
      .map(([key, count]) => [key, count < (before[key] ?? 0) ? count : count - (before[key] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

/**
 * Looks out, for `seconds`, for statements that GTID consistency would refuse, on every server while clients work as ever.
 *
 * @throws Failure `gtid-violations` with who ran them, as soon as there is one: nothing is refused to anybody yet
 */
export async function watchViolations(work: GtidWork, step: StepContext, seconds: number): Promise<void> {
  const { members } = work.input;
  for (const member of members) {
    // Where nothing was noted the server warned before the task began: what counts is what comes from now on.
    await noteViolations(work, step, member);
    if (step.recall(countsOf(member.id)) !== null) continue;
    const [row] = await work.on(member.id, (session) => session.query<{ file: string }>('SELECT @@GLOBAL.log_error AS file'));
    step.log('warning', 'gtid.log.errorLog', { server: member.name, file: row?.file ?? '' });
  }
  const began = performance.now();
  for (;;) {
    const passed = (performance.now() - began) / 1000;
    const found = (await Promise.all(members.map((member) => newOnes(work, step, member)))).flat();
    if (found.length > 0) {
      const count = found.reduce((sum, one) => sum + one.count, 0);
      throw failure('gtid-violations', { count, accounts: found.map(({ server, what, count: times }) => `${server}: ${what} (${times})`).join('; ') });
    }
    step.progress({
      text: message('gtid.progress.watch'), done: Math.min(seconds, Math.round(passed)), total: seconds, unit: 'seconds', rate: null,
      etaSeconds: Math.max(0, seconds - passed),
    });
    if (passed >= seconds) return;
    await sleep(Math.min(lookMs, Math.max(1, (seconds - passed) * 1000)), step.signal);
  }
}

async function newOnes(work: GtidWork, step: StepContext, member: GtidMember): Promise<{ server: string; what: string; count: number }[]> {
  const before = step.recall(countsOf(member.id));
  const now = await work.on(member.id, readCounts);
  if (now === null || before === null || before === undefined) return [];
  return Object.entries(since(before, now)).map(([what, count]) => ({ server: member.name, what, count }));
}
