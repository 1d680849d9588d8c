import { message, type Message } from '../../i18n/message';
import type { ChannelFilters } from '../fleet/facts';
import type { Lag } from '../fleet/lag';
import type { Problem, ProblemCode } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/** Proven well · needs a look · at risk · not known or too old to say. */
export type StandingTone = 'good' | 'warn' | 'bad' | 'mute';

const rank: Record<StandingTone, number> = { bad: 3, warn: 2, mute: 1, good: 0 };

/** The worst of several; what is not known is worse than good and better than what is known to be wrong. */
export function worstTone(tones: readonly StandingTone[]): StandingTone {
  return tones.reduce<StandingTone>((worst, tone) => (rank[tone] > rank[worst] ? tone : worst), 'good');
}

/** Worse is higher. */
export const toneRank = (tone: StandingTone): number => rank[tone];

/** When it is looked at, milliseconds since the epoch, and from which age on a reading proves nothing any more. */
export interface StandingClock {
  readonly now: number;
  readonly staleAfterMs: number;
}

/** Polls that may be missed before what was read is old. */
const STALE_POLLS = 5;

/** From which age on readings are old, where servers are read every `pollSeconds`. */
export function staleAfterMs(pollSeconds: number): number {
  return STALE_POLLS * Math.max(pollSeconds, 1) * 1000;
}

/** True where what was read at `at` (null: never) says nothing of now. */
export function isOld(at: number | null, { now, staleAfterMs: limit }: StandingClock): boolean {
  return at === null || now - at > limit;
}

/** How the fence of an old primary is, as its server was last read. `ordinary`: accounts with SUPER (CONNECTION_ADMIN) still write. */
export type Fence = 'closed' | 'ordinary' | 'open' | 'unseen';

/**
 * The fence of an old primary, measured: what was ordered proves nothing. Null where no fence is meant. `closed` needs
 * super_read_only, read just now; before 5.7.8 there is none, and `ordinary` is the most that can be had.
 */
export function fenceOf(view: Pick<InstanceView, 'instance' | 'health' | 'facts'>, clock: StandingClock): Fence | null {
  if (view.instance.intent.kind !== 'fenced') return null;
  if (view.facts === null || view.health.state !== 'reachable' || isOld(view.facts.sampledAt, clock)) return 'unseen';
  const { readOnly, superReadOnly } = view.facts.server;
  if (superReadOnly === true) return 'closed';
  return readOnly ? 'ordinary' : 'open';
}

const fenceTones: Record<Fence, StandingTone> = { closed: 'good', ordinary: 'warn', open: 'bad', unseen: 'mute' };

/** What an instance is, in words: its role, and for an old primary how its fence was measured. */
export function roleMessage(view: Pick<InstanceView, 'role' | 'instance' | 'health' | 'facts'>, clock: StandingClock): Message {
  const fence = view.role === 'fenced' ? fenceOf(view, clock) : null;
  return fence === null ? message(`common.role.${view.role}`) : message(`standing.fence.${fence}`);
}

/** How an instance stands: the worst of what is known of it, in one word. */
export interface Standing {
  readonly tone: StandingTone;
  readonly text: Message;
  /** The problem that decides; null: it is none. */
  readonly problem: Problem | null;
  /** How many more problems there are, notes aside. */
  readonly more: number;
}

type StandingFacts = Pick<InstanceView, 'instance' | 'role' | 'health' | 'facts' | 'problems' | 'paused'>;

/** The worst of health, age of the reading, fence and problems. Good is what was read just now and has nothing against it. */
export function standingOf(view: StandingFacts, clock: StandingClock): Standing {
  const told = view.problems.filter(({ severity }) => severity !== 'info');
  // What nobody knows of yet comes before what somebody does.
  const problems = [...told.filter(({ quiet }) => quiet === undefined), ...told.filter(({ quiet }) => quiet !== undefined)];
  const signs: Omit<Standing, 'more'>[] = [
    ...problems.map((problem) => ({ tone: problemTone(problem), text: message(`problems.${problem.code}.title`, problem.params), problem })),
    ...ownSigns(view, clock),
  ];
  // Of equals the first: a problem says more than a state.
  const worst = signs.reduce<Omit<Standing, 'more'>>((one, other) => (rank[other.tone] > rank[one.tone] ? other : one), {
    tone: 'good', text: message('common.state.good'), problem: null,
  });
  return { ...worst, more: problems.length - (worst.problem === null ? 0 : 1) };
}

function ownSigns(view: StandingFacts, clock: StandingClock): Omit<Standing, 'more'>[] {
  const { health, facts } = view;
  const fence = fenceOf(view, clock);
  const signs: Omit<Standing, 'more'>[] = [];
  if (fence !== null) signs.push({ tone: fenceTones[fence], text: message(`standing.fence.${fence}`), problem: null });
  if (view.paused !== null) signs.push({ tone: 'mute', text: message('attention.state.paused'), problem: null });
  else if (health.state === 'unreachable') signs.push({ tone: 'bad', text: message('common.state.unreachable'), problem: null });
  else if (health.state === 'unknown' || facts === null) signs.push({ tone: 'mute', text: message('common.state.not-read'), problem: null });
  else if (isOld(facts.sampledAt, clock)) {
    signs.push({ tone: 'mute', text: message('standing.silent'), problem: null });
  }
  return signs;
}

const problemTone = ({ severity }: Problem): StandingTone => (severity === 'critical' ? 'bad' : severity === 'warning' ? 'warn' : 'good');

/** Warnings that are about what arrives on a replica; a certificate that ends soon says nothing of its data. */
const aboutTheLink: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'receiver-stopped', 'receiver-connecting', 'applier-stopped', 'needs-verification', 'writable-standby', 'unknown-source', 'follows-old-primary',
  'replication-cycle', 'relay-logs-growing', 'events-enabled-on-standby', 'privileged-sessions', 'lagging', 'not-synchronised',
]);

/** How a link stands: by its lag, never better than what else is wrong with what it carries. */
export interface LinkStanding {
  readonly tone: StandingTone;
  readonly lag: Lag;
  /** The problem because of which the lag alone would say too little; null: it says all. */
  readonly problem: Problem | null;
}

/** How one link of a replica stands, with its lag as last read. */
export function linkStandingOf(view: StandingFacts, lag: Lag, clock: StandingClock): LinkStanding {
  const own = ownLagTone(lag, view, clock);
  const problem = view.problems.find(({ severity, code }) => severity === 'critical' || (severity === 'warning' && aboutTheLink.has(code))) ?? null;
  const tone = worstTone([own, problem === null ? 'good' : problemTone(problem)]);
  return { tone, lag, problem: problem !== null && toneRank(tone) > toneRank(own) ? problem : null };
}

function ownLagTone(lag: Lag, view: Pick<InstanceView, 'health' | 'role' | 'facts' | 'problems'>, clock: StandingClock): StandingTone {
  const { health } = view;
  if (health.state !== 'reachable' || isOld(lag.standbyAt, clock)) return 'mute';
  switch (lag.state) {
    case 'caught-up':
    case 'behind':
      return 'good';
    case 'not-replicating':
      return isHalted(view) || isUnlinked(view) ? 'warn' : 'bad';
    case 'unknown':
      return 'mute';
    default:
      return lag.state satisfies never;
  }
}

/** A read-only instance that stands on somebody's order: it receives, and its applier stopped without an error. Nothing protects less for it. */
function isHalted({ role, facts }: Pick<InstanceView, 'role' | 'facts'>): boolean {
  const halted = facts?.channels.every(({ receiver, receiverError, applier, applierError }) =>
    receiver === 'running' && receiverError === null && applierError === null && applier === 'stopped');
  return role === 'read-only' && halted === true && facts !== null && facts.channels.length > 0;
}

/** A replica that is meant to follow and has no link yet: nothing broke, a sync task is to be created. A warning, as its problem is. */
function isUnlinked({ problems }: Pick<InstanceView, 'problems'>): boolean {
  return problems.some(({ code }) => code === 'not-synchronised');
}

/** True where only a part of what its source writes arrives: filters are in force on a channel, whoever set them. */
export function isPartial({ facts }: Pick<InstanceView, 'facts'>): boolean {
  return facts?.channels.some(({ filters }) => filterLists.some((name) => filters[name].length > 0)) === true;
}

const filterLists = [
  'doDb', 'ignoreDb', 'doTable', 'ignoreTable', 'wildDoTable', 'wildIgnoreTable', 'rewriteDb',
] as const satisfies readonly (keyof ChannelFilters)[];

/** Whether a replica really follows now: read just now, and its link carries data. */
export function followsNow(view: Pick<InstanceView, 'health' | 'lag'>, clock: StandingClock): boolean {
  return view.health.state === 'reachable' && view.lag !== null && !isOld(view.lag.standbyAt, clock)
    && (view.lag.state === 'caught-up' || view.lag.state === 'behind');
}
