import type { ReactElement } from 'react';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { conflictingHolder, purposeParams, type LockHolder } from '../../shared/domain/tasks/lock-holder';
import type { Translator } from '../../shared/i18n/translate';
import { useNow } from '../stores/clock';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { formatAgo, formatClock, formatExact } from './format';
import { IconLock } from './icons';
import { useIsOld } from './LagBadge';
import classes from './AtWork.module.css';

const dayMs = 86_400_000;

/**
 * The sentence about an operation of another workstation: what it is, who runs it, from where, since when. `now`: tells how
 * long ago that is; null, for a text that does not keep counting: leaves it out.
 */
export function holderText(t: Translator, zone: string, { who, from, since, purpose }: LockHolder, now: number | null): string {
  const sinceText = (at: number): string =>
    now === null
      ? t('fleet.at-work.since-moment', { time: formatExact(t.language, zone, at) })
      : t('fleet.at-work.since', { time: now - at < dayMs ? formatClock(t.language, zone, at) : formatExact(t.language, zone, at), ago: formatAgo(t, at, now) });
  return t('fleet.at-work', { ...purposeParams(purpose), who, from: from === '' ? '' : t('fleet.at-work.from', { from }), since: since === null ? '' : sinceText(since) });
}

function useHolderText(): (holder: LockHolder) => string {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  return (holder) => holderText(t, zone, holder, now);
}

/** A server that an act will lock; `shared`: beside others that share it. */
export interface WantedLock {
  readonly instanceId: string | null;
  readonly shared?: boolean;
}

interface InTheWay {
  readonly view: InstanceView;
  readonly holder: LockHolder;
}

/** The first operation of another workstation that would refuse these locks, as of the last readings of servers that answer. */
function inTheWay(byId: ReadonlyMap<string, InstanceView>, wanted: readonly WantedLock[]): InTheWay | null {
  for (const { instanceId, shared = false } of wanted) {
    const view = instanceId === null ? undefined : byId.get(instanceId);
    // What an unreachable server was last seen to do is no reason to forbid anything.
    if (view?.health.state !== 'reachable') continue;
    const holder = conflictingHolder(view.othersAtWork, shared);
    if (holder !== null) return { view, holder };
  }
  return null;
}

/** As {@link inTheWay}, of the fleet as it is now. */
export function useInTheWay(wanted: readonly WantedLock[]): InTheWay | null {
  return inTheWay(useFleet((state) => state.byId), wanted);
}

/** Why an act that takes these locks would be refused, in one sentence; null: nobody is in the way. `now` as in {@link holderText}. */
export function refusalText(
  t: Translator, zone: string, now: number | null, byId: ReadonlyMap<string, InstanceView>, wanted: readonly WantedLock[],
): string | null {
  const found = inTheWay(byId, wanted);
  return found === null ? null : t('fleet.at-work.refusal', { server: found.view.instance.name, text: holderText(t, zone, found.holder, now) });
}

/** Why an act that takes these locks would be refused now, in one sentence; null: nobody is in the way. */
export function useRefusal(wanted: readonly WantedLock[]): string | null {
  const t = useText();
  const text = useHolderText();
  const found = useInTheWay(wanted);
  return found === null ? null : t('fleet.at-work.refusal', { server: found.view.instance.name, text: text(found.holder) });
}

/** In a dialog or on a page: that an act would be refused now. Goes by itself when the other operation ends. */
export function RefusalNotice({ wanted }: { wanted: readonly WantedLock[] }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const refusal = useRefusal(wanted);
  const found = useInTheWay(wanted);
  return (
    <div role="status">
      {refusal === null || found === null ? null : (
        <Notice shown={refusal} said={t('fleet.at-work.refusal', { server: found.view.instance.name, text: holderText(t, zone, found.holder, null) })} />
      )}
    </div>
  );
}

/** In a live region, which is there before its text, or the text is not read out; and is read out once, not at every second that is counted. */
function Notice({ shown, said, login = null, old = false }: { shown: string; said: string; login?: string | null; old?: boolean }): ReactElement {
  return (
    <div className={classes.notice} data-old={old || undefined}>
      <IconLock size={15} aria-hidden />
      <span aria-hidden title={login ?? undefined}>{shown}</span>
      <span className="visually-hidden">{said}</span>
    </div>
  );
}

/** On an instance's page: every operation of others on it. What was last seen of a server that is away carries its age. */
export function AtWork({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const text = useHolderText();
  const readAt = view.facts?.sampledAt ?? null;
  const old = useIsOld(readAt);
  return (
    <div role="status">
      {view.othersAtWork.map((holder) => (
        <Notice
          key={holder.connectionId}
          shown={`${text(holder)} ${old && readAt !== null ? t('fleet.at-work.last-seen', { ago: formatAgo(t, readAt, now) }) : t('fleet.at-work.hint')}`}
          said={holderText(t, zone, holder, null)}
          login={holder.login}
          old={old}
        />
      ))}
    </div>
  );
}

/** In tables: a lock, with who is at work in words for the pointer and for screen readers. */
export function AtWorkMark({ view }: { view: InstanceView }): ReactElement | null {
  const t = useText();
  const zone = useTimeZone();
  if (view.othersAtWork.length === 0) return null;
  const said = view.othersAtWork.map((holder) => holderText(t, zone, holder, null)).join(' ');
  return (
    <span className={classes.mark} title={said}>
      <IconLock size={13} aria-hidden />
      <span className="visually-hidden">{said}</span>
    </span>
  );
}
