import {
  basisOf, levelsOf, settingOf, stepsOf, undoSettingOf, type GtidMember, type GtidPlan, type GtidPlannedStep, type GtidPlanServer, type GtidRequest,
  type GtidStepId, type GtidTopology,
} from '../../../shared/domain/operations/gtid-change';
import { canBePlanned, gtidPreconditions, membersOf } from '../../../shared/domain/operations/gtid-change-preconditions';
import type { PlannedSql } from '../../../shared/domain/tasks/plan';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { message, type Message } from '../../../shared/i18n/message';
import { dialectFor, type Dialect } from '../../mysql/dialect/dialect';
import type { Statement } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { isTurned } from './channels';
import type { GtidDeps } from './definition';
import { settingStatements, undoStatements } from './settings';
import { readTopology } from './topology';
import type { GtidInput } from './work';

export interface GtidDraft {
  readonly plan: GtidPlan;
  readonly request: GtidRequest;
  /** What must still be so when it is executed. */
  readonly basis: string;
  readonly input: GtidInput;
  readonly sql: ReadonlyMap<GtidStepId, readonly PlannedSql[]>;
}

/** Reads the topology and says what would be done, or why not. Changes nothing. */
export async function draftGtidPlan({ fleet, clock }: GtidDeps, id: string, request: GtidRequest, signal?: AbortSignal): Promise<GtidDraft> {
  const topology = await readTopology(fleet, request.instanceId, signal);
  const sourceName = fleet.instance(topology.sourceId).name;
  const members = canBePlanned(topology) ? membersOf(topology) : [];
  const dialects = new Map(topology.servers.filter(({ online }) => online).map((server) => [server.id, dialectFor(parseServerVersion(server.version))]));
  const dialectOf = (member: GtidMember): Dialect => dialects.get(member.id) as Dialect;
  const steps = members.length === 0 ? [] : stepsOf(members).map((step) => plannedStep(step, members, dialectOf, request.watchSeconds));
  const now = clock();
  return {
    request,
    basis: basisOf(topology),
    input: { sourceId: topology.sourceId, sourceName, watchSeconds: request.watchSeconds, members },
    sql: new Map(steps.map(({ stepId, sql }) => [stepId, sql])),
    plan: {
      id, kind: 'gtid-change', createdAt: now, expiresAt: now + planLifeMs,
      preconditions: gtidPreconditions(topology),
      steps,
      warnings: warningsOf(members),
      phrase: sourceName,
      sourceId: topology.sourceId,
      sourceName,
      watchSeconds: request.watchSeconds,
      servers: serversOf(topology),
    },
  };
}

function serversOf({ servers, away }: GtidTopology): readonly GtidPlanServer[] {
  return [
    ...(levelsOf(servers)?.flat() ?? servers).map(({ id, name, version, online, mode, consistency, anonymous, links, configLines }): GtidPlanServer => ({
      instanceId: id, name, follows: links.map(({ source }) => source), configLines, needsRestart: !online,
      now: { version, mode, consistency, anonymous, autoPosition: links.length === 0 ? null : links.every(({ autoPosition }) => autoPosition) },
    })),
    ...away.map(({ id, name }): GtidPlanServer => ({ instanceId: id, name, follows: [], now: null, configLines: [], needsRestart: false })),
  ];
}

function warningsOf(members: readonly GtidMember[]): readonly Message[] {
  if (members.length === 0) return [];
  const warnings: Message[] = [];
  if (members.some(({ mode }) => mode !== 'ON')) warnings.push(message('gtid.warning.backups'));
  const lines = members.filter(({ configLines }) => configLines.length > 0);
  if (lines.length > 0) warnings.push(message('gtid.warning.option-file', { names: lines.map(({ name }) => name).join(', ') }));
  return warnings;
}

function plannedStep(step: GtidStepId, members: readonly GtidMember[], dialectOf: (member: GtidMember) => Dialect, watchSeconds: number): GtidPlannedStep {
  const on = (statementsFor: (member: GtidMember, dialect: Dialect) => readonly Statement[]): PlannedSql[] =>
    members.flatMap((member) => statementsFor(member, dialectOf(member)).map(({ redacted }) => ({ server: member.name, sql: redacted })));
  return {
    id: step, stepId: step, title: message(`gtid.step.${step}`), pointOfNoReturn: false, undoable: step !== 'watch' && step !== 'drain' && step !== 'confirm',
    sql: on((member, dialect) => forward(step, member, dialect)),
    wait: waitOf(step, watchSeconds),
    back: on((member, dialect) => backward(step, member, dialect)),
    backText: message(`gtid.back.${step}`),
  };
}

const plain = (sql: string): Statement => ({ sql, redacted: sql });

function forward(step: GtidStepId, member: GtidMember, dialect: Dialect): readonly Statement[] {
  const setting = settingOf(step, member);
  switch (step) {
    case 'warn':
    case 'enforce':
    case 'off-permissive':
    case 'on-permissive':
    case 'on':
      return setting === null ? [] : settingStatements(dialect, setting);
    case 'drain':
      return [
        plain("SHOW GLOBAL STATUS LIKE 'Ongoing_anonymous_transaction_count'"),
        ...(member.links.length > 0 ? [dialect.showReplicaStatus()] : [dialect.showBinaryLogStatus()]),
      ];
    case 'auto-position':
      return member.links
        .filter(isTurned)
        .flatMap(({ channel }) => [
          dialect.stopReplica({ channel }), dialect.changeReplicationSource({ autoPosition: true }, channel),
          dialect.startReplica({ channel }),
        ]);
    case 'confirm':
      return [plain('SELECT @@GLOBAL.gtid_mode, @@GLOBAL.enforce_gtid_consistency'), ...(member.links.length > 0 ? [dialect.showReplicaStatus()] : [])];
    case 'watch':
      return dialect.features.hasErrorSummaries ? [
        plain("SELECT USER, HOST, ERROR_NAME, SUM_ERROR_RAISED FROM performance_schema.events_errors_summary_by_account_by_error " +
          "WHERE ERROR_NAME LIKE '%GTID\\_UNSAFE%'"),
      ] : [];
  }
}

function backward(step: GtidStepId, member: GtidMember, dialect: Dialect): readonly Statement[] {
  if (step === 'auto-position') {
    // Where it will stand then is not known yet.
    const { redacted } = dialect.changeReplicationSource({ autoPosition: false, logFile: '…', logPosition: 4 });
    return member.links.filter(isTurned).flatMap(({ channel }) => [
      dialect.stopReplica({ channel }), plain(redacted.replace(/LOG_POS = 4$/, 'LOG_POS = …')), dialect.startReplica({ channel }),
    ]);
  }
  const setting = undoSettingOf(step, member);
  return setting === null ? [] : undoStatements(dialect, member, setting);
}

function waitOf(step: GtidStepId, watchSeconds: number): Message | null {
  switch (step) {
    case 'watch':
      return message('gtid.planned-wait.watch', { seconds: watchSeconds });
    case 'drain':
    case 'on':
    case 'auto-position':
    case 'confirm':
      return message(`gtid.planned-wait.${step}`);
    case 'warn':
    case 'enforce':
    case 'off-permissive':
    case 'on-permissive':
      return null;
  }
}
