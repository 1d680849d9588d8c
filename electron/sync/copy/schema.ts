import { failure } from '../../../shared/errors/codes';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import type { CopyJob } from './ends';
import type { ObjectName } from './catalogue';

/** Creates a database as it is on the source (character set, collation, encryption). One that exists is kept as it is. */
export async function createDatabase(job: CopyJob, reader: Session, writer: Session, database: string): Promise<void> {
  const [row] = await reader.query<Record<string, string>>(`SHOW CREATE DATABASE IF NOT EXISTS ${quoteId(database)}`);
  await job.step.sql(writer, job.target.name, definitionIn(row, 'Create Database', database));
}

/** Creates a table as it is on the source, foreign keys included: the session does not check them. */
export async function createTable(job: CopyJob, reader: Session, writer: Session, { database, name }: ObjectName): Promise<void> {
  const [row] = await reader.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteTable(database, name)}`);
  await job.step.sql(writer, job.target.name, `USE ${quoteId(database)}`);
  await job.step.sql(writer, job.target.name, definitionIn(row, 'Create Table', name));
}

/** The text of a definition; a server hides it (NULL) from logins that may not see it. */
export function definitionIn(row: Readonly<Record<string, string | null>> | undefined, field: string, name: string): string {
  const text = row?.[field];
  if (text === undefined || text === null || text === '') throw failure('privilege-missing', { privilege: `${field}: ${name}` });
  return text;
}
