import { message, type Message } from '../../../shared/i18n/message';
import { filtersMatch } from '../../../shared/domain/scope/filters';
import type { ChannelFilters } from '../../../shared/domain/fleet/facts';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { Fleet } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import { createGapFiller } from './gap-filler';
import { isPassable, passOutsideStatement } from '../../replication/outside-statements';
import { linkStatus } from '../../replication/status';

/** Tells people; the engine makes an event of it. */
export type Alert = (severity: 'critical' | 'warning' | 'info', instanceId: string, text: Message) => void;

/** A link of a partial scope that is watched. */
export interface GuardedLink {
  readonly standbyId: string;
  readonly name: string;
  readonly scope: Scope;
  /** While its scope is being changed the filters of either are right, and the run sees to the rest. */
  readonly changingTo: Scope | null;
  /** Filters that are gone are set again at once, as the user wants it of this task. */
  readonly restores: boolean;
  /** The user stopped its replication: filters come back, the threads do not. */
  readonly held: boolean;
}

/** Sets the filters of a link again; starts it where `start`. */
export type Restore = (link: GuardedLink, start: boolean) => Promise<void>;

/**
 * Partial scope survives a restart of the standby: MySQL forgets filters that were set at run time, and would then apply
 * everything. Called with every view of a standby; where its filters are not those of the scope the applier is stopped
 * at once, and somebody is told. It is started again, with its filters, on the user's word, or by itself where the user
 * has set so and the filters are gone altogether: others in their place may have kept changes away that are missing now.
 */
export function createDriftGuard(fleet: Fleet, audit: AuditLog, alert: Alert, restore: Restore): (link: GuardedLink, view: InstanceView) => Promise<void> {
  /** Standbys whose drift was dealt with; forgotten when the filters are right again. */
  const known = new Set<string>();
  const busy = new Set<string>();
  const fillGaps = createGapFiller(fleet, audit);

  /** A statement of which nothing, or a part only, is in scope stops the applier; it is passed over, once for each reading. */
  const passOver = async ({ standbyId, name, scope }: GuardedLink): Promise<void> => {
    await fleet.withSession(standbyId, async (session) => {
      const ran: string[] = [];
      const status = await linkStatus(session);
      const passed = await passOutsideStatement(session, scope, status?.applierError ?? '', async (statement) => {
        await session.run(statement);
        ran.push(statement.redacted);
      });
      if (passed !== null) audit.append({ action: 'sync.pass-outside', target: fleet.instance(standbyId).name, outcome: 'done', detail: { task: name, ...passed, sql: ran.join('; ') } });
    });
  };

  const fits = ({ scope, changingTo }: GuardedLink, filters: ChannelFilters): boolean =>
    filtersMatch(scope, filters) || (changingTo !== null && filtersMatch(changingTo, filters));

  const act = async (link: GuardedLink): Promise<void> => {
    const { standbyId, name, changingTo } = link;
    // The view may be of a moment before the filters were set: what counts is the server now.
    const channel = (await fleet.readFacts(standbyId)).channels[0];
    if (channel === undefined || fits(link, channel.filters)) return;
    const runs = channel.applier === 'running';
    if (changingTo !== null && !runs) return;
    const first = !known.has(standbyId);
    const instance = fleet.instance(standbyId).name;
    if (runs) {
      await fleet.withSession(standbyId, async (session) => {
        const statement = session.dialect.stopReplica({ threads: 'applier' });
        await session.run(statement);
        audit.append({ action: 'sync.filter-drift', target: instance, outcome: 'done', detail: { task: name, sql: statement.redacted } });
      });
    }
    if (link.restores && changingTo === null && areGone(channel.filters)) {
      await restore(link, !link.held);
      known.delete(standbyId);
      alert('warning', standbyId, message('sync.alert.filtersRestored', { standby: instance, task: name }));
      return;
    }
    known.add(standbyId);
    if (first || runs) alert('critical', standbyId, message(runs ? 'sync.alert.driftStopped' : 'sync.alert.driftIdle', { standby: instance, task: name }));
  };

  return async (link, view) => {
    const { standbyId, scope } = link;
    const channel = view.facts?.channels[0];
    if (scope.kind === 'instance' || view.health.state !== 'reachable' || channel === undefined || busy.has(standbyId)) return;
    if (fits(link, channel.filters)) {
      known.delete(standbyId);
      if (link.changingTo !== null) return;
      const stands = channel.applierError !== null && isPassable(channel.applierError.text, scope);
      busy.add(standbyId);
      try {
        if (stands) await passOver(link);
        else await fillGaps(link, view);
      } finally {
        busy.delete(standbyId);
      }
      return;
    }
    if (known.has(standbyId) && channel.applier !== 'running' && !(link.restores && areGone(channel.filters))) return;
    busy.add(standbyId);
    try {
      await act(link);
    } finally {
      busy.delete(standbyId);
    }
  };
}

function areGone(filters: ChannelFilters): boolean {
  return Object.values(filters).every((rules: readonly string[]) => rules.length === 0);
}
