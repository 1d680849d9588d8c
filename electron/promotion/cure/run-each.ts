import { errorOf, failure } from '../../../shared/errors/codes';
import type { Statement } from '../../mysql/types';

/**
 * Runs the statements of a cure one by one. A server has no way to take several of them as one, and none is taken back: where one fails, what was
 * done by then and what was not is told, each statement as it was shown.
 *
 * @throws Failure `cure-unfinished`; of a single statement what it throws
 */
export async function runEach(server: string, statements: readonly Statement[], run: (statement: Statement) => Promise<unknown>): Promise<void> {
  for (const [done, statement] of statements.entries()) {
    try {
      await run(statement);
    } catch (thrown) {
      if (statements.length === 1) throw thrown;
      const texts = statements.map(({ redacted }) => redacted);
      const { code, detail = code } = errorOf(thrown);
      const named = { server, done: done === 0 ? '—' : texts.slice(0, done).join('; '), left: texts.slice(done).join('; ') };
      throw failure('cure-unfinished', named, { server, detail, cause: thrown });
    }
  }
}
