import type { AppError } from '../errors/codes';

/** What every call answers; nothing is thrown across the bridge. */
export type Envelope<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: AppError & { readonly correlationId: string; readonly retry: boolean } };

/** What a window sends: a method of the contract, its input, and an id by which the call can be cancelled. */
export interface CallRequest {
  readonly method: string;
  readonly callId: string;
  readonly input: unknown;
}
