import { actFor, type ProblemAct } from './act';
import { ancestorsOf, descendantsOf } from './descendants';
import { successorsOf, verdictOf, witnessesOf, type DownVerdict, type Successor, type Witnesses } from './outlook';
import type { StandingClock } from './standing';
import { problemKey, type Problem, type ProblemCode, type Severity } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/** A problem with the instance that has it. */
export interface InstanceProblem {
  readonly view: InstanceView;
  readonly problem: Problem;
}

/** What is known of a primary that does not answer. */
interface PrimaryDown {
  readonly verdict: DownVerdict;
  readonly witnesses: Witnesses;
  /** Who could take over, the most advanced first. */
  readonly successors: readonly Successor[];
  /** Standbys that are not watched: whether they can take over is not known. */
  readonly unwatched: readonly string[];
}

/** One cause with everything that follows from it. */
export interface Incident {
  /** Stays the same while the cause does. */
  readonly id: string;
  readonly kind: 'split-brain' | 'primary-down' | 'server-down' | 'problem';
  /** The worst of the cause and what follows from it. */
  readonly severity: Exclude<Severity, 'info'>;
  readonly cause: InstanceProblem;
  readonly symptoms: readonly InstanceProblem[];
  /** Since when, milliseconds since the epoch; null: not told. */
  readonly since: number | null;
  /** Of a primary that does not answer; null: it is something else. */
  readonly down: PrimaryDown | null;
  /** The one act that is recommended; null: nothing that this program can do. */
  readonly act: ProblemAct | null;
}

const kindRank: Record<Incident['kind'], number> = { 'split-brain': 0, 'primary-down': 1, 'server-down': 2, 'problem': 3 };

/**
 * The problems of a fleet by their causes, the worst first, of equals those that somebody knows of last. Every critical problem and every
 * warning is in exactly one incident, as its cause or as what follows from it; notes are in none.
 */
export function incidentsOf(instances: readonly InstanceView[], clock: StandingClock): readonly Incident[] {
  const pool = new Pool(instances);
  const incidents = [
    ...splitBrains(pool), ...serversDown(pool, clock), ...sharedIdentities(pool), ...brokenLinks(pool),
    ...pool.left().map((cause) => pool.incident('problem', cause, [])),
  ];
  return incidents.sort((a, b) => Number(a.severity !== 'critical') - Number(b.severity !== 'critical') || Number(isKnown(a)) - Number(isKnown(b))
    || kindRank[a.kind] - kindRank[b.kind]
    || a.cause.view.instance.name.localeCompare(b.cause.view.instance.name) || (a.id < b.id ? -1 : 1));
}

/** Nobody is called for any of it: somebody knows, or asked for silence. */
export function isKnown({ cause, symptoms }: Incident): boolean {
  return [cause, ...symptoms].every(({ problem }) => problem.quiet !== undefined);
}

type More = Partial<Pick<Incident, 'since' | 'down' | 'act'>>;

/** The problems that are in no incident yet. */
class Pool {
  readonly byId: ReadonlyMap<string, InstanceView>;
  readonly #free = new Map<Problem, InstanceView>();

  constructor(readonly instances: readonly InstanceView[]) {
    this.byId = new Map(instances.map((view) => [view.instance.id, view]));
    for (const view of instances) for (const problem of view.problems) if (problem.severity !== 'info') this.#free.set(problem, view);
  }

  left(): InstanceProblem[] {
    return [...this.#free].map(([problem, view]) => ({ view, problem }));
  }

  /** Free problems of an instance with one of these codes, in the order of the codes. */
  of(view: InstanceView, codes: readonly ProblemCode[]): InstanceProblem[] {
    return codes.flatMap((code) => view.problems.filter((problem) => problem.code === code && this.#free.has(problem)).map((problem) => ({ view, problem })));
  }

  incident(kind: Incident['kind'], cause: InstanceProblem, symptoms: readonly InstanceProblem[], more: More = {}): Incident {
    for (const { problem } of [cause, ...symptoms]) this.#free.delete(problem);
    const { view, problem } = cause;
    return {
      id: `${problemKey(problem)}/${view.instance.id}`, kind, cause, symptoms,
      severity: [cause, ...symptoms].some((one) => one.problem.severity === 'critical') ? 'critical' : 'warning',
      since: null, down: null, act: actFor(view, problem),
      ...more,
    };
  }
}

/** The same problem of several servers that name each other. */
function mutual(pool: Pool, code: ProblemCode): [InstanceProblem, ...InstanceProblem[]][] {
  const groups = new Map<string, [InstanceProblem, ...InstanceProblem[]]>();
  for (const one of pool.left().filter(({ problem }) => problem.code === code)) {
    const others = String(one.problem.params['others'] ?? '').split(', ');
    const key = [one.view.instance.name, ...others].sort().join('\0');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function splitBrains(pool: Pool): Incident[] {
  const returned = pool.left().filter(({ problem }) => problem.code === 'fenced-writable').map((cause) => pool.incident('split-brain', cause, []));
  return [...returned, ...mutual(pool, 'two-writable-members').map(([cause, ...rest]) => pool.incident('split-brain', cause, rest))];
}

function sharedIdentities(pool: Pool): Incident[] {
  return (['duplicate-server-id', 'duplicate-server-uuid', 'replication-cycle'] as const).flatMap((code) =>
    mutual(pool, code).map(([cause, ...rest]) => pool.incident('problem', cause, rest)));
}

/** What a replica says when what it follows is gone. */
const lostSource: readonly ProblemCode[] = ['receiver-connecting', 'receiver-stopped', 'lagging'];

function serversDown(pool: Pool, clock: StandingClock): Incident[] {
  const gone = pool.left().filter(({ problem }) => problem.code === 'unreachable' || problem.code === 'login-refused');
  return gone.map((cause) => {
    const { view, problem } = cause;
    const since = view.health.failingSince;
    const replicas = descendantsOf(view.instance.id, pool.instances);
    const symptoms = [
      ...pool.of(view, ['not-synchronised']),
      ...(problem.code === 'unreachable' ? replicas.flatMap((replica) => pool.of(replica, lostSource).filter((one) => !isOrdered(one.problem))) : []),
      ...unprotectedBy(pool, view),
    ];
    if (view.role !== 'primary' || problem.code !== 'unreachable') return pool.incident('server-down', cause, symptoms, { since });
    const direct = replicas.filter(({ sourceId }) => sourceId === view.instance.id);
    const witnesses = witnessesOf(direct, clock);
    const verdict = verdictOf(witnesses, problem);
    const standbys = standbysBehind(view.instance.id, replicas);
    const successors = successorsOf(view, standbys.length > 0 ? standbys : direct, verdict, clock);
    const unwatched = standbys.filter(({ paused }) => paused !== null).map(({ instance }) => instance.id);
    const down = { verdict, witnesses, successors, unwatched };
    return pool.incident('primary-down', cause, symptoms, { since, down, act: rescue(pool, verdict, successors) });
  });
}

/** The standbys of a server, and in the place of one that does not answer either those that follow it: they are all that is left of its data. */
function standbysBehind(id: string, replicas: readonly InstanceView[]): readonly InstanceView[] {
  return replicas.filter(({ role, sourceId }) => role === 'standby' && sourceId === id).flatMap((one) =>
    one.health.state === 'unreachable' && one.paused === null ? [one, ...standbysBehind(one.instance.id, replicas.filter((other) => other !== one))] : [one]);
}

/** Someone stopped it on purpose: that has a cause of its own. */
const isOrdered = ({ code, params }: Problem): boolean => code === 'receiver-stopped' && params['errno'] === 0;

/** The act that ends the outage; where it is blocked, what is in the way comes first. Not while somebody still hears the primary. */
function rescue(pool: Pool, verdict: DownVerdict, [best]: readonly Successor[]): ProblemAct | null {
  if (best === undefined || verdict === 'only-from-here') return null;
  const view = pool.byId.get(best.instanceId);
  if (best.blockedBy !== null && view !== undefined) return actFor(view, best.blockedBy) ?? { kind: 'open', instanceId: best.instanceId };
  return { kind: 'promote', instanceId: best.instanceId };
}

/** That a server above is not protected any more: it follows from the loss of the last standby of it. */
function unprotectedBy(pool: Pool, view: InstanceView): InstanceProblem[] {
  return ancestorsOf(view, pool.byId).flatMap((above) => [
    ...pool.of(above, ['unprotected']).filter(({ problem }) => Number(problem.params['standbys']) > 0),
    ...pool.of(above, ['retention-short']).filter(({ problem }) => problem.params['replicaId'] === view.instance.id),
  ]);
}

/** What can be wrong with a link, the most telling first; with each, what it brings along on the same server. */
const linkCauses: readonly (readonly [cause: ProblemCode, brings: readonly ProblemCode[]])[] = [
  ['purged-gap', ['receiver-stopped', 'receiver-connecting']],
  ['filter-drift', ['applier-stopped']],
  ['content-differs', ['needs-verification']],
  ['applier-stopped', []],
  ['follows-old-primary', ['receiver-stopped', 'receiver-connecting', 'not-synchronised', 'writable-standby']],
  ['receiver-stopped', []],
  ['receiver-connecting', []],
  ['not-synchronised', ['writable-standby']],
  ['lagging', []],
];
const followUps: readonly ProblemCode[] = ['lagging', 'relay-logs-growing'];

/** Filters that are gone stop the applier on purpose; one that stopped with an error has a cause of its own. */
const isErrorUnderDrift = (cause: ProblemCode, { code, params }: Problem): boolean =>
  cause === 'filter-drift' && code === 'applier-stopped' && params['errno'] !== 0;

function brokenLinks(pool: Pool): Incident[] {
  const troubled = pool.instances.filter(({ problems }) => problems.length > 0);
  return linkCauses.flatMap(([code, brings]) => troubled.flatMap((view) => {
    const [cause] = pool.of(view, [code]);
    if (cause === undefined) return [];
    const brought = pool.of(view, [...brings, ...followUps]).filter(({ problem }) => problem !== cause.problem && !isErrorUnderDrift(code, problem));
    return [pool.incident('problem', cause, [...brought, ...unprotectedBy(pool, view)])];
  }));
}

/** The incidents that an instance is part of: it causes one, suffers from it, or is one of those that could take over. */
export function incidentsAt(incidents: readonly Incident[], instanceId: string): readonly Incident[] {
  return incidents.filter(({ cause, symptoms, down }) => [cause, ...symptoms].some(({ view }) => view.instance.id === instanceId)
    || down?.successors.some((successor) => successor.instanceId === instanceId) === true || down?.unwatched.includes(instanceId) === true);
}
