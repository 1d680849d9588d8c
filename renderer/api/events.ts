import type { EngineEvent, EventBatch } from '../../shared/contract/events';
import type { Bridge } from './bridge';

export interface EventHandlers {
  /** One event, in order. */
  onEvent(event: EngineEvent): void;
  /** Batches were missed: whatever is derived from events has to be asked for again. */
  onGap(): void;
  /** Any batch arrived; `at` is the moment of this window's clock. */
  onAlive(at: number): void;
}

/**
 * Listens to the engine. Batches are numbered; a number that does not follow the last one means that some were missed,
 * and `onGap` is called before the batch is handed on. Returns the way to stop.
 */
export function subscribe(bridge: Bridge, handlers: EventHandlers, now: () => number = Date.now): () => void {
  let last: number | null = null;
  return bridge.onEvents((batch: EventBatch) => {
    const gap = last !== null && batch.seq !== last + 1;
    last = batch.seq;
    handlers.onAlive(now());
    if (gap) handlers.onGap();
    for (const event of batch.events) handlers.onEvent(event);
  });
}
