import * as v from 'valibot';
import { quoteAccount, quoteId, quoteTable } from '../mysql/quote';
import { hasErrno } from '../mysql/errors';
import { isSystemSchema } from '../../shared/domain/scope/scope';
import type { Session } from '../mysql/types';
import { memoryKey } from '../tasks/memory';
import type { StepContext, TaskMemory } from '../tasks/types';
import { putAccountsBack } from './schema/account-changes';
import { openDatabases } from './schema/schema';
import type { WriteJob } from './snapshot/sessions';

const programKinds = ['VIEW', 'PROCEDURE', 'FUNCTION', 'EVENT', 'LIBRARY'] as const;
export type ProgramKind = (typeof programKinds)[number];

const made = v.object({
  databases: v.array(v.string()),
  tables: v.array(v.object({ database: v.string(), name: v.string() })),
  accounts: v.array(v.object({ user: v.string(), host: v.string() })),
  /** Views and programs in databases that were there before. */
  programs: v.optional(v.array(v.object({ kind: v.picklist(programKinds), database: v.string(), name: v.string() })), []),
});

/** What a copy created on the target and nothing else: the undo removes this much and no more. */
type Made = v.InferOutput<typeof made>;

type MadeInput = { readonly [Part in keyof Made]?: readonly Readonly<Made[Part][number]>[] };

/** Kept once a copy was begun. */
export const createdObjects = memoryKey('created', made);

function recallCreated(step: TaskMemory): Made {
  return step.recall(createdObjects) ?? { databases: [], tables: [], accounts: [], programs: [] };
}

/** Something of a copy may be on the target. */
export function isBegun(step: TaskMemory): boolean {
  const { databases, tables, accounts } = recallCreated(step);
  return databases.length + tables.length + accounts.length > 0;
}

/** Adds to what the task has created; durable before anything of it exists. */
export async function rememberCreated(step: StepContext, more: MadeInput): Promise<void> {
  const before = recallCreated(step);
  const next = {
    databases: [...new Set([...before.databases, ...(more.databases ?? [])])],
    tables: [...before.tables, ...(more.tables ?? [])].map(({ database, name }) => ({ database, name })),
    accounts: [...before.accounts, ...(more.accounts ?? [])].map(({ user, host }) => ({ user, host })),
    programs: [...before.programs, ...(more.programs ?? [])].map(({ kind, database, name }) => ({ kind, database, name })),
  };
  await step.remember(createdObjects, next);
}

/** Removes what the copy created, outside of the binary log. Right also where only a part of it was created. */
export async function removeCreated(job: WriteJob, writer: Session): Promise<void> {
  const { step, target } = job;
  const { accounts, programs, ...made } = recallCreated(step);
  // Whatever was noted: a schema of the server's own goes with nothing.
  const isUsers = (database: string): boolean => !isSystemSchema(database, writer.version);
  const [databases, tables] = [made.databases.filter(isUsers), made.tables.filter(({ database }) => isUsers(database))];
  await putAccountsBack(job, writer);
  await openDatabases(job, writer, [...databases, ...tables.map(({ database }) => database), ...programs.map(({ database }) => database)]);
  for (const { user, host } of accounts) {
    try {
      await step.sql(writer, target.name, `DROP USER ${quoteAccount({ user, host })}`);
    } catch (thrown) {
      // 3628: the target's own settings name it as a role that everybody has.
      if (hasErrno(thrown, 3628)) step.log('warning', 'sync.log.roleMandatory', { account: `${user}@${host}` });
      // 1396: it was never created.
      else if (!hasErrno(thrown, 1396)) throw thrown;
    }
  }
  for (const { kind, database, name } of [...programs].reverse()) {
    try {
      await step.sql(writer, target.name, `DROP ${kind} IF EXISTS ${quoteTable(database, name)}`);
    } catch (thrown) {
      if (!hasErrno(thrown, 1049)) throw thrown;
    }
  }
  for (const { database, name } of tables) {
    try {
      await step.sql(writer, target.name, `DROP TABLE IF EXISTS ${quoteTable(database, name)}`);
    } catch (thrown) {
      if (!hasErrno(thrown, 1049)) throw thrown;
    }
  }
  for (const database of databases) await step.sql(writer, target.name, `DROP DATABASE IF EXISTS ${quoteId(database)}`);
  await step.remember(createdObjects, { databases: [], tables: [], accounts: [], programs: [] });
}
