import { describe, expect, it } from 'vitest';
import type { Chunk, TableToCopy } from '../../../electron/copy/rows/chunks';
import { RowMeter } from '../../../electron/copy/rows/row-meter';
import type { StepContext } from '../../../electron/tasks/types';
import type { Progress } from '../../../shared/domain/tasks/task';

const table = { database: 'shop', table: 'orders' } as TableToCopy;
const chunk = (rows: number, bytes: number): Chunk => ({ table, rows, bytes }) as Chunk;

function metered(chunks: readonly Chunk[]) {
  let at = 0;
  let told: Progress | null = null;
  const step = { progress: (progress: Progress) => { told = progress; } } as unknown as StepContext;
  const meter = new RowMeter(step, chunks, undefined, () => at);
  return { meter, pass: (ms: number) => { at += ms; }, told: (): Progress => told ?? expect.fail('nothing was told') };
}

describe('the progress of a copy', () => {
  it('is in bytes that moved, however wrong the estimate of the server is', () => {
    const [a, b] = [chunk(1000, 16_384), chunk(1000, 16_384)];
    const { meter, pass, told } = metered([a, b]);
    pass(2000);
    meter.moved(a, 1000, 1_000_000);
    meter.finished(a);
    expect(told()).toMatchObject({ done: 1_000_000, total: 2_000_000, rate: 500_000, etaSeconds: 2 });
    meter.moved(b, 1000, 1_000_000);
    meter.finished(b);
    expect(told()).toMatchObject({ done: 2_000_000, total: 2_000_000, etaSeconds: 0 });
  });

  it('tells the rate of the last seconds, not of the whole copy', () => {
    const a = chunk(1000, 1_000_000);
    const { meter, pass, told } = metered([a]);
    for (let second = 0; second < 20; second += 1) {
      pass(1000);
      meter.moved(a, 10, 1_000_000);
    }
    for (let second = 0; second < 20; second += 1) {
      pass(1000);
      meter.moved(a, 10, 1000);
    }
    expect(told().rate).toBeLessThan(1200);
    expect(told().done).toBe(20_020_000);
  });

  it('takes back what was taken away, and a rate is told after a second at the earliest', () => {
    const a = chunk(1000, 1_000_000);
    const { meter, pass, told } = metered([a]);
    pass(500);
    meter.moved(a, 500, 500_000);
    expect(told()).toMatchObject({ done: 500_000, total: 1_000_000, rate: null, etaSeconds: null });
    meter.restarted(a);
    expect(told()).toMatchObject({ done: 0, total: 1_000_000 });
    expect(meter.bytes).toBe(500_000);
  });
});
