import { noLoss, forecastOutage } from '../../../shared/domain/promotion/loss';
import { GtidSet, parseGtidSet } from '../../../shared/domain/gtid/set';
import { carriedEvents } from '../../../shared/domain/promotion/events';
import { conflictingHolder } from '../../../shared/domain/tasks/lock-holder';
import { evidenceOf, verdictOf, type EvidenceReading } from '../../../shared/domain/promotion/evidence';
import { squattersOf } from '../../../shared/domain/promotion/lock-precondition';
import { knownDifference } from '../../../shared/domain/promotion/compared';
import { plannedPreconditions, type PlannedReading, type PlannedWords, type ReverseLogin } from '../../../shared/domain/promotion/preconditions';
import type { ChannelFilters, InstanceFacts } from '../../../shared/domain/fleet/facts';
import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import type { PlanBasis } from '../../../shared/domain/promotion/basis';
import type { PromotionPlan, PromotionRequest } from '../../../shared/domain/promotion/promotion';
import { parseServerVersion, type ServerVersion } from '../../../shared/domain/fleet/version';
import { trialName } from '../../../shared/domain/checks/trial';
import { standingCommitsOf } from '../../../shared/domain/fleet/commit-state';
import { errorOf } from '../../../shared/errors/codes';
import type { Message } from '../../../shared/i18n/message';
import { dialectFor, type Dialect } from '../../mysql/dialect/dialect';
import {
  hasAccountFor, hostsForLink, hostsToMake, knownLogin, lastingPassword, loginAccounts, loginOfLink, retires, type ReplicationLogin,
} from '../../replication/login';
import { ServerSessions, serverOf, reading } from '../../replication/servers';
import { readLinkShape } from '../../replication/link-settings';
import { configuredFilters, loginProof, trialServer, trialChannel } from '../../replication/trial-login';
import { tryWayBack } from '../../replication/way-back';
import { loginName } from '../steps/account';
import { witnessOf } from './evidence';
import { lockHolders } from '../../tasks/server-lock';
import { bystandersOf, fatesOf } from './other-replicas';
import { readEvents } from '../../replication/events';
import { missingOwnSchema } from '../steps/promotion-journal';
import type { Particulars } from './particulars';
import { readApplierWaits } from './applier-waits';
import { lackingRights, readBlockers, readDrift } from './blockers';
import { readOpening } from '../steps/opening-trial';
import type { Pair, PromotionDeps } from '../types';
import { showFilters } from '../../replication/filters';
import { executedOn } from '../../replication/gtid';
import { nothingAround, preconditionsAround, replicaSurroundings, serverSurroundings, type Around } from './surroundings';

const TRIAL_LIMIT_MS = 8000;

/** What a plan is made of, before its steps. */
export interface PlanParts {
  readonly basis: PlanBasis;
  readonly parts: Pick<
    PromotionPlan,
    'preconditions' | 'evidence' | 'verdict' | 'blockers' | 'candidates' | 'loss' | 'forecastOutageMs' | 'drift' | 'bystanders' | 'events'
  >;
  /** What the versions of the servers rule out afterwards. */
  readonly versionWarnings: readonly Message[];
  /** What decides which statements the steps will run. */
  readonly particulars: Particulars;
}

/** What the way back needs, as the link of the standby has it now. */
type WayBack = Pick<Particulars, 'shape' | 'trialChannel' | 'ownSchema' | 'events' | 'lastingLogin' | 'loginHosts' | 'retiring'> & {
  readonly login: ReplicationLogin | null;
};

const noWayBack: WayBack = { shape: null, trialChannel: trialName, login: null, ownSchema: [], events: [], lastingLogin: [], loginHosts: [], retiring: [] };

export function versionOf(facts: InstanceFacts): ServerVersion {
  return parseServerVersion(facts.server.version, facts.server.versionComment);
}

/** Reads both servers for a planned switchover and decides over what it found. Nothing comes from the registry's poll. */
export async function readPlanned(deps: PromotionDeps, pair: Pair, request: PromotionRequest, standby: InstanceFacts): Promise<PlanParts> {
  const { fleet } = deps;
  // The standby was read first, the source second: what came between the two is backlog, never an errant transaction.
  const source = await fleet.readFacts(pair.sourceId).catch((thrown: unknown) => errorOf(thrown));
  const standing = 'code' in source ? null : standingCommitsOf(source.writeStalls);
  const here = 'code' in source || standing !== null ? null : source;
  const bystanders = bystandersOf(
    fleet,
    {
      kind: 'planned', standbyId: pair.standbyId, sourceId: pair.sourceId, headId: null, source: here, standbyVersion: versionOf(standby),
      partial: deps.scopeOf(pair.standbyId).kind === 'partial',
    },
  );
  const common = {
    standbyName: pair.standbyName,
    sourceName: pair.sourceName,
    difference: knownDifference(fleet.view(pair.standbyId).problems),
    standby,
    budgetSeconds: request.timeoutSeconds,
    scope: deps.scopeOf(pair.standbyId),
    acceptPartial: request.acceptPartial,
    bystanders,
  };
  const sessions = new ServerSessions(fleet);
  try {
    if (here === null) return partsOf(
      deps,
      pair,
      request,
      { ...common, source: null, ...nothingMeasured('code' in source ? (source.detail ?? source.code) : ''), standing },
      noWayBack,
      nothingAround,
    );
    const way = await readWayBack(deps, sessions, pair);
    const around = await readAround(deps, sessions, pair, bystanders);
    return partsOf(deps, pair, request, { ...common, source: here, ...(await measure(deps, sessions, pair, standby, here, way)) }, way, around);
  } finally {
    await sessions.close();
  }
}

async function readAround({ fleet }: PromotionDeps, sessions: ServerSessions, pair: Pair, bystanders: PlannedReading['bystanders']): Promise<Around> {
  const [source, standby] = await Promise.all([sessions.get(pair.sourceId, 'control'), sessions.get(pair.standbyId, 'control')]);
  return {
    source: await serverSurroundings(source, pair.sourceName),
    standby: await serverSurroundings(standby, pair.standbyName),
    ...await replicaSurroundings(fleet, fatesOf(fleet, pair.standbyId, bystanders)),
  };
}

/** The shape of the link and who logs in, and what of ours is on the old primary already. */
async function readWayBack(deps: PromotionDeps, sessions: ServerSessions, pair: Pair): Promise<WayBack> {
  const [source, standby] = [serverOf(sessions, reading, pair.sourceId, pair.sourceName), serverOf(sessions, reading, pair.standbyId, pair.standbyName)];
  // A standby that follows nobody has no shape to copy; what is wrong with it is said by the preconditions.
  const shape = await readLinkShape(standby).catch(() => null);
  const kept = async (): Promise<ReplicationLogin | null> => (shape === null ? null : loginOfLink(standby, shape.channel));
  const [login, channel, ownSchema, here, there] = await Promise.all([
    knownLogin(deps.fleet, pair.sourceId).then(async (known) => known ?? (await knownLogin(deps.fleet, pair.standbyId)) ?? (await kept())),
    source.reader().then(trialChannel),
    missingOwnSchema(source),
    readEvents(source),
    readEvents(standby),
  ]);
  const lastingLogin = login === null ? [] : await lastingPassword(await source.reader(), login.user);
  const old = shape?.user ?? '';
  const hosts = hostsForLink(deps.fleet, [pair.sourceId, pair.standbyId]);
  return {
    login, shape, trialChannel: channel, ownSchema, events: carriedEvents(here, there).changes, lastingLogin,
    loginHosts: login === null ? hosts : await hostsToMake(await standby.reader(), login.user, hosts),
    retiring: retires(old, loginName({ login: login?.user ?? null })) ? await loginAccounts(await standby.reader(), old) : [],
  };
}

type Measured = Pick<
  PlannedReading,
  'sourceError' | 'standing' | 'errant' | 'backlog' | 'catchUpMs' | 'reverse' | 'blockers' | 'opening' | 'standbyLocks' | 'waits' | 'drift' | 'missingRights'
  | 'sourceFilters' | 'lockHolder' | 'squatters' | 'words'
>;

function nothingMeasured(sourceError: string): Measured {
  const nothing = parseGtidSet('');
  return {
    sourceError, standing: null, errant: nothing, backlog: nothing, catchUpMs: null, reverse: { outcome: 'not-testable' }, blockers: [], opening: null,
    standbyLocks: [], waits: [], drift: [], missingRights: [], sourceFilters: null, lockHolder: null, squatters: [], words: wordsFor(newest, newest, trialName),
  };
}

async function measure(
  deps: PromotionDeps, sessions: ServerSessions, pair: Pair, standby: InstanceFacts, source: InstanceFacts, way: WayBack,
): Promise<Measured> {
  const [sourceSession, standbySession] = await Promise.all([sessions.get(pair.sourceId, 'control'), sessions.get(pair.standbyId, 'control')]);
  const now = deps.clock();
  const errant = await errantOn(sessions, pair, standby, source);
  const backlog = parseGtidSet(source.gtid.executed).subtract(parseGtidSet(standby.gtid.executed));
  const seconds = standby.channels[0]?.secondsBehind ?? null;
  const [blockers, waits, drift, rightsThere, rightsHere, holders] = await Promise.all([
    readBlockers(sourceSession),
    readApplierWaits(standbySession),
    readDrift(sourceSession, standbySession),
    lackingRights(
      sourceSession,
      pair.sourceName,
      ['set-variables', 'kill-sessions', 'control-replication', 'flush-and-reset', 'watch-sessions', 'watch-replication'],
    ),
    lackingRights(standbySession, pair.standbyName, ['set-variables', 'control-replication', 'flush-and-reset', 'watch-replication']),
    Promise.all([lockHolders(sourceSession, now), lockHolders(standbySession, now)]),
  ]);
  const lockHolder = conflictingHolder(holders.flat(), false);
  const clients = blockers.filter(({ connectionId }) => connectionId !== 0).length;
  const opening = await readOpening(sessions, serverOf(sessions, reading, pair.standbyId, pair.standbyName), clients);
  return {
    sourceError: '',
    standing: null,
    errant,
    backlog,
    catchUpMs: backlog.isEmpty() ? 0 : seconds === null ? null : Math.max(seconds * 1000, Number(backlog.count())),
    // A trial changes the receiver's settings for a moment: not while somebody else works on the server.
    // Both borrow the source's only channel where it has but one: one after the other.
    sourceFilters: lockHolder === null ? await readFilters(deps, sessions, pair) : null,
    reverse: lockHolder === null ? await tryReverse(deps, sessions, pair, source, way) : { outcome: 'not-tried' },
    blockers,
    opening,
    standbyLocks: opening.locks,
    waits,
    drift,
    missingRights: [...rightsThere, ...rightsHere],
    lockHolder,
    squatters: [...squattersOf(pair.sourceId, holders[0]), ...squattersOf(pair.standbyId, holders[1])],
    words: wordsFor(sourceSession.dialect, standbySession.dialect, way.trialChannel),
  };
}

/** A source that was not read is spoken of in today's words. */
const newest = dialectFor(parseServerVersion('9.7.0'));

/** What the preconditions show, in the words of the server that is asked. */
function wordsFor(source: Dialect, standby: Dialect, channel: string): PlannedWords {
  const trial = [
    source.changeReplicationSource({ host: '…' }, channel).redacted.replace("'…'", '…'),
    ...[
      source.startReplica({ threads: 'receiver', channel }), source.showReplicaStatus(), source.resetReplica({ all: true, channel }),
    ].map(({ redacted }) => redacted),
  ];
  return {
    replicaStatus: standby.showReplicaStatus().redacted,
    replicas: source.showReplicas().redacted,
    replicaUpdates: standby.variableName('log_replica_updates'),
    filters: showFilters(standby),
    reverseLogin: trial.join('; '),
  };
}

/** In two samples, the standby read first each time: what is still missing on the source then is errant. */
async function errantOn(sessions: ServerSessions, pair: Pair, standby: InstanceFacts, source: InstanceFacts): Promise<GtidSet> {
  const first = parseGtidSet(standby.gtid.executed).subtract(parseGtidSet(source.gtid.executed));
  if (first.isEmpty()) return first;
  const again = await executedOn(serverOf(sessions, reading, pair.standbyId, pair.standbyName));
  return first.intersect(again.subtract(await executedOn(serverOf(sessions, reading, pair.sourceId, pair.sourceName))));
}

/** The filters of the way back, where the source takes them from its option file; null: they are set when it follows. */
async function readFilters(deps: PromotionDeps, sessions: ServerSessions, pair: Pair): Promise<ChannelFilters | null> {
  const server = serverOf(sessions, reading, pair.sourceId, pair.sourceName);
  if (deps.scopeOf(pair.standbyId).kind === 'instance' || (await server.dialect()).features.hasFilterStatement) return null;
  return configuredFilters(await trialServer(server), replicationEndpoint(deps.fleet.instance(pair.standbyId)));
}

async function tryReverse(
  deps: PromotionDeps, sessions: ServerSessions, pair: Pair, source: InstanceFacts, { login, shape, trialChannel: channel }: WayBack,
): Promise<ReverseLogin> {
  const { fleet } = deps;
  const server = serverOf(sessions, reading, pair.sourceId, pair.sourceName);
  if (source.channels.length > 0 && channel === '') return { outcome: 'not-testable' };
  if (login === null) return { outcome: 'account-to-be-made' };
  const standby = serverOf(sessions, reading, pair.standbyId, pair.standbyName);
  if (!(await hasAccountFor(await standby.reader(), login.user, fleet.instance(pair.sourceId)))) return { outcome: 'account-missing', user: login.user };
  if (shape === null) return { outcome: 'not-testable' };
  const options = { limitMs: TRIAL_LIMIT_MS, besideLinks: true };
  const { reading: tried, protection, givenUp } = await tryWayBack(await trialServer(server), fleet.instance(pair.standbyId), shape, login, options);
  const trial = loginProof(tried, pair.sourceName);
  return trial.ok ? { outcome: 'connected', protection, givenUp, filters: trial.filters } : { outcome: 'failed', detail: trial.detail };
}

function partsOf(deps: PromotionDeps, pair: Pair, request: PromotionRequest, read: PlannedReading, way: WayBack, around: Around): PlanParts {
  const { standby, source } = read;
  // What the source made itself came from it: it may wait there for an acknowledgement.
  const unshown = source?.server.uuid == null ? GtidSet.empty : read.errant.onlyFrom(source.server.uuid);
  const all: PlannedReading = { ...read, errant: read.errant.subtract(unshown) };
  const evidence: EvidenceReading = {
    sourceName: pair.sourceName,
    probe: source === null && read.standing === null ? 'unreachable' : 'answers',
    standby: witnessOf(pair.standbyName, standby),
    others: [],
  };
  const verdict = verdictOf(evidence);
  const loss = noLoss(deps.clock());
  const channel = standby.channels[0];
  return {
    // A planned switchover whose way back is closed does not happen: the precondition says so.
    versionWarnings: [],
    particulars: {
      versions: new Map([[pair.standbyId, versionOf(standby)], ...(source === null ? [] : [[pair.sourceId, versionOf(source)] as const])]),
      fates: fatesOf(deps.fleet, pair.standbyId, all.bystanders),
      scope: all.scope,
      ...way,
      // What was tried is what will be set.
      shape: way.shape !== null && all.reverse.outcome === 'connected' ? { ...way.shape, ...all.reverse.protection } : way.shape,
      around,
      login: way.login?.user ?? null,
      // A part brings no accounts along.
      plantsLogin: all.reverse.outcome === 'account-missing' || (way.login === null && all.scope.kind === 'partial'),
      scheduler: { source: source?.server.eventScheduler ?? null, standby: standby.server.eventScheduler },
    },
    basis: {
      kind: 'planned',
      standbyUuid: standby.server.uuid,
      sourceUuid: source?.server.uuid ?? null,
      link: channel === undefined ? null : `${channel.sourceHost}:${channel.sourcePort}/${channel.sourceUuid ?? ''}`,
      standbyReadOnly: standby.server.readOnly,
      sourceReadOnly: source?.server.readOnly ?? null,
      members: membersOf(all.bystanders),
      verdict,
      errantSet: all.errant.toLine(),
      loss,
      held: '',
      discardReceived: request.discardReceived,
    },
    parts: {
      preconditions: [
        ...plannedPreconditions(all),
        ...(source === null ? [] : preconditionsAround('planned', around, { standby, primary: { name: pair.sourceName, facts: source }, unshown })),
      ],
      evidence: evidenceOf(evidence),
      verdict,
      blockers: all.blockers,
      candidates: [],
      loss,
      forecastOutageMs:
        source === null || all.catchUpMs === null
          ? null
          : forecastOutage({
              sourceRttMs: source.rttMs, standbyRttMs: standby.rttMs, catchUpMs: 0,
              fenceIsTwoStatements: source.server.superReadOnly === null,
            }),
      drift: all.drift,
      bystanders: all.bystanders,
    },
  };
}

/** Registered members by id, sorted: a connected stranger comes and goes without changing what the plan does. */
export function membersOf(bystanders: PlannedReading['bystanders']): readonly string[] {
  return bystanders.flatMap((bystander) => (bystander.instanceId === null ? [] : [bystander.instanceId])).sort();
}
