// What the server warned of rows of a file: it took them, and not as the file has them.
import { mostErrors } from '../../../shared/domain/operations/import/plan';
import type { LiveSession } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { noticesKey } from './input';
import { shownStatement } from './scan';
import type { FileStatement } from './statements';

/** What the server said of one statement: the first that tells of its rows. */
export interface Notice {
  readonly statement: FileStatement;
  readonly errno: number;
  readonly detail: string;
}

/** So many warnings of a statement are read first, of which the first that tells of rows is kept. */
const mostRead = 20;
/**
 * A word that will go, a name of a character set that will mean another one, a statement that is not safe in the log, bytes that are no text and come into a
 * column of bytes: the rows are as they were said.
 */
const ofWords = [1287, 1300, 1592, 1681, 3719, 3778];

/** The first warning of the statement before that tells of its rows; null: none does. */
export async function noticeOf(session: Pick<LiveSession, 'query'>, statement: FileStatement): Promise<Notice | null> {
  const read = (most: string): Promise<readonly { Level: string; Code: number | string; Message: string }[]> => session.query(`SHOW WARNINGS${most}`);
  const ofRows = (rows: Awaited<ReturnType<typeof read>>) => rows.find(({ Level, Code }) => Level !== 'Note' && !ofWords.includes(Number(Code)));
  const some = await read(` LIMIT ${String(mostRead)}`);
  // All that the server keeps, where these are of words alone.
  const first = ofRows(some) ?? (some.length < mostRead ? undefined : ofRows(await read('')));
  return first === undefined ? null : { statement, errno: Number(first.Code), detail: first.Message };
}

/** The notices of one import, as its journal keeps them. */
export class Noticed {
  #count: number;
  #lines: readonly number[];
  #last: number;

  constructor(private readonly step: Pick<StepContext, 'recall' | 'remember' | 'log'>) {
    const { count, lines, last } = step.recall(noticesKey) ?? { count: 0, lines: [], last: -1 };
    this.#count = count;
    this.#lines = lines;
    this.#last = last;
  }

  /** Of a statement that is sent again it was told before. */
  async add({ statement, errno, detail }: Notice): Promise<void> {
    const { line, at } = statement;
    if (at <= this.#last) return;
    this.#count += 1;
    this.#last = at;
    if (this.#lines.length >= mostErrors) return;
    this.#lines = [...this.#lines, line];
    this.step.log('warning', 'import.log.noticed', { line, at, errno, detail, statement: shownStatement(statement) });
    await this.keep();
  }

  /** Those that are told one by one are kept at once; beyond them they are only counted, and kept at the end: after a crash the count may be short of some. */
  async keep(): Promise<void> {
    if (this.#count > 0) await this.step.remember(noticesKey, { count: this.#count, lines: this.#lines, last: this.#last });
  }

  /** At the end: nobody reads a log in which nothing is said to be wrong. */
  told(): void {
    if (this.#count > 0) this.step.log('warning', 'import.log.noticed-all', { count: this.#count, line: this.#lines[0] ?? 0 });
  }
}
