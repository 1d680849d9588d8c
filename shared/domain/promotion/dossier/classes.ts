/**
 * What becomes of a lost change on the new primary as it is today, each with its proof. Beside the thirteen there is `unreadable`: what
 * cannot be judged is named, with its reason, and never left out.
 */
export const lossClasses = [
  'already-there', 'insert-free', 'insert-taken', 'update-applies', 'update-mergeable', 'update-conflict', 'row-gone', 'delete-applies',
  'delete-changed', 'unique-collision', 'parent-missing', 'ddl', 'not-row-format', 'unreadable',
] as const;

export type LossClass = (typeof lossClasses)[number];

/** What is proposed for a class: apply it, keep it aside for a person, or nothing is to be done. */
export type LossDefault = 'apply' | 'keep' | 'nothing';

const defaults: Readonly<Partial<Record<LossClass, LossDefault>>> = {
  'already-there': 'nothing', 'insert-free': 'apply', 'update-applies': 'apply', 'update-mergeable': 'apply', 'delete-applies': 'apply',
};

export function defaultOf(lossClass: LossClass): LossDefault {
  return defaults[lossClass] ?? 'keep';
}

/** Classes whose changes the before-image lets pass: no other is ever applied. */
export const appliable: readonly LossClass[] = lossClasses.filter((one) => defaultOf(one) === 'apply');

/** Why a transaction, or a row of it, cannot be judged. */
export type UnreadableReason =
  | 'purged'
  | 'not-in-log'
  | 'malformed'
  | 'xa-open'
  | 'xa-elsewhere'
  | 'names-unknown'
  | 'table-changed'
  | 'mixed-format'
  | 'table-missing'
  | 'table-differs'
  | 'system-table';

/** By what a class was proven; `columns` are those that the proof speaks of. */
export type ProofCode =
  | 'no-effect'
  | 'same-values'
  | 'no-row'
  | 'key-free'
  | 'key-taken'
  | 'before-equal'
  | 'others-changed'
  | 'same-changed'
  | 'before-unknown'
  | 'partial-json'
  | 'equal-row-without-key'
  | 'unique'
  | 'parent'
  | 'parent-lost'
  | 'parent-other'
  | 'statement'
  | 'own-bookkeeping'
  | UnreadableReason;

export interface Proof {
  readonly code: ProofCode;
  /** Columns, or names of keys. */
  readonly names: readonly string[];
}

export interface Verdict {
  readonly class: LossClass;
  readonly proof: Proof;
}
