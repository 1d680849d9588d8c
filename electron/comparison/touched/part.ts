import type { WholeReason } from '../../../shared/domain/verification/touched';
import type { KeyValue } from '../key-range';

/** What is compared of a table that was written: rows of these keys, or all of it, and why. */
export type TouchedPart = { readonly keys: readonly KeyValue[] } | { readonly whole: WholeReason };
