import type { AuditLog } from '../../storage/types';
import { audited } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import type { Session, Statement } from '../../mysql/types';
import type { SyncSpec } from '../../../shared/domain/sync/sync';
import { failure } from '../../../shared/errors/codes';
import { formatVersion } from '../../../shared/domain/fleet/version';
import { linkStatus } from '../../replication/status';
import { changeFilters } from '../../replication/filters';
import { resetLinks } from '../../replication/reset';
import type { StandingLinks } from '../../replication/standing';

/**
 * What puts the filters of a scope in force again before a link starts. Before 5.7.3 they are lines of the option file,
 * and compared at every poll.
 */
export function scopeStatements({ dialect }: Session, { scope }: SyncSpec): readonly Statement[] {
  if (scope.kind === 'instance' || !dialect.features.hasFilterStatement) return [];
  return [dialect.stopReplica({ threads: 'applier' }), ...changeFilters(dialect, scope)];
}

/** What a user orders of a link that stands; each statement is in the audit log. */
export class Replication {
  constructor(
    private readonly fleet: FleetServers,
    private readonly audit: AuditLog,
    private readonly standing: Pick<StandingLinks, 'release' | 'forget'>,
  ) {}

  private async orders(spec: SyncSpec, action: string, use: (session: Session, run: (statement: Statement) => Promise<void>) => Promise<void>): Promise<void> {
    const { name } = this.fleet.instance(spec.standbyId);
    await audited(this.audit, action, name, { task: spec.name }, (note) => this.fleet.withSession(spec.standbyId, async (session) => {
      const ran: string[] = [];
      if ((await linkStatus(session)) === null) throw failure('not-a-standby', { name }, { server: name });
      await use(session, async (statement) => {
        await session.run(statement);
        ran.push(statement.redacted);
        note({ sql: ran.join('; ') });
      });
    }));
    await this.fleet.refresh(spec.standbyId);
  }

  async stop(spec: SyncSpec): Promise<void> {
    await this.orders(spec, 'sync.pause', async (session, run) => run(session.dialect.stopReplica()));
  }

  /** Starts both threads; on a partial scope the filters are set first, as a restart of the standby has lost them. */
  async start(spec: SyncSpec): Promise<void> {
    await this.orders(spec, 'sync.resume', async (session, run) => {
      for (const statement of scopeStatements(session, spec)) await run(statement);
      await run(session.dialect.startReplica());
      // The filters of a part are gone with a restart: its start stays off.
      if (spec.scope.kind === 'partial') this.standing.forget(spec.standbyId);
      else await this.standing.release(session, spec.standbyId, run);
    });
  }

  /**
   * Sets the filters of the scope again and starts both threads, or, with `start` false, leaves them as they are.
   *
   * @throws Failure `filters-at-start-only` where the server takes filters from its option file only
   */
  async reapply(spec: SyncSpec, start: boolean, byItself: boolean): Promise<void> {
    await this.orders(spec, byItself ? 'sync.restore-filters' : 'sync.reapply-filters', async (session, run) => {
      const { name } = this.fleet.instance(spec.standbyId);
      if (!session.dialect.features.hasFilterStatement) throw failure(
        'filters-at-start-only',
        { name, version: formatVersion(session.version) },
        { server: name },
      );
      for (const statement of scopeStatements(session, spec)) await run(statement);
      if (start) await run(session.dialect.startReplica());
    });
  }

  /** Takes the link off the standby, which stays read-only: opening it to writes is another decision. */
  async dissolve(spec: SyncSpec): Promise<void> {
    await this.orders(spec, 'sync.dissolve', async (session, run) => {
      await resetLinks(session, spec.scope, run);
      // With a part, what keeps a start off went with its filters. Else the next link of this server would not come back after a restart.
      if (spec.scope.kind === 'partial') this.standing.forget(spec.standbyId);
      else await this.standing.release(session, spec.standbyId, run);
    });
  }
}
