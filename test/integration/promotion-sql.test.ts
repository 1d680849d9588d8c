// What a plan shows is what runs, in the words of the servers that it runs on.
import { afterAll, afterEach, expect, test } from 'vitest';
import { eachSeries } from '../fixtures/matrix';
import { promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers } from '../fixtures/servers';
import { shownAgainstRan } from '../fixtures/shown-sql';

afterAll(disposeServers);

eachSeries('promotion-sql', (series, _traits, words) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  test.each(['planned', 'emergency'] as const)('%s: the statements of the plan are the statements of the report', async (kind) => {
    pair = await startPair({ series, standbys: 2 });
    const { source, standby, app } = pair;
    const { plan, report } = await promote(app, request(pair.id(standby), { kind }));
    expect(report.outcome).toBe('done');
    expect(shownAgainstRan(plan, report)).toEqual({ unshown: [], unrun: [] });
  });
});
