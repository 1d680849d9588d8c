import { formatEndpoint } from '../../../shared/domain/fleet/instance';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import type { PlannedStep } from '../../../shared/domain/tasks/plan';
import { sessionText } from '../../../shared/domain/promotion/opening';
import { answers } from '../../../shared/domain/promotion/evidence';
import type { PlanBasis } from '../../../shared/domain/promotion/basis';
import type { BeforeAfter, PromotionPlan, PromotionRequest } from '../../../shared/domain/promotion/promotion';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message, type Message } from '../../../shared/i18n/message';
import { standingCommits } from '../../mysql/status/commit-stalls';
import { featuresOf } from '../../mysql/dialect/features';
import { planLifeMs } from '../../tasks/plan-drafts';
import type { Step } from '../../tasks/types';
import { emergencySteps, switchoverSteps, type StepSql } from '../definitions';
import { readEmergency, type EmergencyPair } from './emergency';
import { EmergencyWork, type EmergencyInput } from '../emergency/context';
import { membersOf, readPlanned, type PlanParts } from './switchover';
import type { Reports } from '../report/reports';
import { emergencySql, switchoverSql } from './sql';
import { SwitchoverWork, type SwitchoverInput } from '../switchover/context';
import type { PromotionDeps } from '../types';
import { registeredSource } from '../../replication/chain';

/** A plan with what it stands on and what would be run. */
export type Draft = { readonly plan: PromotionPlan; readonly basis: PlanBasis; readonly request: PromotionRequest; readonly sql: StepSql } & (
  | { readonly kind: 'planned'; readonly input: SwitchoverInput }
  | { readonly kind: 'emergency'; readonly input: EmergencyInput; readonly pendingReportId: string | null }
);

/** Whom a standby follows, by its own channel, else by what the user meant it to be. */
function pairOf(deps: PromotionDeps, standbyId: string, standby: InstanceFacts): EmergencyPair {
  const { fleet } = deps;
  const instance = fleet.instance(standbyId);
  const channel = standby.channels[0];
  const bySight = channel === undefined ? null : registeredSource(fleet, standbyId, channel);
  const byIntent = instance.intent.kind === 'replica' ? instance.intent.sourceId : null;
  if (channel === undefined && byIntent === null) throw failure('not-a-standby', { name: instance.name });
  const sourceId = bySight?.id ?? byIntent;
  const sourceName = sourceId === null ? (channel === undefined ? '?' : `${channel.sourceHost}:${channel.sourcePort}`) : fleet.instance(sourceId).name;
  return { standbyId, standbyName: instance.name, sourceId, sourceName };
}

/** Where the binary log stands is told behind the lock that a write to it holds: with the disk full nobody is told any more. */
async function factsOf({ fleet }: PromotionDeps, standbyId: string): Promise<InstanceFacts> {
  try {
    return await fleet.readFacts(standbyId);
  } catch (thrown) {
    const { code, detail } = errorOf(thrown);
    const { name } = fleet.instance(standbyId);
    if (code !== 'query-timeout' || !/^SHOW (?:MASTER|BINARY LOG) STATUS/.test(detail ?? '')) throw thrown;
    const commits = await fleet.withSession(standbyId, (session) => standingCommits((sql) => session.query(sql))).catch(() => []);
    const found = commits.length === 0 ? `${detail ?? ''} …` : commits.map((row) => `COMMIT … (${sessionText({ ...row, connectionId: row.id })})`).join(', ');
    throw failure('opening-barred', { server: name, found }, { server: name });
  }
}

/** Makes a plan from fresh readings. Changes nothing but for the trial of the reverse login, which it takes away again. */
export async function draftPlan(deps: PromotionDeps, reports: Reports, id: string, request: PromotionRequest): Promise<Draft> {
  const standby = await factsOf(deps, request.standbyId);
  const pair = pairOf(deps, request.standbyId, standby);
  switch (request.kind) {
    case 'planned': {
      const { sourceId } = pair;
      if (sourceId === null) throw failure('not-found', { kind: 'instance', name: pair.sourceName });
      const read = await readPlanned(deps, { ...pair, sourceId }, request, standby);
      const input: SwitchoverInput = {
        id, ...pair, sourceId, timeoutSeconds: request.timeoutSeconds, ...read.particulars.fates,
        clusterIds: [pair.standbyId, sourceId, ...membersOf(read.parts.bystanders ?? [])],
      };
      const sql = switchoverSql(deps, read.particulars, sourceId, pair.standbyId);
      return {
        kind: 'planned', input, basis: read.basis, request, sql,
        plan: planOf(
          deps, id, { ...pair, oldPrimary: { id: sourceId, name: pair.sourceName } }, request, read, switchoverSteps(new SwitchoverWork(deps, input)), sql,
        ),
      };
    }
    case 'emergency': {
      const read = await readEmergency(deps, reports, pair, request, standby);
      const { loss } = read.parts;
      const input: EmergencyInput = {
        id,
        ...pair,
        timeoutSeconds: request.timeoutSeconds,
        discardReceived: request.discardReceived,
        notReceived: loss.notReceived,
        notReceivedSet: loss.notReceivedSet,
        sourceSeenAt: loss.sourceSeenAt,
        unseenFrom: loss.stated.unseenFrom,
        keptAway: read.keptAway,
        split: read.split,
        endsDelay: read.endsDelay,
        oldPrimaryId: read.oldPrimary.id,
        oldPrimaryName: read.oldPrimary.name,
        sourceEvents: read.oldPrimary.events,
        seenEvents: read.oldPrimary.seenEvents,
        enableEvents: request.enableEvents ?? [],
        sourceScheduler: read.oldPrimary.scheduler,
        closesWayBack: read.oldPrimary.isOlder,
        olderIds: read.particulars.fates.olderIds,
        siblingIds: read.particulars.fates.siblingIds,
        keptIds: read.particulars.fates.keptIds,
        clusterIds: read.clusterIds,
      };
      const sql = emergencySql(deps, read.particulars, read.oldPrimary.id, pair.standbyId, read.endsDelay);
      return {
        kind: 'emergency', input, pendingReportId: read.pendingReportId, basis: read.basis, request, sql,
        plan: planOf(deps, id, { ...pair, oldPrimary: read.oldPrimary }, request, read, emergencySteps(new EmergencyWork(deps, input)), sql),
      };
    }
    default:
      return request.kind satisfies never;
  }
}

/** `oldPrimary`: the source, or what the source follows itself. */
interface Ends extends EmergencyPair {
  readonly oldPrimary: { readonly id: string | null; readonly name: string };
}

function planOf(
  deps: PromotionDeps,
  id: string,
  pair: Ends,
  request: PromotionRequest,
  read: PlanParts,
  steps: readonly Step[],
  sql: StepSql,
): PromotionPlan {
  const now = deps.clock();
  return {
    id,
    kind: request.kind === 'planned' ? 'switchover' : 'promotion',
    createdAt: now,
    expiresAt: now + planLifeMs,
    steps: steps.map((step): PlannedStep => ({
      id: step.id, title: step.title, sql: sql.get(step.id) ?? [], pointOfNoReturn: step.pointOfNoReturn ?? false,
      undoable: step.undo !== undefined,
    })),
    warnings: warningsOf(deps, pair, request, read),
    phrase: pair.standbyName,
    promotionKind: request.kind,
    standbyId: pair.standbyId,
    sourceId: pair.sourceId,
    beforeAfter: beforeAfterOf(deps, pair, request, read),
    timeoutSeconds: request.timeoutSeconds,
    discardReceived: request.discardReceived,
    ...read.parts,
  };
}

function warningsOf(deps: PromotionDeps, pair: EmergencyPair, request: PromotionRequest, read: PlanParts): Message[] {
  const warnings: Message[] = [];
  const names = { source: pair.sourceName, standby: pair.standbyName };
  const clients = read.parts.blockers.filter((blocker) => blocker.kind !== 'xa-prepared').length;
  if (request.kind === 'planned') {
    if (deps.isUnproven(pair.standbyId)) warnings.push(message('promotion.warning.unproven', names));
    if (clients > 0) warnings.push(message('promotion.warning.sessions-closed', { count: clients, source: pair.sourceName }));
    return warnings;
  }
  if (answers(read.parts.verdict)) warnings.push(message('promotion.warning.source-answers', names), message('promotion.warning.loss-grows', names));
  if (read.parts.verdict === 'unreachable-only-from-here') warnings.push(message('promotion.warning.only-from-here', names));
  warnings.push(message('promotion.warning.link-is-cut', names));
  const { keptIds, siblingIds } = read.particulars.fates;
  const regionOf = (id: string): string => deps.fleet.instance(id).regionId;
  if (![...keptIds, ...siblingIds].some((id) => regionOf(id) !== regionOf(pair.standbyId))) warnings.push(message('promotion.warning.no-standby-left', names));
  warnings.push(...read.versionWarnings);
  return warnings;
}

function beforeAfterOf(deps: PromotionDeps, pair: Ends, request: PromotionRequest, read: PlanParts): BeforeAfter[] {
  const { fleet } = deps;
  const address = (id: string): string => formatEndpoint(fleet.instance(id).admin);
  const { oldPrimary } = pair;
  const source = oldPrimary.id === null ? oldPrimary.name : `${oldPrimary.name} (${address(oldPrimary.id)})`;
  const standby = `${pair.standbyName} (${address(pair.standbyId)})`;
  const link = (id: string, from: string, to: string): BeforeAfter => ({
    what: message('promotion.change.replica', { name: fleet.instance(id).name }), before: arrow(from, fleet.instance(id).name),
    after: arrow(to, fleet.instance(id).name),
  });
  const arrow = (from: string, to: string): string => `${from} → ${to}`;
  const version = pair.sourceId === null ? undefined : read.particulars.versions.get(pair.sourceId);
  const closed = version !== undefined && !featuresOf(version).hasSuperReadOnly ? 'read_only = ON' : 'super_read_only = ON';
  return [
    { what: message('promotion.change.primary'), before: source, after: standby },
    {
      what: message('promotion.change.link'), before: arrow(pair.sourceName, pair.standbyName),
      after: request.kind === 'planned' ? arrow(pair.standbyName, pair.sourceName) : '—',
    },
    { what: message('promotion.change.old-primary', { name: oldPrimary.name }), before: 'read_only = OFF', after: request.kind === 'planned' ? closed : '?' },
    { what: message('promotion.change.standby', { name: pair.standbyName }), before: 'read_only = ON', after: 'read_only = OFF' },
    // Whose name stays the same keeps its link; every other is pointed at the new primary.
    ...read.particulars.fates.keptIds.map((id) => link(id, pair.standbyName, pair.standbyName)),
    ...read.particulars.fates.behindIds.map((id) => link(id, pair.sourceName, pair.sourceName)),
    ...read.particulars.fates.siblingIds.map((id) => link(id, sourceNameOf(deps, id) ?? pair.sourceName, pair.standbyName)),
  ];
}

/** Whom a registered replica was last seen to follow. */
function sourceNameOf({ fleet }: PromotionDeps, id: string): string | null {
  const { sourceId } = fleet.view(id);
  return sourceId === null ? null : fleet.instance(sourceId).name;
}
