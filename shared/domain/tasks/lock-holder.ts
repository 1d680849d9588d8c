import type { ErrorParams } from '../../errors/codes';
import { ownSchema } from '../scope/scope';
import { taskKinds } from './task';

/**
 * The named lock that stands for an operation on a server, one name on every server: two operators cannot collide. Work
 * that only reads a server and may go on beside other such work takes one of the shared ones. (GET_LOCK knows no shared
 * locks, and before 5.7.5 a session has one lock at most.)
 */
export const lockNames = {
  exclusive: ownSchema,
  /** Taken where an account that could not operate holds the name itself: GET_LOCK asks for no right. */
  spare: Array.from({ length: 3 }, (_, at) => `${ownSchema}-exclusive-${at + 2}`),
  shared: Array.from({ length: 8 }, (_, at) => `${ownSchema}-shared-${at + 1}`),
} as const;

/** What a server is locked for: a kind of task, or one of the acts that are none. */
export const lockKinds = [...taskKinds, 'fence', 'skip', 'dossier', 'cure', 'parameters'] as const;
type LockKind = (typeof lockKinds)[number];

/** What the lock is held for, as every other workstation is told: the kind, and the task's or the server's name. */
export interface LockPurpose {
  readonly kind: LockKind;
  readonly name: string;
}

/** Who holds the lock of a server, as the server tells it. Every text is the holder's own: untrusted. */
export interface LockHolder {
  readonly connectionId: number;
  /** Others may hold it at the same time, if they share it too. */
  readonly shared: boolean;
  /** The operator's account on the workstation; where it is not told, the login at the server. */
  readonly who: string;
  /** The workstation; where it is not told, the address the server sees. Empty: neither is known. */
  readonly from: string;
  /** `user@host` of its login as the server knows it, where the operator is told besides; null: nothing besides. */
  readonly login: string | null;
  /** Milliseconds since the epoch; null: not told. */
  readonly since: number | null;
  /** null: not told, or by a version that knows more kinds. */
  readonly purpose: LockPurpose | null;
  /** Which engine it is; null: not told. */
  readonly run: string | null;
  /** Proven to have none of the rights that an operation takes: it holds a name, and keeps nobody out. */
  readonly powerless?: true;
}

/** A process of a server, as far as it is shown to us. */
export interface LockProcess {
  readonly connectionId: number;
  readonly shared: boolean;
  /** null: the process list does not show it to our login. */
  readonly login: { readonly user: string; readonly host: string } | null;
  readonly powerless?: boolean;
  /** Its connection attributes; empty where performance_schema is off or does not show them. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Bytes for what users named: all attributes of a connection have 512 of them by default, and what is over is cut off. */
const longest = { operator: 96, name: 96, instance: 48 } as const;
const attribute = {
  program: 'program_name', run: `${ownSchema}_run`, since: `${ownSchema}_since`, kind: `${ownSchema}_kind`, name: `${ownSchema}_task`,
  operator: `${ownSchema}_operator`, instance: `${ownSchema}_instance`,
} as const;

/**
 * Connection attributes of every session of ours: who it is, and for the one that holds a lock which engine, since when
 * and what for. In the order of their weight: where the server keeps less, the last are lost. No secret is among them.
 */
export function sessionAttributes(session: {
  readonly operator: string;
  readonly since: number;
  readonly instance?: string | undefined;
  readonly run?: string | undefined;
  readonly purpose?: LockPurpose | undefined;
  /** It runs what the user wrote: a switch treats it as it does any client's. */
  readonly ofUser?: boolean;
}): Record<string, string> {
  const { operator, since, instance, run, purpose, ofUser = false } = session;
  return {
    [attribute.program]: ofUser ? `${ownSchema}-sql` : ownSchema,
    ...(run === undefined ? {} : { [attribute.run]: run }),
    [attribute.since]: new Date(since).toISOString(),
    [attribute.operator]: cut(operator, longest.operator),
    ...(purpose === undefined ? {} : { [attribute.kind]: purpose.kind, [attribute.name]: cut(purpose.name, longest.name) }),
    ...(instance === undefined ? {} : { [attribute.instance]: cut(instance, longest.instance) }),
  };
}

/** The holder of a lock from what the server shows of its connection. `now`: the moment of the reading, milliseconds. */
export function holderOf({ connectionId, shared, login, attributes, powerless }: LockProcess, now: number): LockHolder {
  const operator = attributes.get(attribute.operator);
  const at = operator?.lastIndexOf('@') ?? -1;
  const told = operator === undefined || at < 1 ? null : { who: operator.slice(0, at), from: operator.slice(at + 1) };
  const since = Date.parse(attributes.get(attribute.since) ?? '');
  const kind = lockKinds.find((known) => known === attributes.get(attribute.kind));
  return {
    connectionId,
    shared,
    ...(told ?? { who: login?.user ?? `#${connectionId}`, from: login === null ? '' : hostOf(login.host) }),
    login: told === null || login === null ? null : `${login.user}@${hostOf(login.host)}`,
    // The clock of another workstation may be ahead of ours.
    since: Number.isNaN(since) ? null : Math.min(since, now),
    purpose: kind === undefined ? null : { kind, name: attributes.get(attribute.name) ?? '' },
    run: attributes.get(attribute.run) ?? null,
    ...(powerless === true ? { powerless } : {}),
  };
}

/**
 * Those holders of a server's locks that are not this engine. Its run tells; where the server shows no attributes, the connections
 * that this engine opened for locks do.
 */
export function othersAtWork(holders: readonly LockHolder[], own: { readonly run: string; readonly connections: ReadonlySet<number> }): readonly LockHolder[] {
  return holders.filter(({ run, connectionId, powerless }) => powerless !== true && (run === null ? !own.connections.has(connectionId) : run !== own.run));
}

/**
 * The holder that keeps a lock of ours out; null: none does. What is shared goes beside what is shared, and who could not operate
 * keeps nobody out.
 */
export function conflictingHolder(holders: readonly LockHolder[], shared: boolean): LockHolder | null {
  return holders.find((holder) => holder.powerless !== true && (!shared || !holder.shared)) ?? null;
}

/** What fills `errors.lock-held`: the same words wherever a lock is in the way. */
export function holderParams({ who, from, login, since, purpose }: LockHolder): ErrorParams['lock-held'] {
  return {
    holder: `${who}${from === '' ? '' : `@${from}`}${login === null ? '' : ` (${login})`}`, since: since === null ? '?' : new Date(since).toISOString(),
    ...purposeParams(purpose),
  };
}

/** What fills the part of a text that says what a lock is for; its `select` knows no hyphens. */
export function purposeParams(purpose: LockPurpose | null): { readonly kind: string; readonly what: string } {
  return purpose === null ? { kind: 'other', what: '?' } : { kind: purpose.kind.replaceAll('-', ''), what: purpose.name };
}

/** The login of a holder as the server knows it, whatever it tells of itself; null: the server does not say. */
export function holderAccount({ login, who, from }: LockHolder): { readonly user: string; readonly host: string } | null {
  const account = login ?? `${who}@${from}`;
  const at = account.lastIndexOf('@');
  return account.startsWith('#') || at < 0 ? null : { user: account.slice(0, at), host: account.slice(at + 1) };
}

/** The host of `host:port`; the address of IPv6 holds colons itself. */
function hostOf(host: string): string {
  return host.replace(/:\d+$/u, '');
}

/** At most so many bytes of UTF-8, no character halved. */
function cut(text: string, bytes: number): string {
  let used = 0;
  let kept = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    used += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    if (used > bytes) return kept;
    kept += character;
  }
  return kept;
}
