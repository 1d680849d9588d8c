import {
  acknowledgedAs, compareSeen, isSameAttention, longestSilenceMs, nextEnd, stillSaid, watchDutyOf, type AttentionAct,
} from '../../shared/domain/fleet/attention';
import type { Instance, Attention } from '../../shared/domain/fleet/instance';
import type { Word } from '../../shared/domain/fleet/problem';
import type { AttentionOutcome, InstanceView } from '../../shared/domain/fleet/view';
import { errorOf, failure, type AppError } from '../../shared/errors/codes';
import { actorName } from '../storage/actor';
import type { AuditLog } from '../storage/types';
import { auditedEach, type AuditDetail, type AuditedEnd } from './audited';
import type { Inventory, InventoryStore } from './inventory';
import type { Observed } from './observed';
import type { FleetAttention, SeenOf, WordOrder } from './types';

interface AttendedParts {
  readonly inventory: InventoryStore;
  readonly audit: AuditLog;
  readonly observed: Pick<Observed, 'view' | 'snapshot' | 'onChange' | 'guardsFilters'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An act on one of many, and what is recorded of it. */
interface Order {
  readonly id: string;
  readonly detail: AuditDetail;
}

/** What is said of one of them. */
interface Said {
  readonly change: (attention: Attention) => Attention;
  readonly note?: AuditDetail;
  /** See `AttentionOutcome`. */
  readonly changed?: readonly string[];
}

type Result = { readonly value: Said; readonly error: null } | { readonly value: null; readonly error: AppError };

/** A timer waits no longer than this. */
const longestTimerMs = 2 ** 31 - 1;

/** What people say about how instances are watched: kept with what is registered, and taken away once it is over. */
export class Attended implements FleetAttention {
  readonly #parts: AttendedParts;
  #timer: NodeJS.Timeout | null = null;
  #stop: (() => void) | null = null;
  /** The inventory of whose words the next to end is waited for. */
  #waitedFor: Inventory | null = null;

  constructor(parts: AttendedParts) {
    this.#parts = parts;
  }

  acknowledge = (seen: readonly SeenOf[], order: WordOrder): Promise<readonly AttentionOutcome[]> => {
    const detail = detailOf(order);
    const orders = seen.map(({ id, problems }) => ({ id, detail: { problems: problems.map(({ key }) => key).join(', '), ...detail } }));
    const byInstance = new Map(seen.map(({ id, problems }) => [id, problems]));
    return this.#each('instance.acknowledge', orders, () => {
      const word = this.#word(order);
      return ({ instance: { id, name }, problems }) => {
        const { still, changed } = compareSeen(byInstance.get(id) ?? [], problems);
        const others = changed.map(({ key }) => key);
        if (still.length === 0 && others.length > 0) throw failure('problems-changed', { name, problems: others.join(', ') });
        if (still.length === 0) throw failure('nothing-to-acknowledge', { name });
        const keys = new Set(still.map(({ key }) => key));
        return {
          note: { problems: [...keys].join(', ') },
          changed: others,
          change: (attention) => ({
            ...attention,
            acknowledged: [...(attention.acknowledged ?? []).filter(({ key }) => !keys.has(key)), ...still.map((one) => acknowledgedAs(one, word))],
          }),
        };
      };
    });
  };

  silence = (ids: readonly string[], order: WordOrder & { readonly until: number }): Promise<readonly AttentionOutcome[]> =>
    this.#each('instance.silence', ids.map((id) => ({ id, detail: detailOf(order) })), () => {
      if (order.until - this.#parts.now() > longestSilenceMs) throw failure('invalid-input', { field: 'until', reason: 'more than 30 days away' });
      const silenced = this.#word(order);
      return () => ({ change: (attention) => ({ ...attention, silenced }) });
    });

  pauseWatching = (ids: readonly string[], order: WordOrder): Promise<readonly AttentionOutcome[]> =>
    this.#each('instance.pause', ids.map((id) => ({ id, detail: detailOf(order) })), () => {
      const paused = this.#word(order);
      return ({ instance }) => {
        const duty = watchDutyOf(instance, this.#parts.observed.guardsFilters(instance.id));
        if (duty !== null) throw failure('watch-needed', { name: instance.name, why: duty });
        return { change: (attention) => ({ ...attention, paused }) };
      };
    });

  endAttention = (ids: readonly string[], act: AttentionAct, problems: readonly string[] | null): Promise<readonly AttentionOutcome[]> => {
    const detail = { of: act, problem: problems?.join(', ') ?? null };
    return this.#each('instance.attention-end', ids.map((id) => ({ id, detail })), () => () => ({
      change: ({ paused, silenced, acknowledged = [] }) => ({
        ...(paused === undefined || act === 'pause' ? {} : { paused }),
        ...(silenced === undefined || act === 'silence' ? {} : { silenced }),
        acknowledged: act === 'acknowledge' ? acknowledged.filter(({ key }) => problems !== null && !problems.includes(key)) : acknowledged,
      }),
    }));
  };

  /** From now on what is over is taken away: by its time, or because what it was about is gone, or worse. */
  start(): void {
    if (this.#stop !== null) return;
    this.#stop = this.#parts.observed.onChange((change) => this.#tidy(change.instances ?? []));
    this.#tidy(this.#parts.observed.snapshot().instances);
  }

  close(): void {
    this.#stop?.();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #word({ until, note }: WordOrder): Word {
    const since = this.#parts.now();
    if (until !== null && until <= since) throw failure('invalid-input', { field: 'until', reason: 'it is over already' });
    return { by: actorName(), since, until, note: note.trim() };
  }

  /**
   * One act on many: recorded of each, and kept with one write for all of them. Those that are refused keep nothing from the others; where the word
   * itself is, or the inventory cannot be written, nothing is said about any. `begin` judges the word, what it answers each instance.
   */
  async #each(action: string, orders: readonly Order[], begin: () => (view: InstanceView) => Said): Promise<readonly AttentionOutcome[]> {
    const { inventory, audit, observed } = this.#parts;
    const names = new Map(inventory.get().instances.map(({ id, name }) => [id, name]));
    const ends = auditedEach(audit, action, orders.map(({ id, detail }) => ({ target: names.get(id) ?? id, detail })), () => {
      const decide = begin();
      const said = new Map(orders.map(({ id }) => [id, resultOf(() => decide(observed.view(id)))]));
      const isThere = this.#say(said);
      return orders.map(({ id }): AuditedEnd & { readonly changed: readonly string[] } => {
        const { value, error } = said.get(id) ?? { value: null, error: null };
        if (value === null) return { error, changed: [] };
        if (!isThere.has(id)) return { error: failure('not-found', { kind: 'instance', name: id }).error, changed: [] };
        return { error: null, detail: value.note, changed: value.changed ?? [] };
      });
    });
    return orders.map(({ id }, at) => ({ id, error: ends[at]?.error ?? null, changed: ends[at]?.changed ?? [] }));
  }

  /** Writes what is said of each, once; answers which of them are registered. */
  #say(said: ReadonlyMap<string, Result>): ReadonlySet<string> {
    const changes = new Map([...said].flatMap(([id, { value }]) => (value === null ? [] : [[id, value.change] as const])));
    if (changes.size === 0) return new Set();
    const { instances } = this.#parts.inventory.update((inventory) => ({
      ...inventory,
      instances: inventory.instances.map((one) => {
        const change = changes.get(one.id);
        return change === undefined ? one : withAttention(one, change(one.attention ?? {}));
      }),
    }));
    if (this.#stop !== null) this.#waitAnew();
    return new Set(instances.map(({ id }) => id));
  }

  #tidy(views: readonly InstanceView[]): void {
    const now = this.#parts.now();
    // Of a server that is not read, what is not told is not gone.
    const over = new Map(views.flatMap(({ instance: { id, attention }, health, facts, problems }) => {
      if (attention === undefined) return [];
      const read = health.state === 'reachable' && facts !== null ? { at: facts.sampledAt, problems } : null;
      return isSameAttention(attention, stillSaid(attention, read, now)) ? [] : [[id, read] as const];
    }));
    if (over.size > 0) {
      this.#parts.inventory.update((inventory) => ({
        ...inventory,
        instances: inventory.instances.map((one) => {
          const read = over.get(one.id);
          return read === undefined ? one : withAttention(one, stillSaid(one.attention ?? {}, read, now));
        }),
      }));
    }
    // With each reading of a fleet of which nobody said anything new there is nothing else to wait for.
    if (this.#parts.inventory.get() !== this.#waitedFor) this.#waitAnew();
  }

  #waitAnew(): void {
    this.#waitedFor = this.#parts.inventory.get();
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { inventory, observed, now } = this.#parts;
    const ends = inventory.get().instances.flatMap(({ attention }) => (attention === undefined ? [] : nextEnd(attention) ?? []));
    const next = ends.reduce((soonest, one) => Math.min(soonest, one), Infinity);
    if (next === Infinity) {
      this.#timer = null;
      return;
    }
    const waitMs = Math.min(Math.max(next - now(), 0) + 5, longestTimerMs);
    this.#timer = setTimeout(() => {
      this.#waitedFor = null;
      this.#tidy(observed.snapshot().instances);
    }, waitMs).unref();
  }
}

function withAttention({ attention: _before, ...instance }: Instance, { paused, silenced, acknowledged = [] }: Attention): Instance {
  const attention: Attention = {
    ...(paused === undefined ? {} : { paused }), ...(silenced === undefined ? {} : { silenced }), ...(acknowledged.length === 0 ? {} : { acknowledged }),
  };
  return Object.keys(attention).length === 0 ? instance : { ...instance, attention };
}

/** What somebody says of one, or why it is not taken. */
function resultOf(decide: () => Said): Result {
  try {
    return { value: decide(), error: null };
  } catch (thrown) {
    return { value: null, error: errorOf(thrown) };
  }
}

const detailOf = ({ until, note }: WordOrder): { readonly until: string | null; readonly note: string } =>
  ({ until: until === null ? null : new Date(until).toISOString(), note });
