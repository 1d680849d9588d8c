import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type Series } from '../fixtures/servers';
import { missingRows, startWriter } from '../fixtures/writer';

afterAll(disposeServers);

describe.each<Series>(['9.7', '5.6'])('planned switchover on MySQL %s', (series) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  test.each([
    ['an ordinary client', false],
    ['a privileged client (SUPER, CONNECTION_ADMIN)', true],
  ])('loses no row that was acknowledged to %s', async (_name, privileged) => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const writer = await startWriter({ servers: [source, standby], privileged });
    const { report, task } = await promote(app, request(pair.id(standby)));
    expect(task.error).toBeNull();
    expect(report.outcome).toBe('done');
    const moved = () => Promise.resolve(writer.acknowledged().some((row) => row.port === standby.port));
    await until(moved, 20_000, 'the writer to write to the new primary');
    const rows = await writer.stop();
    expect(await missingRows(standby, rows)).toEqual([]);
    expect(await isReadOnly(standby)).toBe(false);
    expect(await isReadOnly(source)).toBe(true);
    await until(() => hasAllOf(source, standby), 10_000, 'the old primary to follow');
    expect(await executed(source)).toBe(await executed(standby));
    expect(report.outageMs).toBeGreaterThan(0);
    // Not even an administrator's plain write gets through; before 5.7.8 SUPER is what nothing stops.
    if (series === '9.7') await expect(source.query('INSERT INTO app.rows_written VALUES (-1, 1)')).rejects.toThrow(/read-only/);
  });
});
