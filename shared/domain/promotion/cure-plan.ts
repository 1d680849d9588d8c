import { message, type Message } from '../../i18n/message';
import type { Plan, Precondition } from '../tasks/plan';
import { standsInCommit } from '../fleet/commit-state';
import type { NoticedSettings } from '../fleet/facts';
import type { ServerVersion } from '../fleet/version';
import { canEndDelay } from './applier-wait';
import type { AlignedSetting, Cure } from './cure';
import { isSameSetting } from './settings-drift';

/** What will be done about an obstacle, with the reading that it stands on; `phrase` is the name of the server, where somebody loses by it. */
export interface CurePlan extends Plan {
  readonly cure: Cure;
  readonly instanceId: string;
  readonly server: string;
}

/** A session as its server shows it now. Texts are the server's: untrusted. */
export interface SessionNow {
  readonly connectionId: number;
  readonly user: string;
  /** With the client's port, where it came over TCP: no other session of this server has both. */
  readonly host: string;
  readonly command: string;
  /** The stage that it is in, in the server's words. */
  readonly state: string;
  readonly seconds: number;
  /** What it runs, or ran last. */
  readonly statement: string;
  /** Thread and number of its last statement, where performance_schema counts them; else ''. */
  readonly stamp: string;
  /** A lock on the whole instance that it holds beyond its statements, where the server tells whose it is. */
  readonly holds: 'read-lock' | 'backup-lock' | null;
}

/** What was read of the obstacle that a cure is for. */
export type CureReading =
  | { readonly kind: 'end-session'; readonly session: SessionNow | null }
  | { readonly kind: 'turn-off'; readonly live: boolean; readonly persisted: boolean }
  | { readonly kind: 'align'; readonly live: NoticedSettings }
  | { readonly kind: 'link'; readonly version: ServerVersion; readonly link: LinkNow | null };

interface LinkNow {
  readonly channel: string;
  readonly receiver: 'running' | 'connecting' | 'stopped';
  readonly applier: 'running' | 'stopped';
  readonly receiverError: string;
  readonly applierError: string;
  readonly delaySeconds: number;
}

/** Whether an obstacle still stands as it was shown, in words, and what must not have changed when the word was typed. */
export interface CureStanding {
  /** `unfit`: it is there, but this cure does not fit it, or not any more. */
  readonly state: 'stands' | 'unfit' | 'gone';
  readonly measured: Message;
  /** Compared between the plan that was shown and the one that is carried out. */
  readonly basis: string;
}

const value = (text: string): Message => message('promotion.measured.value', { value: text });
const gone: CureStanding = { state: 'gone', measured: message('promotion.cure.gone'), basis: '' };

/** Decided over one reading, before the cure and after it: what is gone is cured, by whomever. */
export function cureStanding(cure: Cure, reading: CureReading): CureStanding {
  switch (cure.kind) {
    case 'end-session':
      return reading.kind === 'end-session' ? sessionStanding(cure, reading.session) : gone;
    case 'turn-off':
      return reading.kind === 'turn-off' ? settingStanding(cure.variable, reading) : gone;
    case 'align':
      return reading.kind === 'align' ? alignStanding(cure.settings, reading.live) : gone;
    case 'end-delay':
      return reading.kind === 'link' ? delayStanding(reading) : gone;
    case 'start-thread':
      return reading.kind === 'link' ? threadStanding(cure.thread, reading.link) : gone;
    default:
      return cure satisfies never;
  }
}

function sessionStanding(cure: Extract<Cure, { kind: 'end-session' }>, session: SessionNow | null): CureStanding {
  if (session === null || !isThatSession(cure, session)) return gone;
  const { connectionId, user, host, seconds, statement, stamp, state, holds } = session;
  if (standsInCommit(state)) return { state: 'unfit', measured: message('promotion.cure.in-commit', { id: connectionId, user, host }), basis: '' };
  return {
    state: 'stands',
    measured: value(`#${connectionId} ${user}@${host}, ${seconds} s${statement === '' ? '' : `: ${statement}`}`),
    // Who holds such a lock may run one statement after the other (a backup at work): it is the lock that is in the way.
    basis: JSON.stringify(holds === null ? [connectionId, user, host, statement, stamp] : [connectionId, user, host, holds]),
  };
}

/** The ids of connections begin anew with a restart, and the server's own threads are nobody's to end. */
function isThatSession(cure: { readonly user: string; readonly host: string }, { user, host, command }: SessionNow): boolean {
  if (user === 'system user' || user === 'event_scheduler' || command.startsWith('Binlog Dump') || command === 'Daemon') return false;
  // Some tables of a server show a client with its port and some without; an address may hold colons itself.
  return user === cure.user && (host === cure.host || withoutPort(host) === cure.host || host === withoutPort(cure.host));
}

const withoutPort = (host: string): string => host.replace(/:\d+$/u, '');

function settingStanding(variable: string, { live, persisted }: Extract<CureReading, { kind: 'turn-off' }>): CureStanding {
  if (!live && !persisted) return gone;
  return { state: 'stands', measured: value(`${variable} = ON${persisted ? ' (SET PERSIST)' : ''}`), basis: `${live} ${persisted}` };
}

/** The settings of a cure that are still others; those that the server does not have are none. */
export function notAligned(settings: readonly AlignedSetting[], live: NoticedSettings): readonly AlignedSetting[] {
  return settings.filter(({ name, value: wanted }) => live[name] !== undefined && !isSameSetting(name, live[name], wanted));
}

function alignStanding(settings: readonly AlignedSetting[], live: NoticedSettings): CureStanding {
  const left = notAligned(settings, live);
  if (left.length === 0) return gone;
  const lines = left.map(({ name, value: wanted }) => `${name} ${live[name] ?? ''} → ${wanted}`);
  return { state: 'stands', measured: value(lines.join(', ')), basis: JSON.stringify(left.map(({ name }) => [name, live[name]])) };
}

function delayStanding({ version, link }: Extract<CureReading, { kind: 'link' }>): CureStanding {
  if (link === null || link.delaySeconds === 0) return gone;
  const measured = message('promotion.measured.delayed', { seconds: link.delaySeconds });
  return { state: canEndDelay(version) ? 'stands' : 'unfit', measured, basis: `${link.channel} ${link.delaySeconds} ${link.receiver === 'stopped'}` };
}

function threadStanding(thread: 'receiver' | 'applier', link: LinkNow | null): CureStanding {
  if (link === null) return { ...gone, state: 'unfit' };
  if (link[thread] !== 'stopped') return gone;
  const error = thread === 'receiver' ? link.receiverError : link.applierError;
  // One that stopped with an error stops there again.
  if (error !== '') return { state: 'unfit', measured: value(error), basis: link.channel };
  return { state: 'stands', measured: message('promotion.measured.thread.stopped'), basis: link.channel };
}

/** The one precondition of a cure: that what it is for is still as it was shown. */
export function curePrecondition({ state, measured }: CureStanding, sql: string): Precondition {
  const stands = state === 'stands';
  return {
    id: 'cure-stands',
    title: message('promotion.precondition.cure-stands.title'),
    status: stands ? 'pass' : 'fail',
    measured,
    remedy: stands ? null : message('promotion.precondition.cure-stands.remedy'),
    sql,
  };
}

/** What somebody loses by a cure, or gets; null: nobody anything. */
export function cureWarning(cure: Cure): Message | null {
  switch (cure.kind) {
    case 'end-session':
      return message('promotion.cure.warning.end-session', { user: cure.user, host: cure.host });
    case 'end-delay':
      return message('promotion.cure.warning.end-delay');
    case 'turn-off':
      return cure.variable === 'offline_mode' ? message('promotion.cure.warning.offline-mode') : null;
    case 'align':
      return message('promotion.cure.warning.align');
    case 'start-thread':
      return null;
    default:
      return cure satisfies never;
  }
}
