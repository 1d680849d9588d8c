import { replicationEndpoint } from '../../shared/domain/instance';
import type { PlannedSql } from '../../shared/domain/plan';
import { dialectFor, type Dialect } from '../mysql/dialect';
import type { Statement } from '../mysql/types';
import { parseServerVersion, type ServerVersion } from '../../shared/domain/version';
import { CLIENT_SESSIONS } from './client-sessions';
import type { Fates } from './bystanders';
import type { StepSql } from './definitions';
import { ENABLED_EVENTS } from './events';
import { REPLICA_SIDE_DISABLED } from './emergency-after';
import { FENCE_LIMIT_SECONDS } from './fence';
import { EXECUTED } from './gtids';
import { JOURNAL_BEGIN, JOURNAL_OPENED, ownSchemaSql, PROBE_READ, PROBE_WRITE } from './own-schema';
import type { PromotionDeps } from './types';

interface Server {
  readonly id: string;
  readonly name: string;
  readonly dialect: Dialect;
}

export type Versions = ReadonlyMap<string, ServerVersion>;

/** A server in the words of its version; null: it has not been read. */
function serverOf(deps: PromotionDeps, versions: Versions, id: string): Server | null {
  const facts = deps.fleet.view(id).facts;
  const version = versions.get(id) ?? (facts === null ? null : parseServerVersion(facts.server.version, facts.server.versionComment));
  return version === null ? null : { id, name: deps.fleet.instance(id).name, dialect: dialectFor(version) };
}

const on = (server: Server, ...statements: ReadonlyArray<string | Statement>): PlannedSql[] =>
  statements.map((statement) => ({ server: server.name, sql: typeof statement === 'string' ? statement : statement.redacted }));

/** What a plan writes where a value is not known before the step runs. */
const SET = '00000000-0000-0000-0000-000000000000:1';
const shown = (statement: Statement): Statement => ({ sql: '', redacted: statement.redacted.replaceAll(SET, '…') });

function changeSource(deps: PromotionDeps, server: Server, source: Server): Statement {
  const { host, port } = replicationEndpoint(deps.fleet.instance(source.id));
  return server.dialect.changeReplicationSource({ host, port, autoPosition: true });
}

/** Re-pointed replicas get a new source; those that keep their link are only asked and waited for. */
function siblings(deps: PromotionDeps, versions: Versions, primary: Server, { siblingIds, keptIds, behindIds }: Fates): PlannedSql[] {
  const each = (ids: readonly string[], statements: (replica: Server) => readonly Statement[]): PlannedSql[] =>
    ids.flatMap((id) => {
      const replica = serverOf(deps, versions, id);
      return replica === null ? [] : on(replica, ...statements(replica), shown(replica.dialect.waitForGtids(SET, 1).statement));
    });
  return [
    ...each(siblingIds, (replica) => [replica.dialect.stopReplica({ threads: 'receiver' }), replica.dialect.stopReplica(), changeSource(deps, replica, primary), replica.dialect.startReplica()]),
    ...each([...keptIds, ...behindIds], (replica) => [replica.dialect.showReplicaStatus()]),
  ];
}

/** The SQL of a planned switchover of this pair, step by step, in each server's own words. */
export function switchoverSql(deps: PromotionDeps, versions: Versions, sourceId: string, standbyId: string, fates: Fates): StepSql {
  const [s, t] = [serverOf(deps, versions, sourceId), serverOf(deps, versions, standbyId)];
  if (s === null || t === null) return new Map();
  const fence = s.dialect.features.hasSuperReadOnly
    ? s.dialect.setReadOnly(true, false).statements
    : [...s.dialect.setReadOnly(true, false).statements, s.dialect.lockForRead()];
  const lasting = (server: Server, closed: boolean): readonly Statement[] => (!server.dialect.features.hasSetPersist ? [] : closed ? [server.dialect.setPersist('super_read_only', true)] : server.dialect.setReadOnly(false, true).statements);
  return new Map<string, readonly PlannedSql[]>([
    ['prepare', [...on(s, "SELECT GET_LOCK('antipode', 1)", EXECUTED, ENABLED_EVENTS, ...ownSchemaSql, JOURNAL_BEGIN), ...on(t, "SELECT GET_LOCK('antipode', 1)", EXECUTED), ...on(s, changeSource(deps, s, t), s.dialect.startReplica({ threads: 'receiver' }), s.dialect.stopReplica(), s.dialect.resetReplica({ all: true }))]],
    ['warm-up', [...on(s, EXECUTED), ...on(t, shown(t.dialect.waitForGtids(SET, 1).statement)), ...on(s, s.dialect.setLockWaitTimeout(FENCE_LIMIT_SECONDS))]],
    ['fence', on(s, ...fence, CLIENT_SESSIONS, 'KILL CONNECTION …')],
    ['catch-up', [...on(s, EXECUTED, EXECUTED), ...on(t, shown(t.dialect.waitForGtids(SET, 1).statement))]],
    ['stop', [...on(t, t.dialect.stopReplica()), ...on(s, ...lasting(s, true))]],
    ['open', on(t, t.dialect.setGlobal('read_only', false), PROBE_WRITE, PROBE_READ, ...lasting(t, false))],
    ['events', on(t, JOURNAL_OPENED, 'ALTER DEFINER = … EVENT … ENABLE', ...t.dialect.setLasting('event_scheduler', 'ON').statements)],
    ['follow', on(s, ...s.dialect.setLasting('event_scheduler', 'OFF').statements, changeSource(deps, s, t), s.dialect.startReplica(), shown(s.dialect.waitForGtids(SET, 1).statement))],
    ['reset', on(t, t.dialect.resetReplica({ all: true }))],
    ['siblings', siblings(deps, versions, t, fates)],
  ]);
}

/** The SQL of an emergency promotion, step by step. */
export function emergencySql(deps: PromotionDeps, versions: Versions, sourceId: string | null, standbyId: string, fates: Fates): StepSql {
  const t = serverOf(deps, versions, standbyId);
  const s = sourceId === null ? null : serverOf(deps, versions, sourceId);
  if (t === null) return new Map();
  const lasting = t.dialect.features.hasSetPersist ? t.dialect.setReadOnly(false, true).statements : [];
  return new Map<string, readonly PlannedSql[]>([
    ['stop-receiver', on(t, t.dialect.stopReplica({ threads: 'receiver' }))],
    ['fence-source', s === null ? [] : on(s, s.dialect.setLockWaitTimeout(FENCE_LIMIT_SECONDS), ...s.dialect.setReadOnly(true, true).statements, 'KILL CONNECTION …')],
    ['drain', on(t, t.dialect.showReplicaStatus(), EXECUTED)],
    ['stop', on(t, t.dialect.stopReplica(), EXECUTED)],
    ['open', on(t, t.dialect.setGlobal('read_only', false), PROBE_WRITE, PROBE_READ, ...lasting)],
    ['record', on(t, ...ownSchemaSql, JOURNAL_BEGIN, JOURNAL_OPENED)],
    ['reset', on(t, t.dialect.resetReplica({ all: true }))],
    ['siblings', siblings(deps, versions, t, fates)],
    ['events', on(t, REPLICA_SIDE_DISABLED, 'ALTER DEFINER = … EVENT … ENABLE')],
    ['verify-fence', s === null ? [] : on(s, `SELECT @@GLOBAL.${s.dialect.features.hasSuperReadOnly ? 'super_read_only' : 'read_only'}`)],
  ]);
}
