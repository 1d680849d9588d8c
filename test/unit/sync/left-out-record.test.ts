import { describe, expect, it } from 'vitest';
import { leftOutRecord } from '../../../electron/sync/left-out';
import { newRecord, refusedIn, waitingIn, type SyncRecord } from '../../../electron/sync/records';
import type { LeftOut } from '../../../shared/domain/scope/left-out';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { copySpec } from '../../fixtures/sync-spec';

const view: NamedObject = { kind: 'TABLE', database: 'shop', name: 'v' };
const shell: NamedObject = { kind: 'TABLE', database: 'shop', name: 'shell' };
const account = (name: string): NamedObject => ({ kind: 'ACCOUNT', database: '', name });
const leftOut = (object: NamedObject): LeftOut => ({ ...object, why: null, at: 1 });
const names = (objects: readonly NamedObject[]) => objects.map(({ name }) => name);

/** A task that left these out, and what it remembers from then on. */
const task = (...objects: readonly NamedObject[]) => {
  let kept: SyncRecord = { ...newRecord('one', copySpec('n', 'source', 'standby'), 0), outcome: 'linked', leftOut: objects.map(leftOut) };
  let writes = 0;
  const record = leftOutRecord({
    record: () => kept,
    change: (_id, next) => {
      kept = next(kept);
      writes += 1;
      return kept;
    },
  }, 'one', () => 1);
  return { record, now: () => kept, writes: () => writes };
};

describe('what a task remembers of rights on what was left out', () => {
  it('tells of what came to the standby until its rights are known to be equal', () => {
    const { record, now, writes } = task(view);
    expect(waitingIn(now())).toEqual([]);
    record.settled([view]);
    expect([names(now().leftOut), names(waitingIn(now()))]).toEqual([[], ['v']]);
    const before = writes();
    record.rightsWait([view]);
    expect(writes()).toBe(before);
    record.rightsWait([]);
    expect([names(record.due()), waitingIn(now())]).toEqual([['v'], []]);
    record.rightsWait([view]);
    record.rightsEqual([view]);
    expect([record.due(), waitingIn(now())]).toEqual([[], []]);
  });

  it('keeps what was refused of a table that stands there and is left out all the same', () => {
    const { record, now } = task(shell);
    const refused = { ...shell, sql: "GRANT SELECT (`a`) ON `shop`.`shell` TO 'u'@'%'", why: 'no such column' };
    record.rightsRefused([refused]);
    record.rightsRefused([refused, { ...refused, sql: 'GRANT another' }]);
    expect(refusedIn(now()).map(({ name, sql }) => [name, sql])).toEqual([['shell', refused.sql], ['shell', 'GRANT another']]);
    // It is told as left out already.
    record.rightsWait([shell]);
    expect([names(now().leftOut), waitingIn(now())]).toEqual([['shell'], []]);
  });

  it('knows from whom a statement that was passed over took rights, until they are equal', () => {
    const { record } = task();
    record.revoked(view, [account('a@%'), account('b@%')]);
    record.revoked(view, [account('b@%'), account('c@%')]);
    expect(['a@%', 'b@%', 'c@%', 'd@%'].map((name) => record.isRevoked(view, account(name)))).toEqual([true, true, true, false]);
    expect([record.isRevoked(shell, account('a@%')), names(record.due())]).toEqual([false, ['v']]);
    record.rightsEqual([view]);
    expect([record.isRevoked(view, account('a@%')), record.due()]).toEqual([false, []]);
  });
});
