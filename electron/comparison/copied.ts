import type { Copied } from '../copy/copy';
import { writerSession, type CopyJob } from '../copy/snapshot/sessions';
import type { Session } from '../mysql/types';
import { compareContent } from './content';
import { compareCopiedDefinitions } from './definitions/compare';

/** Parts that are compared at the same time: both servers compute. */
const comparers = 4;

/**
 * Compares a copy with its source, at the position of the copy. Nothing else may write to the target yet.
 *
 * @throws Failure `content-differs` naming the tables; `definitions-differ` naming the objects
 */
export async function compareCopy(job: CopyJob, { snapshot, evaluation, chunks, definitions, leftOut }: Copied): Promise<void> {
  const there: Session[] = [];
  try {
    for (let i = 0; i < comparers; i++) there.push(await writerSession(job.target, job.step.signal, { evaluation }));
    await compareContent(job, snapshot, there, chunks);
    // What a server refused was left out by name. What is missing without a word of anybody is a difference.
    await compareCopiedDefinitions(job, definitions, leftOut.filter(({ why }) => why !== null));
  } finally {
    for (const session of there) session.destroy();
  }
}
