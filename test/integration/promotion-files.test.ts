// The state of links kept in files, as 5.7 does by default: such a server has the one channel, and the way back is tried on that.
import { afterAll, expect, test } from 'vitest';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf, promote, request, startPair, until } from '../fixtures/promotion-pair';
import { disposeServers } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('promotion-files', (series) => {
  test('an old primary that keeps the state of links in files follows after a planned switchover', async () => {
    const pair = await startPair({ series });
    try {
      const { source, standby, app } = pair;
      await source.query("SET GLOBAL master_info_repository = 'FILE', GLOBAL relay_log_info_repository = 'FILE'");
      const { plan, report } = await promote(app, request(pair.id(standby)));
      expect(report.outcome).toBe('done');
      const shown = plan.steps.find(({ id }) => id === 'prepare')?.sql.filter(({ sql }) => sql.startsWith('CHANGE MASTER')) ?? [];
      expect(shown.map(({ sql }) => sql.includes("FOR CHANNEL ''") || !sql.includes('FOR CHANNEL'))).toEqual([true]);
      await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');
    } finally {
      await pair.dispose();
    }
  });
});
