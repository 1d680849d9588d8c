import type { Envelope } from '../../shared/contract/envelope';
import type { EventBatch } from '../../shared/contract/events';

/**
 * What the preload script puts on `window.api`: the one way out of this window. Calls always resolve (failures are
 * values), events come in numbered batches.
 */
export interface Bridge {
  call(method: string, input: unknown, callId: string): Promise<Envelope<unknown>>;
  cancel(callId: string): void;
  /** Returns the way to stop listening. */
  onEvents(listener: (batch: EventBatch) => void): () => void;
}

declare global {
  interface Window {
    readonly api: Bridge;
  }
}
