import { borderStatement, mayBeAtBorder, triggerInTheWay, type BorderStatement, type StoppedAt } from '../../../shared/domain/scope/border';
import type { DecodedTransaction } from '../../../shared/domain/binlog/transaction';
import { isSameObject, mentioned, type LeftOut } from '../../../shared/domain/scope/left-out';
import { isInScope } from '../../../shared/domain/scope/filters';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { TableName } from '../../../shared/domain/scope/protection';
import type { SyncSpec } from '../../../shared/domain/sync/sync';
import type { FleetServers } from '../../fleet/types';
import { failedTransaction } from '../../replication/failed-transaction';
import { loggedLink } from '../../replication/link-context';
import { isAbsent, loggedOrNull } from '../../replication/outside-statements';
import { linkStatus } from '../../replication/status';
import type { Session } from '../../mysql/types';

/**
 * What of the transaction at which the applier of a standby stopped is in scope, where it stopped because something is not there
 * (what a change of scope would have to leave out to go on), and what of it the first copy left out. Which transaction says the
 * standby's record of the failure, what it does the source's binary log. null: nothing of that kind.
 */
export async function borderOf(fleet: FleetServers, spec: SyncSpec, leftOut: readonly LeftOut[], signal?: AbortSignal): Promise<StoppedAt | null> {
  if (spec.scope.kind === 'instance' && leftOut.length === 0) return null;
  return fleet.withSession(spec.standbyId, async (session) => {
    const status = await linkStatus(session);
    const failed = status === null || status.applierRuns ? null : await failedTransaction(session, status);
    if (failed === null || !('gtid' in failed)) return null;
    const transaction = await loggedOrNull(loggedLink({ fleet, spec }, signal).logged, failed.gtid);
    if (transaction === null) return null;
    const border = mayBeAtBorder(failed.errno) ? await overBorder(session, transaction, failed.errno, spec.scope) : null;
    const speaksOf = spokenOf(transaction, leftOut);
    return border === null && speaksOf.length === 0 ? null : { gtid: failed.gtid, inside: [], outside: [], inTheWay: false, ...border, leftOut: speaksOf };
  }, signal === undefined ? {} : { signal });
}

async function overBorder(session: Session, transaction: DecodedTransaction, errno: number, scope: Scope): Promise<BorderStatement | null> {
  if (scope.kind === 'instance') return null;
  const [statement] = transaction.changes.length === 0 ? transaction.statements : [];
  const made = statement === undefined ? null : triggerInTheWay(statement, errno, scope);
  if (made !== null) {
    const [on] = await session.query<TableName>(
      'SELECT EVENT_OBJECT_SCHEMA AS `database`, EVENT_OBJECT_TABLE AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND TRIGGER_NAME = ?',
      [made.trigger.database, made.trigger.name],
    );
    if (on === undefined || isInScope(scope, on.database, on.name)) return null;
    return { inside: [made.table], outside: [{ database: on.database, name: on.name }], inTheWay: true };
  }
  const tables = transaction.tables.map(({ database, table }) => ({ database, name: table }));
  const subject = statement === undefined ? { tables } : { statement };
  const missing: TableName[] = [];
  for (const table of statement === undefined ? tables : (borderStatement(subject, errno, scope, () => false)?.outside ?? [])) {
    if (await isAbsent(session, table)) missing.push(table);
  }
  return borderStatement(subject, errno, scope, (table) => missing.some(({ database, name }) => database === table.database && name === table.name));
}

function spokenOf({ statements, tables }: DecodedTransaction, leftOut: readonly LeftOut[]): readonly LeftOut[] {
  const rows = tables.map(({ database, table }) => ({ kind: 'TABLE', database, name: table }) as const);
  return leftOut.filter((one) => rows.some((row) => isSameObject(row, one)) || statements.some((statement) => mentioned(statement, [one]).length > 0));
}
