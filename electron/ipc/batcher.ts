import type { EngineEvent, EventBatch } from '../../shared/contract/events';

/** Gathers events and hands them on in numbered batches. */
export interface Batcher {
  push(event: EngineEvent): void;
  /** Hands on at once what is there. */
  flush(): void;
  close(): void;
}

/** The newer view of a thing, with what only the older one brought: the report of a sync task is told once. */
function together(older: EngineEvent, newer: EngineEvent): EngineEvent {
  const report = older.type === 'sync' ? older.sync.lastReport : undefined;
  if (report === undefined || newer.type !== 'sync' || newer.sync.lastReport !== undefined) return newer;
  return { ...newer, sync: { ...newer.sync, lastReport: report } };
}

/**
 * A batch goes out at most every `intervalMs`. Within a batch a newer view of the same task, sync task, schedules, settings, secrets
 * or lab takes the place of an older one; fleet changes, alerts and points are all kept, in order: they build on each other.
 */
export function createBatcher(send: (batch: EventBatch) => void, intervalMs = 250): Batcher {
  let pending = new Map<string, EngineEvent>();
  let timer: NodeJS.Timeout | null = null;
  let seq = 0;
  let unique = 0;

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (pending.size === 0) return;
    const events = [...pending.values()];
    pending = new Map();
    seq += 1;
    send({ seq, events });
  }

  function keyOf(event: EngineEvent): string {
    switch (event.type) {
      case 'task':
        return `task ${event.task.id}`;
      case 'sync':
        return `sync ${event.sync.id}`;
      case 'sync-removed':
        return `sync ${event.id}`;
      case 'backups':
      case 'schedules':
      case 'settings':
      case 'secrets':
      case 'lab':
        return event.type;
      case 'fleet':
      case 'alert':
      case 'live-point':
        return `${event.type} ${(unique += 1)}`;
      default:
        return event satisfies never;
    }
  }

  return {
    push(event) {
      const key = keyOf(event);
      const before = pending.get(key);
      // Taken out first, so that the newer one stands where it happened.
      pending.delete(key);
      pending.set(key, before === undefined ? event : together(before, event));
      timer ??= setTimeout(flush, intervalMs);
    },
    flush,
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      pending = new Map();
    },
  };
}
