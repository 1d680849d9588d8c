// What is in the way of a restore, dropped; and what is kept of that for whoever has to know of it.
import type { RestoreOrder } from '../../../shared/domain/backup/backup';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { failure } from '../../../shared/errors/codes';
import { writerSession, type WriteJob } from '../../copy/snapshot/sessions';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { aftermathKey } from '../../tasks/aftermath';
import type { OpenBackup } from './open';
import { choiceOf, mostNamed, namesOf, objectsInTheWay } from './plan';

/**
 * Drops what is in the way, where that was asked for; what came since the plan is refused. What goes is kept with the task before it goes, as
 * its aftermath. Answers `skipped` where nothing was in the way.
 */
export async function clear(job: WriteJob, backup: OpenBackup, order: RestoreOrder): Promise<'skipped' | void> {
  const choice = choiceOf(order, backup.manifest);
  const { step, target } = job;
  const keep = async (gone: readonly NamedObject[]): Promise<void> => {
    if (gone.length === 0) return step.forget(aftermathKey);
    const more = Math.max(0, gone.length - mostNamed);
    const params = { name: target.name, count: gone.length, objects: namesOf(gone), more, backup: order.backupId };
    await step.remember(aftermathKey, failure('restore-dropped', params, { server: target.name }).error);
  };
  const writer = await writerSession(target, step.signal, { logged: choice.logged });
  try {
    const inTheWay = await objectsInTheWay(writer, backup, choice);
    if (inTheWay.length === 0) return 'skipped';
    if (!order.replace) throw failure('restore-in-the-way', { name: target.name, objects: namesOf(inTheWay) }, { server: target.name });
    for (const [at, object] of inTheWay.entries()) {
      step.checkpoint();
      await keep(inTheWay.slice(0, at + 1));
      try {
        await drop(job, writer, object);
      } catch (thrown) {
        // The server says whether this one is there still; where it cannot be asked, it counts as gone.
        if (!step.signal.aborted) {
          const left = await objectsInTheWay(writer, backup, choice).catch(() => null);
          if (left?.some((one) => isSame(one, object)) === true) await keep(inTheWay.slice(0, at));
        }
        throw thrown;
      }
    }
    step.log('warning', 'backup.log.dropped', { count: inTheWay.length, objects: namesOf(inTheWay) });
  } finally {
    await writer.close();
  }
}

const isSame = (a: NamedObject, b: NamedObject): boolean => a.kind === b.kind && a.database === b.database && a.name === b.name;

async function drop({ step, target }: WriteJob, writer: Session, { kind, database, name }: NamedObject): Promise<void> {
  const [view] = kind === 'TABLE'
    ? await writer.query<{ type: string }>(
      'SELECT TABLE_TYPE AS type FROM information_schema.TABLES WHERE BINARY TABLE_SCHEMA = BINARY ? AND BINARY TABLE_NAME = BINARY ?', [database, name],
    )
    : [];
  const what = view?.type === 'VIEW' ? 'VIEW' : kind;
  await writer.run(`USE ${quoteId(database)}`);
  await step.sql(writer, target.name, `DROP ${what} IF EXISTS ${quoteTable(database, name)}`);
}
