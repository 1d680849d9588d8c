import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { eventsAfterLoss, type ScheduledEvent } from '../../../shared/domain/promotion/events';
import { emergencyPreconditions, headAbove } from '../../../shared/domain/promotion/emergency';
import { conflictingHolder, type LockHolder } from '../../../shared/domain/tasks/lock-holder';
import { evidenceOf, verdictOf, witnessSays, type EvidenceReading } from '../../../shared/domain/promotion/evidence';
import { lossOf, ownTransactions, rankCandidates, type CandidateReading, type LossReading } from '../../../shared/domain/promotion/loss';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import { replicationOrder } from '../../../shared/domain/fleet/version';
import type { Blocker, Bystander, PromotionRequest } from '../../../shared/domain/promotion/promotion';
import { message, type Message } from '../../../shared/i18n/message';
import { probeSource, unprobed, type Probe, readBystanders, witnessOf } from './evidence';
import { membersOf, versionOf, type PlanParts } from './switchover';
import type { Reports } from '../report/reports';
import { lockHolders } from '../../tasks/server-lock';
import { bystandersOf, fatesOf } from './other-replicas';
import { Crew, handOf, reading } from '../../replication/servers';
import { readEvents } from '../../replication/events';
import { readLinkShape } from '../../replication/link-settings';
import { missingOwnSchema } from '../steps/own-schema';
import type { Particulars } from './particulars';
import { missingRights, readLocks } from './blockers';
import type { Fleet } from '../../fleet/types';
import type { PromotionDeps } from '../types';
import { showFilters } from '../../replication/filters';
import { registeredSource } from '../../replication/chain';

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
  /** How many were enabled when it was last seen, and its scheduler; null: never seen. */
  readonly enabledEvents: number | null;
  readonly scheduler: string | null;
}

/** The parts of an emergency plan, and whom the promotion replaces: the primary at the head of the chain. */
export interface EmergencyParts extends PlanParts {
  readonly oldPrimary: OldPrimary;
  readonly clusterIds: readonly string[];
}

/** Whom each server was last seen to follow, where that one is registered. */
function lastSeenSource(fleet: Fleet): (id: string) => string | null {
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
  const { fleet } = deps;
  const headId = pair.sourceId === null ? null : headAbove(pair.sourceId, pair.standbyId, lastSeenSource(fleet));
  const bystanders = bystandersOf(fleet, { kind: 'emergency', standbyId: pair.standbyId, sourceId: pair.sourceId, headId, source: null, standbyVersion: versionOf(standby), partial: deps.scopeOf(pair.standbyId).kind === 'partial' });
  const siblingIds = bystanders.flatMap((bystander) => (bystander.instanceId !== null && bystander.fate !== 'stays' ? [bystander.instanceId] : []));
  const [others, probe, headProbe] = await Promise.all([
    readBystanders(fleet, siblingIds),
    pair.sourceId === null ? unprobed : probeSource(fleet, pair.sourceId),
    headId === null ? null : probeSource(fleet, headId),
  ]);
  const head = headId === null || headProbe === null ? null : { id: headId, name: fleet.instance(headId).name, probe: headProbe, answers: headProbe.outcome === 'answers' || isHeardBy(others.find(({ id }) => id === pair.sourceId)?.facts) };
  const loss =
    head === null
      ? lossReading(deps, pair.sourceId, standby, probe)
      : withHead(lossReading(deps, pair.sourceId, standby, probe), lossReading(deps, head.id, standby, head.probe));
  const evidence: EvidenceReading = {
    sourceName: pair.sourceName,
    probe: probe.outcome,
    standby: witnessOf(pair.standbyName, standby),
    others: others.map(({ id, facts }) => witnessOf(fleet.instance(id).name, facts)),
  };
  const verdict = verdictOf(evidence);
  const candidates = rankCandidates([{ id: pair.standbyId, facts: standby }, ...others].map(({ id, facts }) => candidateOf(id, facts)));
  const { rights, holder, statusSql, filtersSql, shape, ownSchema, events, locks } = await readStandby(deps, pair);
  const old = oldPrimaryOf(deps, pair, standby, head, probe);
  const clusterIds = clusterOf(pair, headId, bystanders);
  const pending = reports.pendingFor(clusterIds);
  const forecast = lossOf(loss);
  const channel = standby.channels[0];
  const seen = pair.sourceId === null ? null : fleet.view(pair.sourceId).facts;
  return {
    versionWarnings: versionWarnings(pair, old, bystanders),
    particulars: {
      versions: new Map([
        [pair.standbyId, versionOf(standby)],
        ...others.map(({ id, facts }) => [id, versionOf(facts)] as const),
        ...(pair.sourceId === null || seen === null ? [] : [[pair.sourceId, versionOf(seen)] as const]),
      ]),
      fates: fatesOf(fleet, pair.standbyId, bystanders),
      scope: deps.scopeOf(pair.standbyId),
      shape,
      login: null,
      plantsLogin: false,
      ownSchema,
      events: eventsAfterLoss(events, old.events, old.enabledEvents).changes,
      scheduler: { source: old.scheduler, standby: standby.server.eventScheduler },
    },
    clusterIds,
    oldPrimary: old,
    basis: {
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
      discardReceived: request.discardReceived,
    },
    parts: {
      preconditions: emergencyPreconditions({
        standbyId: pair.standbyId,
        standbyName: pair.standbyName,
        sourceName: pair.sourceName,
        standby,
        head,
        verdict,
        loss,
        candidates,
        names: new Map(fleet.instances().map((instance) => [instance.id, instance.name])),
        discardReceived: request.discardReceived,
        partialScope: deps.scopeOf(pair.standbyId).kind === 'partial',
        acceptPartial: request.acceptPartial,
        missingRights: rights,
        lockHolder: holder,
        pending: pending?.standbyName ?? null,
        statusSql,
        filtersSql,
        standbyLocks: locks,
      }),
      evidence: evidenceOf(evidence),
      verdict,
      blockers: [],
      candidates,
      loss: forecast,
      forecastOutageMs: null,
      drift: [],
      bystanders,
    },
  };
}

interface Head {
  readonly id: string;
  readonly name: string;
  readonly probe: Probe;
}

function oldPrimaryOf(deps: PromotionDeps, pair: EmergencyPair, standby: InstanceFacts, head: Head | null, probe: Probe): OldPrimary {
  const id = head?.id ?? pair.sourceId;
  const seen = id === null ? null : deps.fleet.view(id).facts;
  return {
    id,
    name: head?.name ?? pair.sourceName,
    events: (head?.probe ?? probe).events,
    isOlder: seen !== null && replicationOrder(versionOf(standby), versionOf(seen)) === 'older',
    enabledEvents: seen?.server.enabledEvents ?? null,
    scheduler: seen?.server.eventScheduler ?? null,
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
function clusterOf(pair: EmergencyPair, headId: string | null, bystanders: readonly Bystander[]): readonly string[] {
  return [...new Set([pair.standbyId, ...[pair.sourceId, headId].filter((id) => id !== null), ...membersOf(bystanders)])];
}

/** A standby in the middle that hears the primary above it: that one is out of our reach and alive. */
function isHeardBy(middle: InstanceFacts | undefined): boolean {
  return middle !== undefined && witnessSays(witnessOf('', middle)) === 'alive';
}

/** Behind a standby what is lost is what the primary at the head took, whether or not it came as far as the middle. */
function withHead(middle: LossReading, head: LossReading): LossReading {
  const sourceSet = head.sourceSet === null ? null : middle.sourceSet === null ? head.sourceSet : head.sourceSet.union(middle.sourceSet);
  return { ...head, sourceSet };
}

/** The source as it answers now, else as it was last seen by the poll: here the registry is a witness, not a proof. */
function lossReading(
  deps: PromotionDeps,
  sourceId: string | null,
  standby: InstanceFacts,
  probe: { readonly executed: string | null; readonly uuid: string | null },
): LossReading {
  const channel = standby.channels[0];
  const seen = sourceId === null ? null : deps.fleet.view(sourceId).facts;
  const now = deps.clock();
  const set = probe.executed ?? seen?.gtid.executed ?? null;
  return {
    sourceSet: set === null ? null : parseGtidSet(set),
    sourceSeenAt: probe.executed !== null ? now : (seen?.sampledAt ?? null),
    sourceUuid: probe.uuid ?? seen?.server.uuid ?? channel?.sourceUuid ?? null,
    received: parseGtidSet(channel?.received ?? ''),
    executed: parseGtidSet(standby.gtid.executed),
    now,
  };
}

function candidateOf(instanceId: string, facts: InstanceFacts): CandidateReading {
  const channel = facts.channels[0];
  const errors = [channel?.receiverError?.text, channel?.applierError?.text].filter((text) => text !== undefined && text !== '');
  return {
    instanceId,
    received: parseGtidSet(channel?.received ?? ''),
    executed: parseGtidSet(facts.gtid.executed),
    problems: errors.map(String),
  };
}

interface StandbyReading extends Pick<Particulars, 'shape' | 'ownSchema' | 'events'> {
  readonly rights: readonly string[];
  readonly holder: LockHolder | null;
  readonly statusSql: string;
  readonly filtersSql: string;
  readonly locks: readonly Blocker[];
}

/** What a promotion needs to know of the standby itself. */
async function readStandby(deps: PromotionDeps, pair: EmergencyPair): Promise<StandbyReading> {
  const crew = new Crew(deps.fleet);
  try {
    const session = await crew.get(pair.standbyId, 'control');
    const hand = handOf(crew, reading, pair.standbyId, pair.standbyName);
    const statusSql = session.dialect.showReplicaStatus().redacted;
    return {
      rights: await missingRights(session, pair.standbyName, ['set-variables', 'control-replication', 'flush-and-reset', 'watch-replication']),
      locks: await readLocks(session),
      holder: conflictingHolder(await lockHolders(session, deps.clock()), false),
      statusSql,
      filtersSql: showFilters(session.dialect),
      // A server that follows nobody has none; the preconditions say so.
      shape: await readLinkShape(hand).catch(() => null),
      ownSchema: await missingOwnSchema(hand),
      events: await readEvents(hand),
    };
  } finally {
    await crew.close();
  }
}
