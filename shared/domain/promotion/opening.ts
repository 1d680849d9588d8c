import { curableVariables, type CurableVariable, type Cure } from './cure';
import type { Blocker } from './promotion';

/** What the bounded trial came to: it got past every lock, it waited behind one, a write was refused, or it could not be made. */
export type TrialOutcome =
  | { readonly kind: 'passed' | 'waited' | 'not-tried' }
  | { readonly kind: 'refused'; readonly text: string };

/** Limits of an account (manual: "Setting Account Resource Limits"). What of them is used up no server tells. */
export interface Quotas {
  readonly queriesPerHour: number;
  readonly updatesPerHour: number;
  readonly connectionsPerHour: number;
  readonly connectionsAtOnce: number;
}

/** What was read of a standby that is to be opened. */
export interface OpeningReading {
  readonly instanceId: string;
  /** Global variables by their name in lower case, as far as the server has them. */
  readonly variables: ReadonlyMap<string, string>;
  /** Those of them that SET PERSIST keeps for the next start. */
  readonly persisted: ReadonlyMap<string, string>;
  /** Connections that are open now; null: not read. */
  readonly connected: number | null;
  /** Connections that the operation still opens there. */
  readonly needed: number;
  /** What the administrator's account may do there, 0: without a limit; null: not to be read. */
  readonly quotas: Quotas | null;
  /** Client connections of the old primary, which come here next; null: not read. */
  readonly clients: number | null;
  /** Locks that sessions hold beyond a statement. */
  readonly locks: readonly Blocker[];
  /** Sessions whose commits stand still: the disk of the binary log is full, or does not answer. */
  readonly commitStalls: readonly Blocker[];
  readonly trial: TrialOutcome;
  /** Idle sessions: where the server does not tell who holds a lock, it is one of them. */
  readonly idle: readonly Blocker[];
}

/** Something that would keep the standby from taking writes once it is not read-only any more. */
export interface Obstacle {
  readonly kind: 'setting' | 'lock' | 'connections' | 'disk' | 'write';
  /** It would make the opening fail; what is false here is told, and hinders clients or the next start. */
  readonly bars: boolean;
  /** What was found, in the server's own words: a setting with its value, or a session with its last statement. Untrusted. */
  readonly found: string;
  readonly cures: readonly Cure[];
}

/**
 * What would keep a standby from being opened. A server that is read-only refuses a write before anything else is asked, and
 * so hides most of this: settings are read, locks are read where the server tells them and tried by a bounded statement
 * besides, and a write is tried where the server lets an administrator write.
 */
export function obstaclesOf(reading: OpeningReading): readonly Obstacle[] {
  const set = settings(reading);
  // A write that a setting refuses says the same once more.
  const isExplained = set.some(({ bars }) => bars) || reading.commitStalls.length > 0;
  return [...set, ...locks(reading), ...connections(reading), ...limits(reading), ...disk(reading), ...(isExplained ? [] : writeTrial(reading))];
}

/** Those that make the opening fail, in one line; '' where none does. */
export function barsOf(obstacles: readonly Obstacle[]): string {
  return obstacles.filter(({ bars }) => bars).map(({ found }) => found).join(', ');
}

const isOn = (value: string | undefined): boolean => value === 'ON' || value === '1';

function settings({ instanceId, variables, persisted }: OpeningReading): Obstacle[] {
  const live = curableVariables.filter((name) => isOn(variables.get(name)));
  // 5.7 has the old and the new name of one setting.
  const named = live.filter((name) => name !== 'tx_read_only' || !live.includes('transaction_read_only'));
  const later = curableVariables.filter((name) => isOn(persisted.get(name)) && !live.includes(name));
  const turnOff = (variable: CurableVariable): readonly Cure[] => [{ kind: 'turn-off', instanceId, variable }];
  const force = variables.get('innodb_force_recovery') ?? '0';
  return [
    ...named.map((variable): Obstacle => ({ kind: 'setting', bars: true, found: `${variable} = ON`, cures: turnOff(variable) })),
    ...(isOn(variables.get('innodb_read_only')) ? [{ kind: 'setting', bars: true, found: 'innodb_read_only = ON', cures: [] } as const] : []),
    ...(force === '0' ? [] : [{ kind: 'setting', bars: true, found: `innodb_force_recovery = ${force}`, cures: [] } as const]),
    ...later.map((variable): Obstacle => ({ kind: 'setting', bars: false, found: `${variable} = ON (SET PERSIST)`, cures: turnOff(variable) })),
  ];
}

/** A session as a text names it: who, from where, since when, and what it ran last. */
export function sessionText({ connectionId, user, host, seconds, statement }: Omit<Blocker, 'kind'>): string {
  return `#${connectionId} ${user}@${host}, ${seconds} s${statement === '' ? '' : `: ${statement.slice(0, 200)}`}`;
}

/** Where the server tells whose a lock is, its session can be ended. */
export function endSession(instanceId: string, { connectionId, user, host }: Pick<Blocker, 'connectionId' | 'user' | 'host'>): readonly Cure[] {
  return connectionId === 0 || user === 'system user' ? [] : [{ kind: 'end-session', instanceId, connectionId, user, host }];
}

const lockWords: Partial<Record<Blocker['kind'], string>> = { 'read-lock': 'FLUSH TABLES WITH READ LOCK', 'backup-lock': 'LOCK INSTANCE FOR BACKUP' };

function locks({ instanceId, locks: held, trial, idle, commitStalls }: OpeningReading): Obstacle[] {
  const named = held.flatMap((lock): Obstacle[] => {
    const word = lockWords[lock.kind];
    return word === undefined ? [] : [{ kind: 'lock', bars: true, found: `${word} (${sessionText(lock)})`, cures: endSession(instanceId, lock) }];
  });
  // What waits behind a commit that stands still waits for no lock.
  if (named.length > 0 || trial.kind !== 'waited' || commitStalls.length > 0) return named;
  // The server does not tell whose lock it is: a look at the sessions that it may be has to do.
  const suspects = idle.slice(0, 5);
  const whose = suspects.length === 0 ? '?' : suspects.map(sessionText).join('; ');
  const cures = suspects.flatMap((session) => endSession(instanceId, session));
  return [{ kind: 'lock', bars: true, found: `FLUSH TABLES WITH READ LOCK / LOCK TABLES (${whose})`, cures }];
}

function connections({ variables, connected, needed, clients }: OpeningReading): Obstacle[] {
  const most = Number(variables.get('max_connections') ?? Number.NaN);
  if (connected === null || Number.isNaN(most)) return [];
  const found = `max_connections = ${most}, Threads_connected = ${connected}`;
  if (most - connected < needed) return [{ kind: 'connections', bars: true, found, cures: [] }];
  return clients !== null && most - connected - needed < clients ? [{ kind: 'connections', bars: false, found: `${found} < +${clients}`, cures: [] }] : [];
}

/** Too few connections at once bar the operation; how much of an hour's share is left cannot be read, so that it is told. */
function limits({ quotas, needed }: OpeningReading): Obstacle[] {
  if (quotas === null) return [];
  const named = [
    ['MAX_QUERIES_PER_HOUR', quotas.queriesPerHour], ['MAX_UPDATES_PER_HOUR', quotas.updatesPerHour], ['MAX_CONNECTIONS_PER_HOUR', quotas.connectionsPerHour],
  ] as const;
  const told = (found: string, bars: boolean): Obstacle => ({ kind: 'connections', bars, found, cures: [] });
  const hourly = named.filter(([, most]) => most > 0).map(([name, most]) => told(`${name} ${most}`, false));
  const { connectionsAtOnce: most } = quotas;
  const tooFew = most > 0 && most < needed;
  return tooFew ? [told(`MAX_USER_CONNECTIONS ${most} < ${needed}`, true), ...hourly] : hourly;
}

function disk({ commitStalls }: OpeningReading): Obstacle[] {
  return commitStalls.map((session) => ({ kind: 'disk', bars: true, found: `COMMIT … (${sessionText(session)})`, cures: [] }));
}

function writeTrial({ trial }: OpeningReading): Obstacle[] {
  return trial.kind === 'refused' ? [{ kind: 'write', bars: true, found: trial.text, cures: [] }] : [];
}
