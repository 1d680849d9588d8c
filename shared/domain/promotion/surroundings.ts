import { message, type Message } from '../../i18n/message';
import type { NoticedSettings } from '../fleet/facts';
import { groupName } from '../operations/parameters/noticed';
import type { GtidSet } from '../gtid/set';
import type { Precondition } from '../tasks/plan';
import type { FailoverLists } from './failover';
import { wantedThreads, type ThreadsReading } from './other-replica';
import type { PromotionKind } from './promotion';
import { lacksAnsweringSide, lacksWaitingSide, noSemiSync, waitsForNobody, wantedReplicas, type SemiSync, type WaitingSide } from './semi-sync';

/** What changes the meaning of a switch and belongs to one of the two servers. */
export interface ServerSurroundings {
  readonly name: string;
  readonly semiSync: SemiSync;
  readonly failover: FailoverLists;
  /** Members of the replication group that it is in, as `host:port state`; none: it is in none. */
  readonly group: readonly string[];
  /** Prepared XA transactions; null: they may not be listed. */
  readonly preparedXa: readonly string[] | null;
  readonly settings: NoticedSettings;
}

/** The same of another replica. */
export interface ReplicaSurroundings {
  readonly id: string;
  readonly name: string;
  readonly failover: FailoverLists;
  readonly executed: GtidSet;
  readonly threads: ThreadsReading;
  readonly delaySeconds: number;
  /** Whether its link is encrypted. */
  readonly tls: boolean;
}

export interface SurroundingsReading {
  readonly kind: PromotionKind;
  /** null: it was not read; in an emergency nothing waits for it. */
  readonly source: ServerSurroundings | null;
  readonly standby: ServerSurroundings;
  /** The old primary as it is or was last seen; null: never. `clients`: Threads_connected, null where it did not tell. */
  readonly seen: { readonly name: string; readonly settings: NoticedSettings; readonly clients: number | null } | null;
  /** gtid_purged of the standby. */
  readonly standbyPurged: GtidSet;
  /** Replicas that are to follow the new primary. */
  readonly replicas: readonly ReplicaSurroundings[];
  /** Names of those that did not answer in time: nothing is known of them now. */
  readonly unread: readonly string[];
  /** Of the source's own uuid, on the standby and not shown by the source; and how many sessions wait there for an acknowledgement. */
  readonly unshown: GtidSet;
  /** How long a commit may wait for nobody, milliseconds. */
  readonly longestWaitMs: number;
}

type Id = 'semi-sync' | 'clients' | 'failover-lists' | 'group' | 'other-replicas' | 'standby-xa' | 'source-complete';

const none: Message = message('promotion.measured.none');
const value = (text: string): Message => message('promotion.measured.value', { value: text });

function precondition(
  id: Id, sql: string, status: Precondition['status'], measured: Message, params?: Readonly<Record<string, string | number>>,
): Precondition {
  return {
    id, title: message(`promotion.precondition.${id}.title`), status, measured,
    remedy: status === 'pass' ? null : message(`promotion.precondition.${id}.remedy`, params), sql,
  };
}

/** What around the pair would change what the switch means: named before it is done, each with what becomes of it. */
export function surroundingPreconditions(reading: SurroundingsReading): Precondition[] {
  return [
    ...(reading.kind === 'planned' ? [sourceComplete(reading)] : []),
    semiSync(reading), failoverLists(reading), group(reading), otherReplicas(reading), standbyXa(reading), clients(reading),
  ];
}

/** Transactions that the source made and does not show: they wait for an acknowledgement, or are lost there. */
function sourceComplete({ unshown, source, standby }: SurroundingsReading): Precondition {
  const waiting = source?.semiSync.source?.waiting ?? 0;
  return precondition('source-complete', 'SELECT GTID_SUBTRACT(…)', unshown.isEmpty() ? 'pass' : waiting > 0 ? 'warn' : 'fail',
    unshown.isEmpty() ? none : message('promotion.measured.unshown', { count: Number(unshown.count()), set: unshown.shorten(), waiting }),
    { source: source?.name ?? '', standby: standby.name });
}

const isOn = (value: string | undefined): boolean => ['ON', '1'].includes(value?.toUpperCase() ?? '');

function semiSync({ kind, source, standby, seen, longestWaitMs }: SurroundingsReading): Precondition {
  const sides = source?.semiSync ?? noSemiSync;
  const hangs = kind === 'planned' && waitsForNobody(sides.source, longestWaitMs);
  const lacking = kind === 'planned' && (lacksWaitingSide(sides, standby.semiSync) || lacksAnsweringSide(sides, standby.semiSync));
  // Of a dead one only what it was last seen with: its commits waited, and those of the new primary would not.
  const waited = source !== null ? [] : ['source', 'master'].filter((word) => isOn(seen?.settings[`rpl_semi_sync_${word}_enabled`]));
  const lost = waited.length > 0 && standby.semiSync.source?.enabled !== true;
  const parts = [
    ...waited.map((word) => `${seen?.name ?? ''}: ${word} ON`),
    ...(source === null ? [] : [`${source.name}: ${sideText(sides)}`]),
    `${standby.name}: ${sideText(standby.semiSync)}`,
  ];
  const status = hangs ? 'fail' : lacking || lost ? 'warn' : 'pass';
  return precondition('semi-sync', "SHOW GLOBAL VARIABLES LIKE 'rpl\\_semi\\_sync\\_%'", status, value(parts.join(' · ')), {
    source: source?.name ?? seen?.name ?? '', standby: standby.name, reason: hangs ? 'hangs' : lost ? 'lost' : 'lacking',
  });
}

function sideText({ source, replica }: SemiSync): string {
  const waits = source === null ? [] : [`${source.word} ${source.enabled ? waitText(source) : 'OFF'}`];
  const answers = replica === null ? [] : [`${replica.word} ${replica.enabled ? 'ON' : 'OFF'}`];
  return [...waits, ...answers].join(', ') || '—';
}

function waitText(side: WaitingSide): string {
  const answers = `${String(side.clients)}/${String(wantedReplicas(side))}`;
  const parts = [answers, `${String(side.timeoutMs)} ms`, ...(side.waitPoint === null ? [] : [side.waitPoint])];
  return `ON (${parts.join(', ')})`;
}

function failoverLists({ standby, replicas }: SurroundingsReading): Precondition {
  const lists = [standby, ...replicas].filter(({ failover }) => failover.switched.length > 0);
  const text = lists.map(({ name, failover }) => `${name} → ${failover.sources.map(({ host, port }) => `${host}:${String(port)}`).join(', ')}`).join('; ');
  return precondition(
    'failover-lists', 'SELECT … FROM performance_schema.replication_asynchronous_connection_failover', lists.length === 0 ? 'pass' : 'warn',
    lists.length === 0 ? none : value(text),
  );
}

/** In a group the role of a member is the group's to give. */
function group({ source, standby, seen }: SurroundingsReading): Precondition {
  const sql = 'SELECT … FROM performance_schema.replication_group_members';
  const members = [...(source === null ? [] : [source]), standby].filter((one) => one.group.length > 0);
  const names = members.map(({ name }) => name).join(', ');
  const text = members.map(({ name, group: all }) => `${name}: ${all.join(', ')}`).join('; ');
  if (members.length > 0) return precondition('group', sql, 'fail', value(text), { names });
  // Of a dead one: whether its group lives and has another primary by now only its members know.
  const was = source === null ? (seen?.settings[groupName] ?? '') : '';
  if (was === '') return precondition('group', sql, 'pass', none);
  return {
    ...precondition('group', sql, 'warn', value(`${seen?.name ?? ''}: ${groupName} = ${was}`)),
    remedy: message('promotion.precondition.group.remedy-seen', { name: seen?.name ?? '' }),
  };
}

function otherReplicas({ replicas, standbyPurged }: SurroundingsReading): Precondition {
  const said = replicas.flatMap(({ name, executed, threads, delaySeconds }) => {
    const gap = Number(standbyPurged.subtract(executed).count());
    const { receiver, applier } = wantedThreads(threads);
    const texts = [
      ...(gap > 0 ? [`gtid_purged +${String(gap)}`] : []),
      ...(receiver ? [] : ['receiver stopped']),
      ...(applier ? [] : ['applier stopped']),
      ...(delaySeconds > 0 ? [`SOURCE_DELAY ${String(delaySeconds)} s`] : []),
    ];
    return texts.length === 0 ? [] : [`${name}: ${texts.join(', ')}`];
  });
  return precondition('other-replicas', 'SELECT @@GLOBAL.gtid_purged', said.length === 0 ? 'pass' : 'warn', said.length === 0 ? none : value(said.join('; ')));
}

function standbyXa({ standby }: SurroundingsReading): Precondition {
  const count = standby.preparedXa?.length ?? 0;
  const measured = count === 0 ? none : value((standby.preparedXa ?? []).join(', '));
  return precondition('standby-xa', 'XA RECOVER', count === 0 ? 'pass' : 'warn', measured, { standby: standby.name });
}

/**
 * Whether the new primary lets in whom the old one let in: so many connections, and those without TLS, other replicas among them. A replica
 * that could not connect any more would be cut off by the switch, so a planned one is not made; one that did not answer is to be reviewed.
 * Manual: require_secure_transport, max_connections.
 */
function clients({ kind, seen, standby, replicas, unread }: SurroundingsReading): Precondition {
  const closes = isOn(standby.settings['require_secure_transport']);
  const most = Number(standby.settings['max_connections'] ?? 0);
  const cutOff = closes ? replicas.filter(({ tls }) => !tls) : [];
  const unknown = closes ? unread : [];
  const crowd = seen?.clients != null && most > 0 && seen.clients > most ? seen.clients : null;
  const tells = closes && (!isOn(seen?.settings['require_secure_transport']) || cutOff.length + unknown.length > 0);
  const said = [
    ...(crowd === null ? [] : [`${seen?.name ?? ''}: Threads_connected = ${String(crowd)}`, `${standby.name}: max_connections = ${String(most)}`]),
    ...(tells ? [`${standby.name}: require_secure_transport = ON`] : []),
    ...cutOff.map(({ name }) => `${name}: SSL = No`),
    ...unknown.map((name) => `${name}: SSL = ?`),
  ].join(' · ');
  const sql = 'SHOW GLOBAL VARIABLES';
  if (said !== '') return precondition('clients', sql, kind === 'planned' && cutOff.length > 0 ? 'fail' : 'warn', value(said), { standby: standby.name });
  const isKnown = seen?.clients != null && most > 0;
  return precondition('clients', sql, isKnown ? 'pass' : 'warn', isKnown ? none : message('promotion.measured.settings-never-seen'), { standby: standby.name });
}
