import { ownSchema } from '../../shared/domain/scope/scope';
import { hasErrno } from '../mysql/errors';
import { quoteId } from '../mysql/quote';
import type { Session } from '../mysql/types';
import { markerTable } from './schema/catalogue';
import type { CopyJob } from './snapshot/sessions';

const marker = `${quoteId(ownSchema)}.${quoteId(markerTable)}`;

/** A copy that is not complete, as the server it was made on tells; another workstation sees it too. */
export interface SeedMark {
  readonly task: string;
  readonly source: string;
  readonly startedAt: string;
}

/**
 * Marks the target as incomplete, outside of its binary log. It stays until the copy is complete and positioned, so that
 * a half-copied server never looks finished, whatever became of us.
 */
export async function setMark(job: CopyJob, writer: Session, taskName: string): Promise<void> {
  const { step, target, source } = job;
  await step.sql(writer, target.name, `CREATE DATABASE IF NOT EXISTS ${quoteId(ownSchema)}`);
  await step.sql(
    writer,
    target.name,
    `CREATE TABLE IF NOT EXISTS ${marker} (id TINYINT NOT NULL PRIMARY KEY, task VARCHAR(190) NOT NULL, source VARCHAR(190) NOT NULL, `
      + 'started_at DATETIME NOT NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4',
  );
  await step.sql(writer, target.name, `REPLACE INTO ${marker} VALUES (1, ?, ?, UTC_TIMESTAMP())`, [taskName, source.name]);
}

export async function clearMark(job: CopyJob, writer: Session): Promise<void> {
  await job.step.sql(writer, job.target.name, `DROP TABLE IF EXISTS ${marker}`);
}

/** The mark of a server; null: there is none. */
export async function readMark(session: Session): Promise<SeedMark | null> {
  try {
    const [row] = await session.query<{ task: string; source: string; at: string }>(`SELECT task, source, started_at AS at FROM ${marker} WHERE id = 1`);
    return row === undefined ? null : { task: row.task, source: row.source, startedAt: row.at };
  } catch (thrown) {
    // 1049, 1146: no such database or table. 1142: not ours to read, so not ours to have written.
    if (hasErrno(thrown, 1049, 1146, 1142)) return null;
    throw thrown;
  }
}
