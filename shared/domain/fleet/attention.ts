import type { Acknowledged, Attention, Instance, SeenProblem } from './instance';
import { problemKey, type Problem, type ProblemCode, type Quiet, type Severity, type Word } from './problem';

/** What is said about watching an instance. */
export const attentionActs = ['acknowledge', 'silence', 'pause'] as const;
export type AttentionAct = (typeof attentionActs)[number];

/** The longest a silence lasts: one that is forgotten ends by itself. */
export const longestSilenceMs = 30 * 86_400_000;
/** The longest remark with a word. */
export const longestWordNote = 500;

/** What a problem is about may name many servers; so much tells two of them apart. */
export const longestSubject = 2_000;

/** Told through every silence: two servers that take writes do not wait for the end of a maintenance. Who has seen it may acknowledge it. */
const neverSilent: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['two-writable-members', 'fenced-writable']);

/** Whether a word is in force. */
export function isInForce(word: Word | undefined, now: number): word is Word {
  return word !== undefined && (word.until === null || now < word.until);
}

/** Why an instance must go on being read; null: it need not. */
export type WatchDuty = 'fenced' | 'filters';

/**
 * The pause of an instance that is in force; null: it is watched. An old primary that was cut off is watched for its return, and a link that
 * carries a part is guarded by every reading: a pause never takes that away, whenever it was said.
 */
export function pauseOf({ attention, intent }: Pick<Instance, 'attention' | 'intent'>, guardsFilters: boolean, now: number): Word | null {
  return isInForce(attention?.paused, now) && watchDutyOf({ intent }, guardsFilters) === null ? attention?.paused ?? null : null;
}

/** See `pauseOf`. */
export function watchDutyOf({ intent }: Pick<Instance, 'intent'>, guardsFilters: boolean): WatchDuty | null {
  return intent.kind === 'fenced' ? 'fenced' : guardsFilters ? 'filters' : null;
}

/** Why nobody is called for a problem of an instance; null: somebody is. What somebody knows of says more than that it is silent. */
export function quietOf(problem: Problem, { attention }: Pick<Instance, 'attention'>, now: number): Quiet | null {
  const known = attention?.acknowledged?.find((one) => one.key === problemKey(problem));
  if (isInForce(known, now) && !isWorse(problem, known)) return { kind: 'acknowledged', ...wordOf(known) };
  if (!isInForce(attention?.silenced, now) || neverSilent.has(problem.code)) return null;
  return { kind: 'silenced', ...wordOf(attention.silenced) };
}

/** A problem as somebody sees it: which one, how bad, about what, and how much of it. */
export function seenOf(problem: Problem): SeenProblem {
  return {
    key: problemKey(problem), severity: problem.severity, subject: subjectOf(problem), amount: amountOf(problem),
    ...(problem.code === 'lagging' ? { transactions: transactionsOf(problem) } : {}),
  };
}

/** What is noted of a problem that somebody knows of. */
export function acknowledgedAs(seen: SeenProblem, word: Word): Acknowledged {
  return { ...word, ...seen };
}

/** Problems of an instance that nobody has acknowledged, notes aside; `only`: the one with this key. */
export function openProblems({ problems }: { readonly problems: readonly Problem[] }, only?: string): readonly Problem[] {
  return problems.filter((one) => one.severity !== 'info' && one.quiet?.kind !== 'acknowledged' && (only === undefined || problemKey(one) === only));
}

/** What was seen of an instance, against its problems now. What is gone is in neither list. */
export function compareSeen(seen: readonly SeenProblem[], problems: readonly Problem[]): {
  /** It stands as it was seen, or less of it. */
  readonly still: readonly SeenProblem[];
  /** It is another or a worse one by now: nobody has seen that. */
  readonly changed: readonly SeenProblem[];
} {
  const now = new Map(problems.flatMap((one) => (one.severity === 'info' ? [] : [[problemKey(one), one] as const])));
  const there = seen.flatMap((one) => {
    const problem = now.get(one.key);
    return problem === undefined ? [] : [{ one, isChanged: isWorse(problem, one) }];
  });
  return { still: there.flatMap(({ one, isChanged }) => (isChanged ? [] : [one])), changed: there.flatMap(({ one, isChanged }) => (isChanged ? [one] : [])) };
}

/** The problems of an instance by a reading of its server, and when that was. */
interface ReadProblems {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly problems: readonly Problem[];
}

/**
 * The words of an instance without those that are over: by their time, because a problem is gone, or because it is another or a worse one by
 * now (it stays told then, also where it becomes as it was). `read`: as read just now; null: it was not read, and what is gone is not known.
 * Nor is it by a reading of before a word, which may rest on a newer one, of another process.
 */
export function stillSaid(attention: Attention, read: ReadProblems | null, now: number): Attention {
  const byKey = new Map(read?.problems.map((problem) => [problemKey(problem), problem]));
  const acknowledged = (attention.acknowledged ?? []).filter((one) => {
    if (!isInForce(one, now)) return false;
    if (read === null || read.at <= one.since) return true;
    const problem = byKey.get(one.key);
    return problem !== undefined && !isWorse(problem, one);
  });
  return {
    ...(isInForce(attention.paused, now) ? { paused: attention.paused } : {}),
    ...(isInForce(attention.silenced, now) ? { silenced: attention.silenced } : {}),
    ...(acknowledged.length === 0 ? {} : { acknowledged }),
  };
}

/** True for two that say the same. */
export function isSameAttention(one: Attention | undefined, other: Attention | undefined): boolean {
  const counted = ({ paused, silenced, acknowledged = [] }: Attention): unknown => [paused ?? null, silenced ?? null, acknowledged];
  return JSON.stringify(counted(one ?? {})) === JSON.stringify(counted(other ?? {}));
}

/** The next moment at which a word ends by its time; null: none does. */
export function nextEnd({ paused, silenced, acknowledged = [] }: Attention): number | null {
  const ends = [paused, silenced, ...acknowledged].flatMap((word) => (word?.until == null ? [] : [word.until]));
  return ends.length === 0 ? null : Math.min(...ends);
}

const severityRank: Record<Severity, number> = { info: 0, warning: 1, critical: 2 };
/** What grows by itself is worse once there is twice as much of it. */
const gauges: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'lagging', 'relay-logs-growing', 'threshold-crossed', 'clock-skew', 'purged-gap', 'privileged-sessions', 'needs-verification', 'retention-short',
]);

function isWorse(problem: Problem, known: SeenProblem): boolean {
  if (severityRank[problem.severity] > severityRank[known.severity] || subjectOf(problem) !== known.subject) return true;
  const [amount, before] = comparable(problem, known);
  if (amount === null || before === null) return false;
  // Of what is to be much, little is bad.
  if (problem.code === 'threshold-crossed' && problem.params['when'] === 'below') {
    return amount < before && amount <= (before > 0 ? before / 2 : before * 2);
  }
  return gauges.has(problem.code) ? Math.abs(amount) >= Math.abs(before) * 2 && amount !== before : amount > before;
}

/** How much there is of a problem, and how much there was of it, in the unit that it is told by now: seconds and transactions say nothing of each other. */
function comparable(problem: Problem, known: SeenProblem): readonly [now: number | null, before: number | null] {
  if (problem.code !== 'lagging') return [amountOf(problem), known.amount];
  const byTime = problem.params['by'] === 'time';
  // Which unit was noted is not known where both were not: whatever there is now is more.
  const before = known.transactions === undefined ? 0 : byTime ? known.amount : known.transactions;
  return [byTime ? amountOf(problem) : transactionsOf(problem), before];
}

/** Names of what a problem is about, one or several by commas; where it is a number it says how much of it there is. */
const named = ['tables', 'cause', 'accounts', 'facts'] as const;

/** What makes a problem of one code another one: an error's number, who else has it, which source, which tables. Texts of servers decide nothing. */
function subjectOf({ params }: Problem): string {
  const parts = ['source', 'errno', 'others', 'successor', 'live', 'settings', 'is', 'when'].map((name) => String(params[name] ?? ''));
  const names = named.map((name) => setOf(params[name]));
  return [...parts, ...names].join('\u0001').slice(0, longestSubject);
}

/** Names whatever their order and however often one stands there: an account has now one session, now two. */
function setOf(names: string | number | undefined): string {
  return typeof names === 'string' ? [...new Set(names.split(', '))].sort().join(', ') : '';
}

/** How much of a problem there is; of a lag its seconds, 0 while none are known. */
function amountOf({ code, params }: Problem): number | null {
  const inSeconds = code === 'lagging' || code === 'clock-skew';
  const counted = params['count'] ?? params['tables'] ?? params['bytes'] ?? params['value'];
  const found = inSeconds ? params['seconds'] : code === 'retention-short' ? params['backlogHours'] : counted;
  return typeof found === 'number' ? found : null;
}

const transactionsOf = ({ params }: Problem): number => Number(params['transactions'] ?? 0);

const wordOf = ({ by, since, until, note }: Word): Word => ({ by, since, until, note });
