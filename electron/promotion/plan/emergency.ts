import { readStandby, type StandbyReading } from './emergency-standby';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { eventsAfterLoss, type EventChanges, type ScheduledEvent, type SeenEvents } from '../../../shared/domain/promotion/events';
import { canEndDelay } from '../../../shared/domain/promotion/applier-wait';
import { emergencyPreconditions, headAbove, type PendingPromotion } from '../../../shared/domain/promotion/emergency';
import { evidenceOf, verdictOf, witnessSays, type EvidenceReading } from '../../../shared/domain/promotion/evidence';
import {
  heardAt, heldElsewhere, lossOf, nothingElsewhere, ownTransactions, rankCandidates, splitOf, type Elsewhere, type LossReading,
} from '../../../shared/domain/promotion/loss';
import { differingLines, knownDifference } from '../../../shared/domain/promotion/compared';
import { keptFromStandby } from '../../../shared/domain/promotion/narrowed';
import { filtersForScope } from '../../../shared/domain/scope/filters';
import { filterText } from '../../../shared/domain/scope/live-filters';
import { settingsDrift } from '../../../shared/domain/promotion/settings-drift';
import type { InstanceFacts, ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { replicationOrder } from '../../../shared/domain/fleet/version';
import type { Bystander, PromotionReport, PromotionRequest, SplitSets } from '../../../shared/domain/promotion/promotion';
import { message, type Message } from '../../../shared/i18n/message';
import { candidateOf } from './candidates';
import { probeSource, unprobed, type Probe, readBystanders, witnessOf } from './evidence';
import { membersOf, versionOf, type PlanParts } from './switchover';
import type { Reports } from '../report/reports';
import { readStanding } from '../report/standing';
import { bystandersOf, fatesOf } from './other-replicas';
import type { Particulars } from './particulars';
import type { FleetInventory, FleetObserved } from '../../fleet/types';
import type { PromotionDeps } from '../types';
import { registeredSource } from '../../replication/chain';
import { preconditionsAround, replicaSurroundings, type Around } from './surroundings';

export interface EmergencyPair {
  readonly standbyId: string;
  readonly standbyName: string;
  /** null: not registered. */
  readonly sourceId: string | null;
  readonly sourceName: string;
}

/** The primary that is replaced, and what was known of its events. */
interface OldPrimary {
  readonly id: string | null;
  readonly name: string;
  /** null: it did not answer. */
  readonly events: readonly ScheduledEvent[] | null;
  /** It is older than the standby, and will not be able to follow it. */
  readonly isOlder: boolean;
  /** Those that it ran when it was last seen, and its scheduler; null: never seen. */
  readonly seenEvents: SeenEvents | null;
  readonly scheduler: string | null;
  /** As it was last read; null: never. */
  readonly facts: InstanceFacts | null;
}

/** The parts of an emergency plan, and whom the promotion replaces: the primary at the head of the chain. */
export interface EmergencyParts extends PlanParts {
  readonly oldPrimary: OldPrimary;
  /** The histories have split, and the user takes it. */
  readonly split: SplitSets | null;
  /** What keeps rows away from the standby. */
  readonly keptAway: readonly string[];
  /** The delay of the standby, seconds, where it is ended. */
  readonly endsDelay: number;
  readonly clusterIds: readonly string[];
  /** The report that the plan shows as not acknowledged; null: there is none. */
  readonly pendingReportId: string | null;
}

/** Whom each server was last seen to follow, where that one is registered. */
function lastSeenSource(fleet: FleetInventory & FleetObserved): (id: string) => string | null {
  return (id) => {
    const channel = fleet.view(id).facts?.channels[0];
    return channel === undefined ? null : (registeredSource(fleet, id, channel)?.id ?? null);
  };
}

/** Reads what can be read for an emergency promotion; the source and the bystanders each under a short limit of their own. */
export async function readEmergency(
  deps: PromotionDeps,
  reports: Reports,
  pair: EmergencyPair,
  request: PromotionRequest,
  standby: InstanceFacts,
): Promise<EmergencyParts> {
  const cluster = await readCluster(deps, pair, standby);
  const found = conclude(deps, cluster, request);
  const own = await readStandby(deps, pair);
  const old = oldPrimaryOf(deps, cluster);
  const others = await replicaSurroundings(deps.fleet, fatesOf(deps.fleet, pair.standbyId, cluster.bystanders));
  const around: Around = { source: null, standby: own.surroundings, ...others };
  const clusterIds = clusterOf(cluster);
  const before = old.facts?.noticed;
  const drift = before === undefined ? null : settingsDrift(before, own.surroundings.settings);
  const events = eventsAfterLoss(own.events, old.events, old.seenEvents, request.enableEvents ?? []);
  const pending = await readPending(deps, reports.pendingFor(clusterIds), old.id);
  return {
    versionWarnings: versionWarnings(pair, old, cluster.bystanders),
    particulars: particularsOf(deps, cluster, own, old, { events, around }),
    clusterIds,
    oldPrimary: old,
    split: splitOf(found.loss),
    keptAway: keptAway(deps, cluster),
    endsDelay: request.endDelay === true && canEndDelay(versionOf(standby)) ? (standby.channels[0]?.delaySeconds ?? 0) : 0,
    pendingReportId: pending?.reportId ?? null,
    basis: basisOf(cluster, found, request),
    parts: {
      preconditions: [
        ...preconditionsOf(deps, cluster, found, own, { events, request, pending, drift }),
        ...preconditionsAround('emergency', around, { standby, primary: old }),
      ],
      evidence: evidenceOf(found.evidence),
      verdict: found.verdict,
      blockers: [],
      candidates: found.candidates,
      loss: found.forecast,
      forecastOutageMs: null,
      ...(drift === null ? {} : { drift }),
      bystanders: cluster.bystanders,
      events: [...events.chosen, ...events.unsure].sort().map((name) => ({ name, on: events.chosen.includes(name) })),
    },
  };
}

/** The promotion that waits to be acknowledged, and whether the primary that it made takes writes now beside the one to be replaced. */
async function readPending({ fleet }: PromotionDeps, report: PromotionReport | null, replacedId: string | null): Promise<PendingPromotion | null> {
  if (report === null) return null;
  const { id: reportId, standbyId, standbyName, endedAt, lostTransactions: lost } = report;
  const isThere = fleet.instances().some(({ id }) => id === standbyId);
  const stand = standbyId === replacedId || !isThere ? null : (await readStanding(fleet, null, standbyId)).standing.standby;
  return { reportId, standbyName, endedAt, lost, isAlive: stand === 'writable' };
}

/** The primary at the head of a chain of replicas. */
interface Head {
  readonly id: string;
  readonly name: string;
  readonly probe: Probe;
  /** It says so itself, or the standby in the middle hears it. */
  readonly answers: boolean;
}

/** Everybody around the standby, as each answered now. */
interface Cluster {
  readonly pair: EmergencyPair;
  readonly standby: InstanceFacts;
  readonly bystanders: readonly Bystander[];
  /** Those of them that answered, and that do not stay where they are. */
  readonly others: readonly { readonly id: string; readonly facts: InstanceFacts }[];
  /** What the standby's source said. */
  readonly probe: Probe;
  /** null: the standby's source is the primary itself. */
  readonly head: Head | null;
}

async function readCluster({ fleet, scopeOf, clock }: PromotionDeps, pair: EmergencyPair, standby: InstanceFacts): Promise<Cluster> {
  const { standbyId, sourceId } = pair;
  const headId = sourceId === null ? null : headAbove(sourceId, standbyId, lastSeenSource(fleet));
  const bystanders = bystandersOf(fleet, {
    kind: 'emergency', standbyId, sourceId, headId, source: null, standbyVersion: versionOf(standby), partial: scopeOf(standbyId).kind === 'partial',
  });
  const movingIds = bystanders.flatMap(({ instanceId, fate }) => (instanceId !== null && fate !== 'stays' ? [instanceId] : []));
  const [others, probe, headProbe] = await Promise.all([
    readBystanders(fleet, movingIds),
    sourceId === null ? unprobed : probeSource(fleet, sourceId, clock),
    headId === null ? null : probeSource(fleet, headId, clock),
  ]);
  const isHeard = isHeardBy(others.find(({ id }) => id === sourceId)?.facts);
  const head = headId === null || headProbe === null
    ? null
    : { id: headId, name: fleet.instance(headId).name, probe: headProbe, answers: headProbe.outcome === 'answers' || isHeard };
  return { pair, standby, bystanders, others, probe, head };
}

/** What follows from the answers, before anything else of the standby is read. */
interface Conclusions {
  readonly loss: LossReading;
  readonly forecast: ReturnType<typeof lossOf>;
  readonly evidence: EvidenceReading;
  readonly verdict: ReturnType<typeof verdictOf>;
  readonly candidates: ReturnType<typeof rankCandidates>;
}

function conclude(deps: PromotionDeps, cluster: Cluster, request: PromotionRequest): Conclusions {
  const { pair, standby, others, probe, head } = cluster;
  const narrowed = { filtered: keptAway(deps, cluster).length > 0, discardReceived: request.discardReceived };
  const behindSource = { ...lossReading(deps, pair.sourceId, standby, probe), ...narrowed };
  const alone = head === null ? behindSource : withHead(behindSource, { ...lossReading(deps, head.id, standby, head.probe), ...narrowed });
  const loss = { ...alone, elsewhere: elsewhereOf(deps, cluster, alone) };
  const evidence: EvidenceReading = {
    sourceName: pair.sourceName,
    probe: probe.outcome,
    standby: witnessOf(pair.standbyName, standby),
    others: others.map(({ id, facts }) => witnessOf(deps.fleet.instance(id).name, facts, (channel) => isSourceOf(deps, pair, standby, { id, channel }))),
  };
  return {
    loss, evidence,
    forecast: lossOf(loss),
    verdict: verdictOf(evidence),
    candidates: rankCandidates([{ id: pair.standbyId, facts: standby }, ...others].map(({ id, facts }) => candidateOf(deps, id, facts))),
  };
}

/** What the other replicas prove of the primary that is replaced, also those that stay where they are, or that were last seen a while ago. */
function elsewhereOf(deps: PromotionDeps, { pair, standby, others, head }: Cluster, { sourceSet, sourceUuid }: LossReading): Elsewhere {
  const { fleet } = deps;
  const primaryId = head?.id ?? pair.sourceId;
  const seen = primaryId === null ? null : fleet.view(primaryId).facts;
  const behind = [pair.sourceId, head?.id ?? null].flatMap((id) => (id === null ? [] : fleet.replicasOf(id)));
  const ids = new Set([...others, ...behind].map(({ id }) => id).filter((id) => id !== pair.standbyId && id !== primaryId));
  const replicas = [...ids].flatMap((id) => {
    const facts = others.find((one) => one.id === id)?.facts ?? fleet.view(id).facts;
    const follows = (channel: ReplicaChannel): boolean => head !== null && registeredSource(fleet, id, channel)?.id === head.id;
    const channel = facts?.channels.find((one) => isSourceOf(deps, pair, standby, { id, channel: one }) || follows(one));
    return facts === null || channel === undefined ? [] : [{ facts, channel }];
  });
  const found = heldElsewhere(replicas, { uuid: sourceUuid, set: sourceSet, clockOffsetMs: seen?.clockOffsetMs ?? null });
  // What is heard may be the middle of a chain, and says nothing of the head.
  return head === null ? found : { ...found, heardAt: null };
}

/** Whether a channel of another replica follows the very source of the standby: the registered one, else the same uuid. */
function isSourceOf(
  { fleet }: PromotionDeps, { sourceId }: EmergencyPair, standby: InstanceFacts, { id, channel }: { readonly id: string; readonly channel: ReplicaChannel },
): boolean {
  if (sourceId !== null) return registeredSource(fleet, id, channel)?.id === sourceId;
  const uuid = standby.channels[0]?.sourceUuid?.toLowerCase() ?? null;
  return uuid !== null && channel.sourceUuid?.toLowerCase() === uuid;
}

function preconditionsOf(
  { fleet, scopeOf }: PromotionDeps,
  { pair, standby, head }: Cluster,
  { verdict, loss, candidates }: Conclusions,
  own: StandbyReading,
  { events, request, pending, drift }: Pick<Parameters<typeof emergencyPreconditions>[0], 'pending' | 'drift'> & {
    readonly events: EventChanges; readonly request: PromotionRequest;
  },
): ReturnType<typeof emergencyPreconditions> {
  return emergencyPreconditions({
    standbyId: pair.standbyId,
    standbyName: pair.standbyName,
    sourceName: pair.sourceName,
    difference: knownDifference(fleet.view(pair.standbyId).problems),
    standby,
    head,
    verdict,
    loss,
    candidates,
    names: new Map(fleet.instances().map((instance) => [instance.id, instance.name])),
    discardReceived: request.discardReceived,
    scope: scopeOf(pair.standbyId),
    source: pair.sourceId === null ? null : fleet.view(pair.sourceId).facts,
    unsureEvents: events.unsure,
    drift,
    acceptPartial: request.acceptPartial,
    acceptSplit: request.acceptSplit === true,
    endDelay: request.endDelay === true,
    timeoutSeconds: request.timeoutSeconds,
    waits: own.waits,
    missingRights: own.rights,
    lockHolder: own.holder,
    squatters: own.squatters,
    pending,
    statusSql: own.statusSql,
    filtersSql: own.filtersSql,
    opening: own.opening,
  });
}

function particularsOf(
  { fleet, scopeOf }: PromotionDeps, { pair, standby, bystanders, others }: Cluster, own: StandbyReading, old: OldPrimary,
  { events, around }: { readonly events: EventChanges; readonly around: Around },
): Particulars {
  const seen = pair.sourceId === null ? null : fleet.view(pair.sourceId).facts;
  return {
    versions: new Map([
      [pair.standbyId, versionOf(standby)],
      ...others.map(({ id, facts }) => [id, versionOf(facts)] as const),
      ...(pair.sourceId === null || seen === null ? [] : [[pair.sourceId, versionOf(seen)] as const]),
    ]),
    fates: fatesOf(fleet, pair.standbyId, bystanders),
    scope: scopeOf(pair.standbyId),
    shape: own.shape,
    trialChannel: '',
    login: null,
    lastingLogin: [],
    loginHosts: [],
    retiring: [],
    plantsLogin: false,
    ownSchema: own.ownSchema,
    around,
    events: events.changes,
    scheduler: { source: old.scheduler, standby: standby.server.eventScheduler },
  };
}

/** What must be the same still when the plan is carried out. */
function basisOf({ standby, bystanders }: Cluster, { loss, forecast, verdict }: Conclusions, { discardReceived }: PromotionRequest): EmergencyParts['basis'] {
  const channel = standby.channels[0];
  return {
    kind: 'emergency',
    standbyUuid: standby.server.uuid,
    sourceUuid: loss.sourceUuid,
    link: channel === undefined ? null : `${channel.sourceHost}:${channel.sourcePort}/${channel.sourceUuid ?? ''}`,
    standbyReadOnly: standby.server.readOnly,
    sourceReadOnly: null,
    members: membersOf(bystanders),
    verdict,
    errantSet: ownTransactions(loss).toLine(),
    loss: forecast,
    held: loss.received.union(loss.executed).toLine(),
    discardReceived,
  };
}

function oldPrimaryOf({ fleet }: PromotionDeps, { pair, standby, head, probe }: Cluster): OldPrimary {
  const id = head?.id ?? pair.sourceId;
  const seen = id === null ? null : fleet.view(id).facts;
  return {
    id,
    name: head?.name ?? pair.sourceName,
    events: (head?.probe ?? probe).events,
    isOlder: seen !== null && replicationOrder(versionOf(standby), versionOf(seen)) === 'older',
    seenEvents: seen?.events ?? null,
    scheduler: seen?.server.eventScheduler ?? null,
    facts: seen,
  };
}

/** What cannot replicate from the standby once it is the primary: MySQL replicates from old to new only. */
function versionWarnings({ standbyName: standby }: EmergencyPair, old: OldPrimary, bystanders: readonly Bystander[]): Message[] {
  const older = bystanders.flatMap(({ name, fate }) => (fate === 'older' ? [name] : []));
  return [
    ...(old.isOlder ? [message('promotion.warning.no-way-back', { source: old.name, standby })] : []),
    ...(older.length > 0 ? [message('promotion.warning.older-replicas', { names: older.join(', '), standby })] : []),
  ];
}

/** Everybody who is one cluster with the standby. */
function clusterOf({ pair, head, bystanders }: Cluster): readonly string[] {
  return [...new Set([pair.standbyId, ...[pair.sourceId, head?.id ?? null].filter((id) => id !== null), ...membersOf(bystanders)])];
}

/** A standby in the middle that hears the primary above it: that one is out of our reach and alive. */
function isHeardBy(middle: InstanceFacts | undefined): boolean {
  return middle !== undefined && witnessSays(witnessOf('', middle)) === 'alive';
}

/**
 * Behind a standby what is lost is what the primary at the head took, whether or not it came as far as the middle. What the standby
 * hears is the middle, and says nothing of the head.
 */
function withHead(middle: LossReading, head: LossReading): LossReading {
  const sourceSet = head.sourceSet === null ? null : middle.sourceSet === null ? head.sourceSet : head.sourceSet.union(middle.sourceSet);
  return { ...head, sourceSet, heardAt: null };
}

/** What is not on the standby although its transactions are: by filters and settings, as far as they can be read, and as a comparison found. */
function keptAway({ fleet, scopeOf }: PromotionDeps, { pair, standby }: Pick<Cluster, 'pair' | 'standby'>): readonly string[] {
  const source = pair.sourceId === null ? null : fleet.view(pair.sourceId).facts;
  const { standbyName, sourceName } = pair;
  const scope = scopeOf(pair.standbyId);
  return [
    // A part is kept away on purpose, and is as lost with the primary as anything else.
    ...(scope.kind === 'partial' ? [`${standbyName}: ${filterText(filtersForScope(scope))}`] : []),
    ...keptFromStandby({ scope, standby, source, standbyName, sourceName }),
    ...differingLines(knownDifference(fleet.view(pair.standbyId).problems), standbyName),
  ];
}

/** The source as it answers now, else as it was last seen by the poll: here the registry is a witness, not a proof. */
function lossReading(
  deps: PromotionDeps,
  sourceId: string | null,
  standby: InstanceFacts,
  probe: Probe,
): Omit<LossReading, 'filtered' | 'discardReceived'> {
  const channel = standby.channels[0];
  const seen = sourceId === null ? null : deps.fleet.view(sourceId).facts;
  const now = deps.clock();
  const set = probe.executed ?? seen?.gtid.executed ?? null;
  return {
    sourceSet: set === null ? null : parseGtidSet(set),
    sourceSeenAt: probe.executed !== null ? probe.askedAt : (seen?.sampledAt ?? null),
    sourceFenced: probe.fenced,
    heardAt: heardAt(standby, channel, seen?.clockOffsetMs ?? null),
    sourceUuid: probe.uuid ?? seen?.server.uuid ?? channel?.sourceUuid ?? null,
    elsewhere: nothingElsewhere,
    received: parseGtidSet(channel?.received ?? ''),
    executed: parseGtidSet(standby.gtid.executed),
    now,
  };
}
