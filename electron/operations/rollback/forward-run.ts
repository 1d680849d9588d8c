// Tables beside the originals, as they were just before a transaction: made again from a backup, and brought on by the log behind it.
import { ownName, type NewName } from '../../../shared/domain/operations/rollback/names';
import type { ForwardTables } from '../../../shared/domain/operations/rollback/forward';
import { message } from '../../../shared/i18n/message';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { LiveSession } from '../../mysql/session/session';
import type { Step, StepContext } from '../../tasks/types';
import { giveNames, makeDatabases, takeAway } from './beside-copies';
import type { ForwardInput, RollbackWork } from './work';

export function forwardSteps(work: RollbackWork, input: ForwardInput): readonly Step[] {
  const { forward } = work.deps;
  const { backupId, gtid, names } = input;
  return [
    {
      id: 'check', title: message('rollback.step.check', { backup: backupId, gtid }), run: (context) => forward.check(context, backupId, tablesOf(input)),
    },
    {
      id: 'restore', title: message('rollback.step.restore', { count: names.length, backup: backupId, gtid }), run: (context) => restore(work, input, context),
      undo: (context) => remove(work, input, context), undoLimitMs: 3_600_000,
    },
    {
      id: 'name', title: message('rollback.step.name', { count: names.length }), pointOfNoReturn: true,
      run: (context) => giveNames(work, input, context),
    },
  ];
}

/** What the tables of a rollback are made as until they are whole. */
export function tablesOf(
  { id, instanceId, gtid, names }: Pick<ForwardInput, 'id' | 'instanceId' | 'gtid'> & { readonly names: readonly NewName[] },
): ForwardTables {
  return {
    instanceId, gtid,
    tables: names.map(({ database, table, newDatabase }, at) => ({ of: { database, table }, as: { database: newDatabase, table: ownName(id, at) } })),
  };
}

async function restore(work: RollbackWork, input: ForwardInput, context: StepContext): Promise<void> {
  const { id, name, gtid, backupId } = input;
  const wanted = tablesOf(input);
  try {
    const writer = await work.connect(context.signal);
    const copies = await makeDatabases(context, writer, input);
    for (const { as } of wanted.tables) await copies.noteTable(as);
    const rows = await work.deps.forward.restore(context, backupId, wanted);
    // Whoever waited all the while may have been let go.
    await dropForeignKeys(context, await work.connect(context.signal), name, wanted);
    work.book.noteOutcome(id, { gtid: null, rows, left: 0 });
    context.log('info', 'rollback.log.forward', { name, rows, gtid, backup: backupId });
  } finally {
    work.endSessions();
  }
}

/** They carried on what the log does not hold; from now on changes of one copy are nobody else's. As of copies of the present. */
async function dropForeignKeys(context: StepContext, writer: LiveSession, name: string, { tables }: ForwardTables): Promise<void> {
  for (const { as: { database, table } } of tables) {
    const keys = await writer.query<{ name: string }>(
      "SELECT CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'FOREIGN KEY'",
      [database, table],
    );
    if (keys.length === 0) continue;
    await context.sql(writer, name, `ALTER TABLE ${quoteTable(database, table)} ${keys.map((key) => `DROP FOREIGN KEY ${quoteId(key.name)}`).join(', ')}`);
  }
}

async function remove(work: RollbackWork, input: ForwardInput, context: StepContext): Promise<void> {
  await work.deps.forward.remove(context, tablesOf(input));
  await takeAway(work, input, context);
}
