import { describe, expect, it } from 'vitest';
import { lostOf } from '../../../electron/backup/restore/later/apply';

describe('a log that is read again to be followed', () => {
  it('is not followed where it was not read to its end', () => {
    expect(lostOf([{ why: 'unchecked', what: 'a.b' }, { why: 'unreadable', what: 'x:5-9' }], 3, 3)).toEqual({ why: 'unreadable', what: 'x:5-9' });
  });

  it('is not followed where it holds fewer changes than were found before', () => {
    expect(lostOf([], 2, 3)).toEqual({ why: 'unreadable', what: '2 < 3' });
  });

  it('is followed where all of it was read', () => {
    expect(lostOf([{ why: 'unchecked', what: 'a.b' }], 3, 3)).toBeNull();
  });
});
