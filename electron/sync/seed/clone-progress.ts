import { message } from '../../../shared/i18n/message';
import type { Progress } from '../../../shared/domain/tasks/task';
import { errorOf } from '../../../shared/errors/codes';
import { isUnreachable } from '../../mysql/errors';
import { sleep } from '../../mysql/time';
import type { StepContext } from '../../tasks/types';
import type { CloneRate } from './clone-rate';
import type { SyncContext } from '../run/context';

/** A row of performance_schema.clone_progress. Manual: "The clone_progress Table". */
export interface CloneStage {
  readonly stage: string;
  readonly state: string;
  /** Bytes. */
  readonly estimate: number;
  readonly data: number;
  /** Bytes per second, now. */
  readonly speed: number;
}

/**
 * How far a clone is: the stage under way by name, the bytes of all stages together, and the rate of now, or since it
 * began (`seconds` ago) where the server does not tell one. Pure.
 */
export function cloneProgress(stages: readonly CloneStage[], seconds: number): Progress {
  const at = stages.findLastIndex(({ state }) => state !== 'Not Started');
  const current = stages[at];
  const done = stages.reduce((sum, { data }) => sum + data, 0);
  // A stage that has ended counts with what it moved: its estimate may have been too high.
  const total = stages.reduce((sum, { state, estimate, data }) => sum + (state === 'Completed' ? data : Math.max(estimate, data)), 0);
  const average = seconds >= 1 && done > 0 ? Math.round(done / seconds) : null;
  const rate = current !== undefined && current.speed > 0 ? current.speed : average;
  return {
    text: current === undefined ? null : message('sync.step.cloneStage', { stage: current.stage, number: at + 1, of: stages.length }),
    done,
    total: total === 0 ? null : total,
    unit: 'bytes',
    rate,
    etaSeconds: rate === null || total === 0 ? null : Math.round((total - done) / rate),
  };
}

const everyMs = 500;

/** Tells progress from the recipient's own tables, and holds it to its rate, until it is stopped or the server goes down. */
export function watchProgress(ground: SyncContext, step: StepContext, rate: CloneRate): AbortController {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, step.signal]);
  const look = async (): Promise<void> => {
    const session = await ground.fleet.connect(ground.spec.standbyId, { signal });
    const began = performance.now();
    try {
      while (!signal.aborted) {
        const rows = await session.query<{ stage: string; state: string; estimate: string | number; data: string | number; speed: string | number }>(
          'SELECT STAGE AS stage, STATE AS state, ESTIMATE AS estimate, DATA AS data, DATA_SPEED AS speed FROM performance_schema.clone_progress ORDER BY ID',
        );
        step.progress(
          cloneProgress(
            rows.map(({ stage, state, estimate, data, speed }) => ({
              stage, state, estimate: Number(estimate), data: Number(data), speed: Number(speed),
            })),
            (performance.now() - began) / 1000,
          ),
        );
        await rate.follow(session);
        await sleep(everyMs, signal);
      }
    } finally {
      session.destroy();
    }
  };
  look().catch((thrown: unknown) => {
    // The server going down ends the watch; the clone itself tells how it went.
    if (!signal.aborted && !isUnreachable(thrown)) step.log('warning', 'sync.log.cloneUnwatched', { detail: errorOf(thrown).detail ?? errorOf(thrown).code });
  });
  return stop;
}
