import * as v from 'valibot';
import { isSpoilt, sameLetters, type ViewFacts } from '../../../shared/domain/operations/charset/expressions';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { errorOf } from '../../../shared/errors/codes';
import { quoteTable } from '../../mysql/quote';
import { isRefusal } from '../../mysql/errors';
import { textOf } from '../../mysql/reading';
import { plain } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';

type Row = Readonly<Record<string, unknown>>;

/** Views as they were before the tables below them were written anew, until they are known to be that still. */
export const viewsKey = memoryKey('views-before', v.array(v.object({ database: v.string(), view: v.string(), create: v.string() })));

interface KeptView {
  readonly database: string;
  readonly view: string;
  /** SHOW CREATE VIEW. */
  readonly create: string;
}

/** Every view of users that the login may see the text of. */
export async function readViews(session: Session): Promise<readonly ViewFacts[]> {
  const rows = await session.query<Row>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, VIEW_DEFINITION AS text FROM information_schema.VIEWS WHERE ${ofUsers('TABLE_SCHEMA', [ownSchema])}`);
  return rows.map((row) => ({ database: textOf(row['db']) ?? '', view: textOf(row['name']) ?? '', definition: textOf(row['text']) ?? '' }));
}

async function createOf(session: Session, { database, view }: Pick<ViewFacts, 'database' | 'view'>): Promise<string | null> {
  try {
    const [row] = await session.query<Row>(`SHOW CREATE VIEW ${quoteTable(database, view)}`);
    return textOf(row?.['Create View']);
  } catch (thrown) {
    // A view that reads nothing any more keeps nobody from the others.
    if (isRefusal(thrown)) return null;
    throw thrown;
  }
}

/**
 * Views with letters beyond ASCII in their text. A server of 8.0 writes the text of a view anew when a table below it is altered, and reads it in the
 * character set of whoever alters; 5.6 and 5.7 print such a text in the character set that the table has then. Those whose text is spoilt already are left out:
 * what it was nobody knows.
 */
export async function viewsWithLetters(session: Session): Promise<KeptView[]> {
  const kept: KeptView[] = [];
  for (const one of await readViews(session)) {
    if (Buffer.byteLength(one.definition) === one.definition.length) continue;
    const create = await createOf(session, one);
    if (create !== null && sameLetters(create, one.definition, { names: false })) kept.push({ database: one.database, view: one.view, create });
  }
  return kept;
}

/** Makes views again whose letters became others, as they were, in the character set of this program's sessions; what somebody made of one since stays. */
export async function restoreViews(step: StepContext, session: Session, server: string, views: readonly KeptView[]): Promise<void> {
  for (const { database, view, create } of views) {
    const name = `${database}.${view}`;
    const now = await createOf(session, { database, view });
    if (now === null || sameLetters(now, create, { names: true })) continue;
    if (!isSpoilt(now, create)) {
      step.log('warning', 'charset.log.view-changed', { view: name, text: create.slice(0, 2000) });
      continue;
    }
    try {
      await step.sql(session, server, plain(create.replace(/^CREATE /, 'CREATE OR REPLACE ')));
      step.log('warning', 'charset.log.view', { view: name });
    } catch (thrown) {
      // The tables are converted all the same; what the view was is told, so that it can be made by hand.
      if (!isRefusal(thrown)) throw thrown;
      step.log('error', 'charset.log.view-left', { view: name, detail: errorOf(thrown).detail ?? errorOf(thrown).code, text: create.slice(0, 2000) });
    }
  }
}
