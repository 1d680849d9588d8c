import { message, type Message } from '../../i18n/message';
import { holderAccount, holderParams, type LockHolder } from '../tasks/lock-holder';
import type { Precondition } from '../tasks/plan';
import type { Cure } from './cure';

/** A session that holds the name of the operation lock and has no right that an operation takes. */
export interface Squatter {
  readonly instanceId: string;
  readonly holder: LockHolder;
}

/** The holders of a server's lock that could not operate. */
export function squattersOf(instanceId: string, holders: readonly LockHolder[]): readonly Squatter[] {
  return holders.filter(({ powerless }) => powerless === true).map((holder) => ({ instanceId, holder }));
}

/** Somebody at work is a bar. Who merely holds the name is told, and can be ended after a look. */
export function lockPrecondition(id: 'lock' | 'emergency-lock', holder: LockHolder | null, squatters: readonly Squatter[]): Precondition {
  const told = squatters.map((one) => `#${one.holder.connectionId} ${accountText(one.holder)}`).join(', ');
  const status = holder !== null ? 'fail' : squatters.length > 0 ? 'warn' : 'pass';
  const cures = squatters.flatMap(({ instanceId, holder: one }): Cure[] => {
    const account = holderAccount(one);
    return account === null ? [] : [{ kind: 'end-session', instanceId, connectionId: one.connectionId, ...account }];
  });
  return {
    id, title: message(`promotion.precondition.${id}.title`), status,
    measured: holder !== null || squatters.length === 0 ? holderText(holder) : message('promotion.measured.squatter', { sessions: told }),
    remedy: status === 'pass' ? null : message(status === 'fail' ? `promotion.precondition.${id}.remedy` : 'promotion.remedy.squatter'),
    sql: "SELECT IS_USED_LOCK('antipode')",
    ...(cures.length === 0 ? {} : { cures }),
  };
}

function accountText(holder: LockHolder): string {
  const account = holderAccount(holder);
  return account === null ? '?' : `${account.user}@${account.host}`;
}

/** Who is at work on a server, in the words of the refusal. */
function holderText(holder: LockHolder | null): Message {
  return holder === null ? message('promotion.measured.none') : message('errors.lock-held', holderParams(holder));
}
