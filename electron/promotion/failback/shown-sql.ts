import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { unverified } from '../../../shared/domain/fleet/link-protection';
import type { FailbackStage, RejoinWay } from '../../../shared/domain/promotion/failback/failback';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { PlannedSql } from '../../../shared/domain/tasks/plan';
import type { FleetServers } from '../../fleet/types';
import { dialectFor, type Dialect } from '../../mysql/dialect/dialect';
import { automaticGtid } from '../../mysql/empty-transaction';
import type { Statement } from '../../mysql/types';
import { narrowing } from '../../replication/filters';
import { EXECUTED } from '../../replication/gtid';
import { newLink, settingsFor } from '../../replication/link-settings';
import { madePrefix } from '../../replication/login';
import { resetting } from '../../replication/reset';
import { fenceStatementsOf, persistedFence } from '../steps/fence';
import { quietingOf } from './secure';
import { undoSession } from './undo';

/** Whose statements are shown. */
export interface ShownPair {
  readonly oldId: string;
  readonly successorId: string;
  readonly scope: Scope;
}

/** The statements of what comes next, as far as they are known before it; none where another procedure shows its own. */
export function shownSql(fleet: FleetServers, pair: ShownPair, stage: FailbackStage, way: RejoinWay | null): readonly PlannedSql[] {
  const dialect = dialectOf(fleet, pair.oldId);
  if (dialect === null) return [];
  const old = on(fleet.instance(pair.oldId).name);
  if (stage === 'secure') return old(securing(dialect, linksOf(fleet, pair.oldId)));
  if (stage !== 'rejoin' || (way !== 'follow' && way !== 'undo')) return [];
  const successor = fleet.instance(pair.successorId);
  const settings = settingsFor(successor, newLink(unverified(true)), { user: `${madePrefix}…`, password: '' });
  return [
    ...old([EXECUTED]), ...on(successor.name)([EXECUTED]), ...(way === 'undo' ? old(undoing(dialect)) : []),
    ...old([
      ...resetting(
        dialect,
        { linked: linksOf(fleet, pair.oldId).length > 0, partial: pair.scope.kind === 'partial' },
      ), ...narrowing(dialect, pair.scope).statements,
      dialect.changeReplicationSource(settings), dialect.startReplica(),
    ]),
  ];
}

function securing(dialect: Dialect, channels: readonly string[]): ReadonlyArray<string | Statement> {
  return [
    ...fenceStatementsOf(dialect), ...persistedFence(dialect), ...channels.map((channel) => dialect.stopReplica({ channel })),
    ...quietingOf(dialect).flatMap(({ statements }) => statements),
  ];
}

/** What undoes; the statements on rows, and the sets, are those that the log and both servers give then. */
function undoing(dialect: Dialect): ReadonlyArray<string | Statement> {
  const isSuper = dialect.features.hasSuperReadOnly;
  return [
    ...undoSession('…'), ...(isSuper ? [dialect.setGlobal('super_read_only', false)] : []), "SET SESSION gtid_next = '…:1'", 'START TRANSACTION',
    'DELETE FROM … WHERE … | INSERT INTO … VALUES (…) | UPDATE … SET … WHERE …', 'COMMIT', automaticGtid,
    ...(isSuper ? [dialect.setGlobal('super_read_only', true)] : []), dialect.resetBinaryLogsAndGtids(), "SET GLOBAL gtid_purged = '…'",
  ];
}

function dialectOf(fleet: FleetServers, id: string): Dialect | null {
  const facts = fleet.view(id).facts;
  return facts === null ? null : dialectFor(parseServerVersion(facts.server.version, facts.server.versionComment));
}

const linksOf = (fleet: FleetServers, id: string): readonly string[] => fleet.view(id).facts?.channels.map(({ name }) => name) ?? [];

const on = (server: string) => (statements: ReadonlyArray<string | Statement>): PlannedSql[] =>
  statements.map((statement) => ({ server, sql: typeof statement === 'string' ? statement : statement.redacted }));
