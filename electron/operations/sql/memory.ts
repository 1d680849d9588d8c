import { randomUUID } from 'node:crypto';
import { longestRemembered, type RememberedStatement } from '../../../shared/domain/operations/sql/kept';
import { rowsIn, type SqlReport, type StatementReport } from '../../../shared/domain/operations/sql/run';
import { errorOf, type AppError } from '../../../shared/errors/codes';
import { actorName } from '../../storage/actor';
import type { SqlBook } from './book';
import type { SqlDraft } from './draft';

/** What is remembered of a run: its statements as ones that begin, before the first of them is sent, and what became of each. */
export class RunMemory {
  readonly #book: SqlBook;
  readonly #instanceId: string;
  readonly #begun: readonly RememberedStatement[];

  /** @throws Failure where it cannot be written; nothing has run then */
  constructor(book: SqlBook, { plan, request, statements }: SqlDraft, at: number) {
    this.#book = book;
    this.#instanceId = plan.instanceId;
    this.#begun = plan.statements.map(({ sql, kind }, index) => ({
      id: randomUUID(), at, actor: actorName(), database: request.database, sql: sql.slice(0, longestRemembered), hidden: statements[index]?.sql !== sql,
      cut: sql.length > longestRemembered, kind, state: 'begun', rows: null, ms: 0, error: null, gtid: null,
    }));
    book.remember(this.#instanceId, this.#begun);
  }

  /** Writes what became of them. What was not run is not remembered. The failure to write it is given back: the run is over all the same. */
  end({ statements }: SqlReport): AppError | null {
    const ended = new Map<string, RememberedStatement | null>();
    for (const [index, one] of this.#begun.entries()) {
      const report = statements[index];
      ended.set(one.id, report === undefined || report.state === 'not-run' ? null : { ...one, ...outcomeOf(report) });
    }
    try {
      this.#book.settle(this.#instanceId, ended);
      return null;
    } catch (thrown) {
      return errorOf(thrown);
    }
  }
}

function outcomeOf({ state, results, affectedRows, ms, error, gtid }: StatementReport): Pick<RememberedStatement, 'state' | 'rows' | 'ms' | 'error' | 'gtid'> {
  const rows = results.length === 0 ? affectedRows : results.reduce((sum, one) => sum + rowsIn(one), 0);
  return { state, rows, ms, error, gtid };
}
