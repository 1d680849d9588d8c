import { executedOf, receivedOf } from '../../../shared/domain/analysis/input';
import { hasReadAllRelayLog, type BinlogPosition, type InstanceFacts, type ReplicaChannel } from '../../../shared/domain/fleet/facts';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { GtidSet, gtidSetOf } from '../../../shared/domain/gtid/set';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import type { FleetServers } from '../../fleet/types';
import { asked, fillFilterGaps } from '../../replication/filter-gaps';
import { loggedOrNull } from '../../replication/outside-statements';
import { readTransaction } from '../../mysql/binlog/transaction';
import { AuditedRun } from '../../fleet/audited';
import type { AuditLog } from '../../storage/types';
import { featuresOf } from '../../mysql/dialect/features';
import type { Statement } from '../../mysql/types';
import type { GuardedLink } from './types';

/** What is remembered of a standby between two looks. */
interface Looked {
  /** Gaps of which the source's binary log says that they are none of ours, or nothing any more. */
  readonly unexplained: GtidSet;
  /** Up to here in the source's binary log there are no others. */
  readonly upTo: BinlogPosition | null;
  /** What was not executed at the last look. */
  readonly waiting: GtidSet;
  /** Gaps where the applier had not been, and where it was then: they are looked at again once it is elsewhere. */
  readonly ahead: GtidSet;
  readonly at: string;
}

/**
 * Keeps gtid_executed of standbys from before 8.0 whole, so that lag, catch-up and comparison go by sets there as
 * everywhere: called with every view, it fills what statements left open that were filtered or failed (see `fillFilterGaps`).
 */
export function createGapFiller(fleet: FleetServers, audit: AuditLog): (link: GuardedLink, view: InstanceView) => Promise<void> {
  const looked = new Map<string, Looked>();
  return async ({ standbyId, scope, name }, view) => {
    const channel = view.facts?.channels[0];
    if (view.facts === null || channel === undefined || view.sourceId === null) return;
    const { version, versionComment } = view.facts.server;
    if (featuresOf(parseServerVersion(version, versionComment)).keepsFilteredGtids) return;
    const before = looked.get(standbyId) ?? { unexplained: GtidSet.empty, upTo: null, waiting: GtidSet.empty, ahead: GtidSet.empty, at: '' };
    const { upTo } = before;
    const at = JSON.stringify(positionOf(channel));
    const waiting = gapsOf(view.facts, channel);
    const unexplained = before.unexplained.intersect(waiting);
    const stillAhead = at === before.at ? before.ahead.intersect(waiting) : GtidSet.empty;
    // Parallel workers leave gaps for moments; of a whole instance hardly any is another one, and its source is not asked about each.
    const gaps = (scope.kind === 'instance' ? waiting.intersect(before.waiting) : waiting).subtract(unexplained).subtract(stillAhead);
    const remember = (known: GtidSet, ahead: GtidSet): void => {
      looked.set(standbyId, { unexplained: known, waiting, ahead, at, upTo: waiting.isSubsetOf(known) ? (positionOf(channel) ?? upTo) : upTo });
    };
    if (gaps.isEmpty()) {
      remember(unexplained, stillAhead);
      return;
    }
    const { sourceId } = view;
    const ran: string[] = [];
    const record = new AuditedRun(audit, 'sync.fill-gaps', view.instance.name);
    const { filled, ahead } = await fleet.withSession(standbyId, async (session) => {
      const replica = {
        dialect: session.dialect,
        ask: async (statement: Statement) => {
          record.before({ task: name });
          await session.run(statement);
          ran.push(statement.redacted);
          return [];
        },
      };
      const logged = (gtid: string) => loggedOrNull((one) => readTransaction(() => fleet.connect(sourceId), one), gtid);
      return fleet.withSession(sourceId, (source) =>
        fillFilterGaps(asked(source), replica, { scope, missing: gaps, from: upTo, passed: positionOf(channel), logged }));
    });
    // What was filled is executed from now on, and no gap of the next look.
    remember(unexplained.union(gaps.subtract(ahead)), stillAhead.union(ahead));
    if (filled.isEmpty()) return;
    record.done({ task: name, gtids: filled.shorten(), sql: ran.slice(0, 20).join('; ') });
    await fleet.refresh(standbyId);
  };
}

/**
 * What was received and not executed although the applier is past it: it has executed later ones of the same server, or has
 * read everything.
 */
function gapsOf(facts: InstanceFacts, channel: ReplicaChannel): GtidSet {
  const [received, executed] = [receivedOf(channel), executedOf(facts)];
  if (received === null || executed === null || channel.applier !== 'running') return GtidSet.empty;
  const waiting = received.subtract(executed);
  if (waiting.isEmpty() || hasReadAllRelayLog(channel)) return waiting;
  const passed = executed.byUuid().reduce((set, { uuid, tag, intervals }) => set.union(gtidSetOf(uuid, 1n, intervals.at(-1)?.[1] ?? 1n, tag)), GtidSet.empty);
  return waiting.intersect(passed);
}

function positionOf({ relaySourceLogFile: file, execSourceLogPosition: position }: ReplicaChannel): BinlogPosition | null {
  return file === null || position === null ? null : { file, position };
}
