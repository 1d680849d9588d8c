import { message, type Message } from '../../../shared/i18n/message';
import { filtersMatch } from '../../../shared/domain/scope/filters';
import type { ChannelFilters, ReplicaChannel } from '../../../shared/domain/fleet/facts';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { FleetServers } from '../../fleet/types';
import { AuditedRun, recordedAfter } from '../../fleet/audited';
import type { AuditLog } from '../../storage/types';
import { createGapFiller } from './gap-filler';
import { passOutsideStatement } from '../../replication/outside-statements';
import type { Another } from '../../replication/read-only';
import { readTransaction } from '../../mysql/binlog/transaction';
import type { GuardedLink } from './types';

/** Tells people; the engine makes an event of it. */
export type Alert = (severity: 'critical' | 'warning' | 'info', instanceId: string, text: Message) => void;

/** What a server records of a failure may come a moment after it says that it stopped: so often one place is looked at. */
const mostLooks = 3;

/** Sets the filters of a link again; starts it where `start`. */
export type Restore = (link: GuardedLink, start: boolean) => Promise<void>;

/**
 * Partial scope survives a restart of the standby: MySQL forgets filters that were set at run time, and would then apply
 * everything. Called with every view of a standby; where its filters are not those of the scope the applier is stopped
 * at once, and somebody is told. It is started again, with its filters, on the user's word, or by itself where the user
 * has set so and the filters are gone altogether: others in their place may have kept changes away that are missing now.
 */
export class FilterGuard {
  /** Standbys whose drift was dealt with; forgotten when the filters are right again. */
  readonly #known = new Set<string>();
  readonly #busy = new Set<string>();
  /** Where appliers of standbys stood when nothing was found to pass over, and how often it was looked for there. */
  readonly #seen = new Map<string, { readonly place: string; readonly looks: number }>();
  readonly #fillGaps: ReturnType<typeof createGapFiller>;

  constructor(
    private readonly fleet: FleetServers,
    private readonly audit: AuditLog,
    private readonly alert: Alert,
    private readonly restore: Restore,
  ) {
    this.#fillGaps = createGapFiller(fleet, audit);
  }

  /** Sets right what a view of the standby shows; null: nothing is tried at this one, or the last attempt still lasts. */
  look(link: GuardedLink, view: InstanceView): Promise<void> | null {
    const { standbyId } = link;
    if (this.#busy.has(standbyId)) return null;
    const due = this.#due(link, view);
    if (due === null) return null;
    this.#busy.add(standbyId);
    return due().finally(() => this.#busy.delete(standbyId));
  }

  #due(link: GuardedLink, view: InstanceView): (() => Promise<void>) | null {
    const { standbyId, scope, changingTo, restores } = link;
    const channel = view.facts?.channels[0];
    if (view.health.state !== 'reachable' || channel === undefined) return null;
    // Of a whole instance nothing is filtered; what was left out is not there all the same.
    if (scope.kind === 'instance') {
      if (channel.applier === 'running') return () => this.#fillGaps(link, view);
      return link.leftOut.list().length + link.leftOut.due().length === 0 ? null : this.#passing(link, stopOf(view, channel));
    }
    if (fits(link, channel.filters)) {
      this.#known.delete(standbyId);
      if (changingTo !== null) return null;
      return stopOf(view, channel) === null ? () => this.#fillGaps(link, view) : this.#passing(link, stopOf(view, channel));
    }
    const isDealtWith = this.#known.has(standbyId) && channel.applier !== 'running' && !(restores && areGone(channel.filters));
    return isDealtWith ? null : () => this.#meetDrift(link);
  }

  /** A place at which nothing was to be passed over is not looked at over and over, for as long as no more is known of what is left out. */
  #passing(link: GuardedLink, stop: string | null): (() => Promise<void>) | null {
    if (link.held || stop === null) return null;
    const place = JSON.stringify([stop, link.leftOut.list(), link.leftOut.due()]);
    const looks = this.#looksAt(link.standbyId, place);
    return looks >= mostLooks ? null : () => this.#passOver(link, place);
  }

  #looksAt(standbyId: string, place: string): number {
    const seen = this.#seen.get(standbyId);
    return seen?.place === place ? seen.looks : 0;
  }

  /** A statement of which nothing, or a part only, is in scope stops the applier; it is passed over, once for each reading. */
  async #passOver({ standbyId, sourceId, name, scope, leftOut }: GuardedLink, place: string): Promise<void> {
    await this.fleet.withSession(standbyId, async (session) => {
      const ran: string[] = [];
      const another: Another = (use) => this.fleet.withSession(standbyId, use);
      const link = { scope, leftOut, another, logged: (gtid: string) => readTransaction(() => this.fleet.connect(sourceId), gtid) };
      const record = new AuditedRun(this.audit, 'sync.pass-outside', this.fleet.instance(standbyId).name);
      const passed = await passOutsideStatement(session, link, async (statement) => {
        record.before({ task: name });
        await session.run(statement);
        ran.push(statement.redacted);
      });
      if (passed === null) {
        this.#seen.set(standbyId, { place, looks: this.#looksAt(standbyId, place) + 1 });
        return;
      }
      record.done({ task: name, ...passed, sql: ran.join('; ') });
    });
  }

  async #meetDrift(link: GuardedLink): Promise<void> {
    const { standbyId, name: task, changingTo } = link;
    // The view may be of a moment before the filters were set: what counts is the server now.
    const channel = (await this.fleet.readFacts(standbyId)).channels[0];
    if (channel === undefined || fits(link, channel.filters)) return;
    const runs = channel.applier === 'running';
    if (changingTo !== null && !runs) return;
    const isNew = !this.#known.has(standbyId);
    const standby = this.fleet.instance(standbyId).name;
    if (runs) await this.#stopApplier(link, standby);
    if (link.restores && changingTo === null && areGone(channel.filters)) {
      await this.restore(link, !link.held);
      this.#known.delete(standbyId);
      this.alert('warning', standbyId, message('sync.alert.filtersRestored', { standby, task }));
      return;
    }
    this.#known.add(standbyId);
    if (isNew || runs) this.alert('critical', standbyId, message(runs ? 'sync.alert.driftStopped' : 'sync.alert.driftIdle', { standby, task }));
  }

  async #stopApplier({ standbyId, name }: GuardedLink, standby: string): Promise<void> {
    await this.fleet.withSession(standbyId, async (session) => {
      const statement = session.dialect.stopReplica({ threads: 'applier' });
      await session.run(statement);
      recordedAfter(this.audit, 'sync.filter-drift', standby, { task: name, sql: statement.redacted });
    });
  }
}

/** Where an applier stopped with an error, to know the same stop again; null: it did not. */
function stopOf({ facts }: InstanceView, { applierError: error, relaySourceLogFile, execSourceLogPosition }: ReplicaChannel): string | null {
  return error === null ? null : JSON.stringify([error.errno, error.at, relaySourceLogFile, execSourceLogPosition, facts?.gtid?.executed]);
}

function fits({ scope, changingTo }: GuardedLink, filters: ChannelFilters): boolean {
  return filtersMatch(scope, filters) || (changingTo !== null && filtersMatch(changingTo, filters));
}

function areGone(filters: ChannelFilters): boolean {
  return Object.values(filters).every((rules: readonly string[]) => rules.length === 0);
}
