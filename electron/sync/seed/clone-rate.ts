import * as v from 'valibot';
import type { Session } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { standbyOf } from '../../replication/link-context';
import { globalVariable } from '../../mysql/reading';
import type { SyncContext } from '../run/context';

/** Of the recipient, and dynamic. Manual: "Clone System Variables". */
const bandwidth = 'clone_max_data_bandwidth';
const bandwidthBefore = memoryKey('cloneBandwidthBefore', v.number());

/** MB per second as the variable takes them, MiB per second: at least 1, since 0 is no limit. Pure. */
export function mebibytes(mb: number): number {
  return Math.max(1, Math.floor((mb * 1e6) / 1024 ** 2));
}

/** Holds a clone to the speed limit of its task, which may change while it runs. Without one the server's own setting stands. */
export class CloneRate {
  private now: number | undefined;

  constructor(
    private readonly ground: SyncContext,
    private readonly step: StepContext,
  ) {}

  /** Sets on the recipient what the task allows now, where that changed. */
  async follow(recipient: Session): Promise<void> {
    const wanted = this.ground.copyRateMb?.();
    if (wanted === this.now) return;
    if (this.step.recall(bandwidthBefore) === undefined) await this.step.remember(bandwidthBefore, Number(await globalVariable(recipient, bandwidth)));
    if (wanted === undefined) await restoreBandwidth(this.ground, this.step, recipient);
    else await this.step.sql(recipient, standbyOf(this.ground).name, recipient.dialect.setGlobal(bandwidth, mebibytes(wanted)));
    this.now = wanted;
  }
}

/** Puts the recipient's own setting back, where this run changed it. (A restart does the same.) */
export async function restoreBandwidth(ground: SyncContext, step: StepContext, recipient: Session): Promise<void> {
  const before = step.recall(bandwidthBefore);
  if (before !== undefined) await step.sql(recipient, standbyOf(ground).name, recipient.dialect.setGlobal(bandwidth, before));
}
