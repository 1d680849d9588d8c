import type { AppError } from '../../../errors/codes';
import type { StatementState } from './run';
import type { SqlKind } from './statement-kind';

/** The most tabs of an instance, what their texts may hold together, and the longest name of a tab or a favourite. */
export const mostTabs = 30;
export const longestTabs = 2_000_000;
export const longestKeptName = 64;
/** The most statements of an instance that are remembered, how long one may be to be remembered whole, and all of them together. */
export const mostRemembered = 1_000;
export const longestRemembered = 20_000;
const mostRememberedCharacters = 2_000_000;
export const mostFavourites = 200;

/** A text of an instance's SQL page. */
export interface TabText {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  /** Default database; '': none. */
  readonly database: string;
}

/** A text as it was kept. */
interface KeptTab extends TabText {
  /** Something of it is left out, as it may be a secret. */
  readonly hidden: boolean;
}

/** The texts of an instance's SQL page, and which of them is shown. */
export interface KeptTabs<Tab = KeptTab> {
  readonly tabs: readonly Tab[];
  readonly active: string;
}

/** A statement that ran, as it is remembered. */
export interface RememberedStatement {
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly database: string | null;
  readonly sql: string;
  /** Its literals are left out, as one of them may be a secret. */
  readonly hidden: boolean;
  /** Its beginning only. */
  readonly cut: boolean;
  readonly kind: SqlKind;
  /** `begun`: it was about to run, and what became of it was not written down. */
  readonly state: StatementState | 'begun';
  /** Rows that it gave or touched; null: none, or not told. */
  readonly rows: number | null;
  readonly ms: number;
  readonly error: AppError | null;
  /** The transaction that it was committed in; null: it changed nothing, or the server did not say. */
  readonly gtid: string | null;
}

/** A text that somebody gave a name to, to have it again. */
export interface Favourite {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  readonly actor: string;
  readonly text: string;
  readonly database: string;
  readonly hidden: boolean;
}

/** What is remembered of an instance; statements newest first. */
export interface SqlMemory {
  readonly statements: readonly RememberedStatement[];
  readonly favourites: readonly Favourite[];
}

/** The newest statements as far as they may be kept; the oldest go first. */
export function withinBounds(statements: readonly RememberedStatement[]): readonly RememberedStatement[] {
  let characters = 0;
  const end = statements.findIndex(({ sql }, at) => {
    characters += sql.length;
    return at >= mostRemembered || characters > mostRememberedCharacters;
  });
  return end === -1 ? statements : statements.slice(0, end);
}

/** Those that hold every word that is looked for, in whatever letter case: in the statement, its database or who ran it. */
export function lookedFor<One extends { readonly actor: string; readonly database: string | null }>(
  all: readonly One[], search: string, textOf: (one: One) => string,
): readonly One[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return all;
  return all.filter((one) => {
    const text = `${textOf(one)} ${one.database ?? ''} ${one.actor}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
