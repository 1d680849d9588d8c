import { errorOf, failure } from '../../shared/errors/codes';
import type { Progress } from '../../shared/domain/tasks/task';
import { sleep } from '../mysql/time';
import type { QueryOptions, Session, Statement } from '../mysql/types';
import type { Message, MessageParams } from '../../shared/i18n/message';
import type { MessageKey } from '../../shared/i18n/en';
import type { LiveTask } from './live-task';
import type { MemoryKey } from './memory';
import type { StepContext } from './types';

/** A statement longer than this is cut in the journal; what ran is still told apart. */
const journaledSqlLength = 20_000;
/** Progress lines reach the journal at most this often, milliseconds; a front sees all of them. */
const progressJournalMs = 5000;

/** What one step may do; bound to one run (or undo) of it. Once its signal is aborted it does nothing any more. */
export function createContext(task: LiveTask, stepId: string, signal: AbortSignal, options: { undo: boolean }): StepContext {
  let progressJournaledAt = 0;
  // An undo, and a step past the point of no return, is not stopped by a full disk.
  const mandatory = (): boolean => !options.undo && task.model.pastNoReturn() === null;

  const keep = async (key: string, value: unknown): Promise<void> => {
    signal.throwIfAborted();
    const record = { t: 'memory', at: Date.now(), key, value } as const;
    if (mandatory()) {
      task.write(record, false);
      await task.sync();
    } else {
      task.note(record, false);
      await task.trySync();
    }
  };

  return {
    signal,
    async sql<Row = Record<string, unknown>>(
      session: Session,
      server: string,
      statement: string | Statement,
      params?: readonly unknown[],
      query: QueryOptions = {},
    ): Promise<Row[]> {
      signal.throwIfAborted();
      const end = task.beginStatement(stepId, server, journaled(statement), mandatory());
      const started = performance.now();
      try {
        const rows = await session.query<Row>(statement, params, {
          ...query,
          signal: query.signal === undefined ? signal : AbortSignal.any([signal, query.signal]),
        });
        end(performance.now() - started, null);
        return rows;
      } catch (thrown) {
        end(performance.now() - started, errorOf(thrown));
        throw thrown;
      }
    },
    progress(progress: Progress): void {
      if (signal.aborted) return;
      const record = { t: 'progress', at: Date.now(), step: stepId, progress } as const;
      if (record.at - progressJournaledAt < progressJournalMs) return task.show(record);
      progressJournaledAt = record.at;
      task.note(record, false);
    },
    log(level: 'info' | 'warning' | 'error', key: MessageKey, params?: MessageParams): void {
      task.noteLog(level, key, params);
    },
    remember: ({ name }, value) => keep(name, value),
    forget: ({ name }) => keep(name, null),
    recall: <Value>(key: MemoryKey<Value>): Value | undefined => task.model.recall(key),
    async waitFor(what: Message, condition: () => Promise<boolean>, { everyMs = 1000, limitMs }: { everyMs?: number; limitMs?: number } = {}): Promise<void> {
      const since = performance.now();
      const { error } = task.model;
      let waiting = false;
      try {
        for (;;) {
          signal.throwIfAborted();
          if (await condition()) return;
          if (limitMs !== undefined && performance.now() - since >= limitMs) throw failure('step-timeout', { step: stepId, seconds: limitMs / 1000 });
          // An undo that waits stays an undo: it cannot be cancelled or paused.
          if (!waiting) task.noteEvent('wait', { waitingFor: what, error });
          waiting = true;
          await sleep(limitMs === undefined ? everyMs : Math.min(everyMs, Math.max(1, limitMs - (performance.now() - since))), signal);
        }
      } finally {
        // Cancel or pause may have moved the state on meanwhile; theirs stays.
        if (waiting && (options.undo || task.model.state === 'waiting')) task.noteEvent('proceed', { error });
      }
    },
    checkpoint(): void {
      signal.throwIfAborted();
    },
  };
}

function journaled(statement: string | Statement): string {
  const text = typeof statement === 'string' ? statement : statement.redacted;
  return text.length <= journaledSqlLength ? text : `${text.slice(0, journaledSqlLength)}…`;
}
