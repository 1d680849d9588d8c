import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../../electron/fleet/types';
import { delayFound, runDefinition, type RunInput } from '../../../electron/operations/read-only/run';
import { errorOf } from '../../../shared/errors/codes';
import { isRefused } from '../../../shared/errors/refusals';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';
import { instanceView } from '../../fixtures/renderer-fleet';

const gtid = (to: string): string => `3e11fa47-71ca-11e1-9e33-c80aa9429562:${to}`;

/** A run of a 5.6 that is held without its delay; its source has purged what waits. */
async function held(receiver: 'Yes' | 'No') {
  const status = {
    Slave_IO_Running: receiver, Slave_SQL_Running: 'No', Last_SQL_Errno: 0, Last_SQL_Error: '', Last_IO_Errno: 0, Last_IO_Error: '', SQL_Delay: 0,
    Channel_Name: '', Master_Host: 'h', Retrieved_Gtid_Set: gtid('1-9'), Executed_Gtid_Set: gtid('1-5'),
  };
  const ran: string[] = [];
  const answer = (id: string) => (sql: string): readonly Record<string, unknown>[] => {
    if (sql.startsWith('SHOW SLAVE STATUS')) return [status];
    if (sql.includes('AS purged')) return [{ executed: gtid('1-9'), purged: gtid('1-7') }];
    if (sql.startsWith('SELECT @@GLOBAL.gtid_executed')) return [{ gtid_executed: gtid('1-5') }];
    if (!sql.startsWith('SELECT')) ran.push(`${id}: ${sql}`);
    return [];
  };
  const view = instanceView(2, { id: 'late', region: 'gz', role: 'standby' });
  const fleet: Partial<Fleet> = {
    instance: (id) => ({ ...view.instance, name: id }),
    view: () => ({ ...view, sourceId: 'source' }),
    withSession: async (id, use) => use(fakeSession(id, answer(id), '5.6.51')),
  };
  const input: RunInput = { instanceId: 'late', edge: 'before', gtid: gtid('6'), wanted: gtid('1-5'), delaySeconds: 3600 };
  const { steps } = runDefinition({ fleet: fleet as Fleet, clock: () => 1, hold: () => undefined, standing: { keep: () => { throw new Error('not here'); } } as never }, input);
  const step = loneStep();
  await step.remember(delayFound, 3600);
  return { step, ran, at: (id: string) => steps.find((one) => one.id === id) };
}

describe('the delay that does not come back after a run', () => {
  it.each([
    ['Yes', { how: 'log', name: 'late', seconds: 3600, source: 'source', gtids: '3e11fa47…:6-7' }, gtid('6-7')],
    ['No', { how: 'receiver', name: 'late', seconds: 3600, source: '', gtids: '' }, ''],
  ] as const)('is told as it is, at the end and where it is taken back; receiver: %s', async (receiver, params, detail) => {
    const { step, ran, at } = await held(receiver);
    for (const act of [() => at('delay')?.run(step), () => at('no-delay')?.undo?.(step)]) {
      const error = errorOf(await Promise.resolve(act()).then(() => null, (thrown: unknown) => thrown));
      expect(error).toEqual({ code: 'delay-not-back', params, detail, server: 'late' });
      expect(isRefused(error.code)).toBe(false);
    }
    expect(ran).toEqual(['late: STOP SLAVE SQL_THREAD']);
  });
});
