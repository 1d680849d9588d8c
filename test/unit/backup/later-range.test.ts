import { describe, expect, it } from 'vitest';
import { lackingOf } from '../../../shared/domain/backup/later';
import { parseGtidSet } from '../../../shared/domain/gtid/set';

const uuid = '11111111-1111-1111-1111-111111111111';
const set = (text: string): ReturnType<typeof parseGtidSet> => parseGtidSet(text === '' ? '' : `${uuid}:${text}`);

describe('the transactions between a backup and a moment', () => {
  const cases: readonly [what: string, held: string, logged: string, purged: string, from: string, found: string][] = [
    ['all behind the backup', '1-5', '3-9', '1-2', '', '6-9'],
    ['those before the moment alone', '1-5', '1-9', '', '8-9', '6-7'],
    ['none where the moment is right behind the backup', '1-5', '1-9', '', '6-9', ''],
    ['purged ones that it lacks', '1-5', '8-9', '1-7', '', 'purged 6-7'],
    ['those of another server', '1-5:20', '1-9', '', '', 'foreign 20'],
    // This log has 6 behind 7: just before 7 there was no 6, which the backup holds.
    ['one that the backup holds, behind the moment', '1-6', '1-9', '', '6-9', 'held 6'],
    ['one that it holds, far behind the moment, though not the moment itself', '1-3:7', '1-9', '', '5-9', 'held 7'],
  ];
  it.each(cases)('%s: %s of %s (purged %s), from %s: %s', (_what, held, logged, purged, from, expected) => {
    const found = lackingOf({ held: set(held), logged: set(logged), purged: set(purged), from: set(from) });
    const [state, gtids] = 'state' in found ? [`${found.state} `, found.gtids] : ['', found.range];
    expect(`${state}${gtids.toLine().replace(`${uuid}:`, '')}`).toBe(expected);
  });
});
