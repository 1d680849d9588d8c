import { mayRenameColumns, mentions, type StatementKind } from '../../../shared/domain/binlog/statements';

/** A statement of a log, as far as it is held. */
export interface Statement {
  readonly transaction: number;
  readonly kind: StatementKind;
  readonly text: string;
  readonly database: string;
  /** Its text goes on: it may name anything. */
  readonly isCut?: true;
}

/** Characters of a statement that are held. */
const longestHeld = 64 * 1024;

/** A statement as it is held: what is cut is a text of its own, or all of it would stay in memory. */
export function held<Rest extends object>(statement: Rest & { readonly text: string }): Rest & { readonly text: string; readonly isCut?: true } {
  const { text } = statement;
  return text.length <= longestHeld ? statement : { ...statement, text: Buffer.from(text.slice(0, longestHeld)).toString('utf8'), isCut: true };
}

/** Characters of all statements that are held one by one. */
const mostHeld = 4_000_000;

/** Statements of a log by what they name. Memory is bounded: behind so many of them, one of each kind stands for all, and names every table. */
export class EndedStatements {
  readonly #held: Statement[] = [];
  readonly #beyond = new Map<StatementKind, Statement>();
  #characters = 0;

  constructor(private readonly most = mostHeld) {}

  add(statement: Statement): void {
    this.#characters += statement.text.length;
    if (this.#characters <= this.most) this.#held.push(statement);
    // The latest decides what it stands behind.
    else this.#beyond.set(statement.kind, { ...statement, isCut: true });
  }

  /** Those that name a table, or may, in the order of the log. */
  naming(database: string, table: string): readonly Statement[] {
    const named = this.#held.filter((one) => one.isCut === true || mentions(one.text, one.database, database, table));
    return [...named, ...[...this.#beyond.values()].sort((a, b) => a.transaction - b.transaction)];
  }

  /** The first statement that changed rows, of whatever table; null: there is none. */
  firstDml(): string | null {
    return [...this.#held, ...this.#beyond.values()].find(({ kind }) => kind === 'dml')?.text ?? null;
  }
}

/** Whether a definition may have given a column the name of another. */
export const renames = ({ kind, text, isCut }: Statement): boolean => kind === 'replaces' || (kind === 'ddl' && (isCut === true || mayRenameColumns(text)));
