// A backup, made again on a server: the same for a restore and for a proof.
import { addForeignKeys, type Later } from '../../copy/schema/schema';
import { writerSession, type WriteJob } from '../../copy/snapshot/sessions';
import { openAll } from '../../mysql/session/open-all';
import type { Session } from '../../mysql/types';
import { failure } from '../../../shared/errors/codes';
import type { TableToCopy } from '../../copy/rows/chunks';
import { chosenTables, type RestoreChoice } from './choice';
import { accountsToMake, makeDatabasesAndTables, makePrograms, programsToMake } from './objects';
import { definitionsIn, type OpenBackup } from './open';
import { loadAll, writerOptions } from './rows';

/** Sessions that create tables at the same time. */
const creators = 4;

/**
 * Makes what is chosen of a backup; nothing of the same name may be there. What it made is noted with the task before it is there.
 * `filled`: called when the tables are whole and no trigger is there yet.
 */
export async function restoreAll(
  job: WriteJob, backup: OpenBackup, choice: RestoreChoice, filled: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { step, target } = job;
  const options = writerOptions(backup, choice.logged);
  const tables = chosenTables(backup.manifest, choice);
  const schema = await definitionsIn(backup, 'schema.sql');
  const programs = await definitionsIn(backup, 'programs.sql');
  const accounts = await definitionsIn(backup, 'accounts.sql');
  const later = await withWriters(job, choice.logged, backup, (writers) => makeDatabasesAndTables(job, writers, schema, tables, choice));
  await loadAll(job, backup, tables, later, options);
  const writer = await writerSession(target, step.signal, options);
  try {
    for (const table of tables) await addForeignKeys(job, writer, table, foreignKeysOf(later, table));
    await filled();
    // Programs name accounts as their definers, whose rights name programs.
    const rights = choice.accounts === 'none' ? [] : await accountsToMake(job, writer, accounts);
    await makePrograms(job, [...rights, ...programsToMake(job, writer, programs, choice, options)]);
  } finally {
    await writer.close();
  }
}

function foreignKeysOf(later: ReadonlyMap<unknown, Later>, table: TableToCopy): readonly string[] {
  return later.get(table)?.foreignKeys ?? [];
}

async function withWriters<Result>(
  job: WriteJob, logged: boolean, backup: OpenBackup, use: (writers: readonly [Session, ...Session[]]) => Promise<Result>,
): Promise<Result> {
  const { step, target } = job;
  const open = (): Promise<Session> => writerSession(target, step.signal, writerOptions(backup, logged));
  const all = await openAll(Array.from({ length: creators }, () => open));
  const [first, ...others] = all;
  if (first === undefined) throw failure('internal', { detail: 'no session to create tables on' });
  try {
    return await use([first, ...others]);
  } finally {
    for (const session of all) session.destroy();
  }
}
