// What is said of a folder of mydumper's before it is imported, besides its statements.
import type { FolderFacts } from '../../../shared/domain/operations/import/plan';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { message, type Message } from '../../../shared/i18n/message';
import { named } from './asked';

/** Whether all of it seems to be there, and what of it is not imported; `short`: tables that miss rows. */
export function folderConditions({ finished, ignored }: FolderFacts, short: readonly string[]): readonly Precondition[] {
  const warn = (id: string, title: Message, measured: Message): Precondition => (
    { id, title, sql: '', status: 'warn', measured, remedy: id === 'ignored' ? null : message('import.precondition.folder.remedy') });
  const complete = message('import.precondition.complete');
  return [
    ...(finished ? [] : [warn('complete', complete, message('import.precondition.folder.unfinished'))]),
    ...(short.length === 0 ? [] : [
      warn('short-of-rows', complete, message('import.precondition.folder.short', { count: short.length, names: named(short) })),
    ]),
    ...(ignored.length === 0 ? [] : [
      warn('ignored', message('import.precondition.folder.ignored'), message('import.precondition.folder.ignored.named', {
        count: ignored.length, names: named(ignored),
      })),
    ]),
  ];
}
