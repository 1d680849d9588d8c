// Which backups an instance can go back to: its own, and those of others that hold the same data. The tab of an instance and the fleet's page read it.
import { isPartial } from '../analysis/standing';
import type { InstanceView } from '../fleet/view';
import { GtidSet, GtidSetError, tryParseGtidSet } from '../gtid/set';
import type { BackupView } from './backup';
import { backupStanding, isGood, type BackupStanding, type BackupStandingKind } from './standing';

/** As the kinds of a standing, and `partial`: the only good ones hold chosen databases. */
export type BackedUpKind = BackupStandingKind | 'partial';
/** Worst first. */
export const backedUpKinds: readonly BackedUpKind[] = ['none', 'broken', 'partial', 'old', 'unproven', 'good'];

/** What the backups of an instance come to. */
export interface BackedUp extends Omit<BackupStanding, 'kind'> {
  readonly kind: BackedUpKind;
  /** The other instance that the last good one was taken from; null: it is of this one, or there is none. */
  readonly throughId: string | null;
  /** Its own and those of others that hold all of its data, newest first. */
  readonly backups: readonly BackupView[];
}

type ById = ReadonlyMap<string, InstanceView>;

/** A set of transactions is long, and its backup is read again and again. */
const heldBy = new WeakMap<BackupView, GtidSet>();

function setOf(text: string): GtidSet {
  const set = tryParseGtidSet(text);
  return set instanceof GtidSetError ? GtidSet.empty : set;
}

function transactionsOf(backup: BackupView): GtidSet {
  const known = heldBy.get(backup);
  if (known !== undefined) return known;
  const read = setOf(backup.gtidSet);
  heldBy.set(backup, read);
  return read;
}

/** The head of the chain that an instance stands in; `whole`: everything that the head writes arrives there. */
function headOf(view: InstanceView, byId: ById): { readonly id: string; readonly whole: boolean } {
  const seen = new Set<string>();
  let whole = true;
  let at = view;
  while (at.sourceId !== null && !seen.has(at.instance.id)) {
    seen.add(at.instance.id);
    // What was never read may be filtered.
    if (at.facts === null || isPartial(at)) whole = false;
    const source = byId.get(at.sourceId);
    if (source === undefined) break;
    at = source;
  }
  return { id: at.instance.id, whole };
}

/**
 * The backups of each instance and what they come to. A whole backup of another instance counts too where both stand under one head, nothing is
 * filtered on the way to where it was taken, and the instance has every transaction that it holds: it is an earlier state of the same data then.
 * `now`: milliseconds since the epoch.
 */
export function backedUp(instances: readonly InstanceView[], backups: readonly BackupView[], now: number): ReadonlyMap<string, BackedUp> {
  const byId: ById = new Map(instances.map((view) => [view.instance.id, view]));
  const heads = new Map(instances.map((view) => [view.instance.id, headOf(view, byId)]));
  const own = grouped(backups, ({ instanceId }) => instanceId);
  const shared = grouped(backups.filter(({ state, scope }) => state === 'complete' && scope.kind === 'instance'), ({ instanceId }) => {
    const head = instanceId === null ? undefined : heads.get(instanceId);
    return head?.whole === true ? head.id : null;
  });
  return new Map(instances.map((view) => {
    const { id } = view.instance;
    const others = (shared.get(heads.get(id)?.id ?? id) ?? []).filter(({ instanceId }) => instanceId !== id);
    return [id, standingOf(id, [...(own.get(id) ?? []), ...others.length === 0 ? [] : heldHere(view, others)], now)];
  }));
}

function grouped(backups: readonly BackupView[], keyOf: (backup: BackupView) => string | null): ReadonlyMap<string, readonly BackupView[]> {
  const groups = new Map<string, BackupView[]>();
  for (const backup of backups) {
    const key = keyOf(backup);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [backup]);
    else group.push(backup);
  }
  return groups;
}

function heldHere({ facts }: InstanceView, backups: readonly BackupView[]): readonly BackupView[] {
  if (facts === null) return [];
  const executed = setOf(facts.gtid.executed);
  return backups.filter((backup) => {
    const held = transactionsOf(backup);
    return !held.isEmpty() && held.isSubsetOf(executed);
  });
}

function standingOf(id: string, backups: readonly BackupView[], now: number): BackedUp {
  const newest = [...backups].sort((a, b) => b.startedAt - a.startedAt);
  const through = ({ lastGood }: BackupStanding): string | null => (lastGood === null || lastGood.instanceId === id ? null : lastGood.instanceId);
  const whole = backupStanding(newest.filter(({ scope }) => scope.kind === 'instance'), now);
  if (whole.lastGood !== null) return { ...whole, throughId: through(whole), backups: newest };
  const any = backupStanding(newest, now);
  const kind = newest.some(isGood) ? 'partial' : any.kind;
  return { ...any, kind, throughId: null, backups: newest };
}
