import type { AppError } from '../errors/codes';

/** What every call answers; nothing is thrown across the bridge. */
export type Envelope<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: AppError & { readonly correlationId: string; readonly retry: boolean } };
