// A table held against its copy of another moment, row by row; which rows are copied back; and the two changing their names.
import type { Plan } from '../../tasks/plan';
import type { NewName } from './names';
import type { UndoCell } from './undo-plan';

/** `missing`: the copy alone has the row. `extra`: the original alone has it. `changed`: both have it, with other values. */
export const rowDifferences = ['missing', 'extra', 'changed'] as const;
export type RowDifference = (typeof rowDifferences)[number];

/** Rows of each kind that are listed; all are counted. */
export const mostCompared = 200;
/** Characters of what a row is called, and rows that are named. */
export const longestRowId = 20_000;
export const mostNamedRows = 3 * mostCompared;

/** `now`: in the original; `back`: in the copy. */
export interface ComparedRow {
  /** Its key, as it is named where it is chosen. */
  readonly id: string;
  readonly difference: RowDifference;
  readonly key: readonly UndoCell[];
  /** Of one that is changed, what differs; of another, all of it. */
  readonly cells: readonly UndoCell[];
}

/** Whether more rows differ than are listed. */
export const isListedInPart = ({ counts, rows }: Pick<TableComparison, 'counts' | 'rows'>): boolean =>
  rowDifferences.some((one) => counts[one] > rows.filter(({ difference }) => difference === one).length);

export interface TableComparison {
  readonly recordId: string;
  readonly name: NewName;
  readonly counts: Readonly<Record<RowDifference, number>>;
  readonly rows: readonly ComparedRow[];
}

/** Rows of one table of a rollback that are made what they are in its copy. */
export interface CopyBackOrder {
  readonly recordId: string;
  readonly database: string;
  readonly table: string;
  readonly differences: readonly RowDifference[];
  /** null: every row that differs so. */
  readonly rows: readonly string[] | null;
}

/** Tables of a rollback that change their names with their copies. */
export interface SwapPlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  readonly names: readonly NewName[];
}

/** What keeps a table and its copy from changing names, or has to be known of it first. */
type SwapFinding = 'gone' | 'not-atomic' | 'unlogged' | 'since' | 'differs' | 'keys' | 'triggers' | 'view-of-copy' | 'view-of-original' | 'numbers';

/** A table and its copy, as far as swapping their names depends on them. */
export interface SwapFacts {
  /** Their definitions without what the name and the rows alone make different; null: the table is not there. */
  readonly original: string | null;
  readonly copy: string | null;
  /** Foreign keys of either, and those that refer to either. */
  readonly keys: readonly string[];
  readonly triggers: readonly string[];
  readonly viewsOfOriginal: readonly string[];
  readonly viewsOfCopy: readonly string[];
  /** The next numbers that they give out; null: they give none. */
  readonly nextOfOriginal: bigint | null;
  readonly nextOfCopy: bigint | null;
  /** Why the log may not hold the statement, which it alone proves; []: it does. */
  readonly logLacks: readonly string[];
  /** The server renames several tables as one, or none of them: from 8.0 on. */
  readonly isAtomic: boolean;
}

export interface FoundOfSwap {
  readonly finding: SwapFinding;
  readonly what: string;
  readonly isRefusal: boolean;
}

/** Whatever would make another thing of a swap than the two tables with each other's rows. */
export function swapFindings(facts: SwapFacts): readonly FoundOfSwap[] {
  const found = (isRefusal: boolean) => (finding: SwapFinding, what: readonly string[] = []): readonly FoundOfSwap[] =>
    [{ finding, what: what.slice(0, 5).join(', '), isRefusal }];
  const [refusal, warning] = [found(true), found(false)];
  const { original, copy, keys, triggers, viewsOfCopy, viewsOfOriginal, nextOfCopy, nextOfOriginal } = facts;
  // Killed between two of its renames such a server leaves a table under neither name, and nothing in its log.
  if (!facts.isAtomic) return refusal('not-atomic');
  if (facts.logLacks.length > 0) return refusal('unlogged', facts.logLacks);
  if (original === null || copy === null) return refusal('gone');
  return [
    ...(original === copy ? [] : refusal('differs')),
    // Whatever it is: the live table loses what was written to it since.
    ...warning('since'),
    // They go with the table, not with the name: rows would be looked for in the one that was put aside.
    ...(keys.length === 0 ? [] : refusal('keys', keys)),
    ...(triggers.length === 0 ? [] : refusal('triggers', triggers)),
    // They go with the name: what reads the copy for its moment would read the present.
    ...(viewsOfCopy.length === 0 ? [] : refusal('view-of-copy', viewsOfCopy)),
    ...(viewsOfOriginal.length === 0 ? [] : warning('view-of-original', viewsOfOriginal)),
    ...(nextOfOriginal !== null && nextOfOriginal > (nextOfCopy ?? 0n) ? warning('numbers', [String(nextOfOriginal)]) : []),
  ];
}

/**
 * A definition as SHOW CREATE TABLE tells it, without its name, the next number, names that servers give constraints by the table, and foreign keys,
 * which no copy has and which are told of by themselves.
 */
export function comparableDefinition(created: string): string {
  return created.replace(/^CREATE TABLE `(?:[^`]|``)*`/, 'CREATE TABLE').replace(/(\n\).*?) AUTO_INCREMENT=\d+/, '$1')
    .replaceAll(/,\n {2}CONSTRAINT `(?:[^`]|``)*` FOREIGN KEY [^\n]*?(?=,?\n)/g, '').replaceAll(/\n {2}CONSTRAINT `(?:[^`]|``)*` CHECK/g, '\n  CHECK');
}

/** The next number of a definition. */
export function nextNumber(created: string): bigint | null {
  const found = /\n\).*? AUTO_INCREMENT=(\d+)/.exec(created)?.[1];
  if (found !== undefined) return BigInt(found);
  return /\bAUTO_INCREMENT\b/.test(created) ? 1n : null;
}
