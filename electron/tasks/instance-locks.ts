import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { purposeParams } from '../../shared/domain/tasks/lock-holder';
import { taskKinds, type TaskKind } from '../../shared/domain/tasks/task';
import { failure } from '../../shared/errors/codes';
import { describeOwner, isAlive } from './owner';
import type { Owner } from './owner';

const content = v.object({
  owner: v.object({ pid: v.number(), start: v.string(), run: v.string(), user: v.string(), host: v.string() }),
  taskId: v.string(),
  kind: v.optional(v.picklist(taskKinds)),
  what: v.string(),
  since: v.number(),
});
type Content = v.InferOutput<typeof content>;

/**
 * One task at a time per instance, among all processes that share a data folder: a file per instance, made with
 * exclusive creation. A file whose owner is dead counts for nothing.
 */
export class InstanceLocks {
  constructor(private readonly folder: string) {}

  /**
   * Takes all of them or none; those among `shared` beside other tasks that share them. Throws `lock-held` with the holder,
   * since when (ISO 8601) and what it does.
   */
  acquire(
    instanceIds: readonly string[],
    holder: { owner: Owner; taskId: string; kind: TaskKind; what: string; since: number },
    shared: readonly string[] = [],
  ): () => void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const taken: string[] = [];
    const release = (): void => {
      for (const path of taken.splice(0)) if (this.read(path)?.taskId === holder.taskId) rmSync(path, { force: true });
    };
    try {
      for (const id of [...new Set(instanceIds)].sort()) {
        const exclusive = join(this.folder, `${id}.lock`);
        const path = shared.includes(id) ? join(this.folder, `${id}.${holder.taskId}.shared`) : exclusive;
        this.take(path, JSON.stringify(holder));
        taken.push(path);
        // Each takes its own first and looks for the other then: of two that come at once at most one gets through.
        for (const other of path === exclusive ? this.sharers(id) : [exclusive]) this.refuseAlive(other);
      }
    } catch (thrown) {
      release();
      throw thrown;
    }
    return release;
  }

  /** Locks of tasks that share an instance; what a dead process left is cleared away. */
  private sharers(id: string): readonly string[] {
    const paths = readdirSync(this.folder).filter((name) => name.startsWith(`${id}.`) && name.endsWith('.shared')).map((name) => join(this.folder, name));
    return paths.filter((path) => {
      const other = this.read(path);
      if (other !== null && isAlive(other.owner)) return true;
      rmSync(path, { force: true });
      return false;
    });
  }

  private refuseAlive(path: string): void {
    const other = this.read(path);
    if (other !== null && isAlive(other.owner)) throw held(other);
  }

  private take(path: string, text: string): void {
    // The content is complete before the name exists: nobody can read half of it.
    const draft = `${path}.${randomUUID()}`;
    writeFileSync(draft, text, { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        try {
          linkSync(draft, path);
          return;
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
        }
        const other = this.read(path);
        if (other !== null && isAlive(other.owner)) throw held(other);
        this.removeStale(path);
      }
      throw failure('lock-held', { holder: '?', since: '?', kind: 'other', what: '?' });
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Two may find the same dead lock: what is moved away is looked at again, and put back where it is alive after all. */
  private removeStale(path: string): void {
    const aside = `${path}.${randomUUID()}`;
    try {
      renameSync(path, aside);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw thrown;
    }
    const moved = this.read(aside);
    try {
      if (moved !== null && isAlive(moved.owner)) {
        linkSync(aside, path);
        throw held(moved);
      }
    } finally {
      rmSync(aside, { force: true });
    }
  }

  private read(path: string): Content | null {
    try {
      const result = v.safeParse(content, JSON.parse(readFileSync(path, 'utf8')));
      return result.success ? result.output : null;
    } catch {
      return null;
    }
  }
}

function held(by: Content): Error {
  return failure(
    'lock-held',
    {
      holder: describeOwner(by.owner), since: new Date(by.since).toISOString(),
      ...(by.kind === undefined ? { kind: 'other', what: by.what } : purposeParams({ kind: by.kind, name: by.what })),
    },
  );
}
