import { describe, expect, it } from 'vitest';
import { hasOwnRights, objectRightChanges, type ObjectRights, type RightsReading } from '../../../shared/domain/accounts/object-rights';
import type { AccountRight } from '../../../shared/domain/accounts/state';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';

const view: NamedObject = { kind: 'TABLE', database: 'shop', name: 'v' };
const program: NamedObject = { kind: 'PROCEDURE', database: 'shop', name: 'P' };
const levels = new Map([[view, '`shop`.`v`'], [program, 'PROCEDURE `shop`.`p`']]);

/** Who holds what, as `user: right, right`. */
const reading = (lines: readonly string[], object = view, there: readonly NamedObject[] = [view, program], accounts = ['a', 'b']): RightsReading => ({
  rights: lines.map((line): ObjectRights => {
    const [user = '', rights = ''] = line.split(': ');
    const named = object === program ? { ...program, name: 'p' } : object;
    const held = rights.split(', ').map((privilege): AccountRight => ({ kind: 'static', privilege, level: levels.get(object) ?? '' }));
    return { user, host: '%', object: named, rights: held };
  }),
  accounts: new Set(accounts.map((user) => `'${user}'@'%'`)), there,
});
interface Case {
  readonly takes?: boolean;
  readonly kept?: readonly string[];
  readonly object?: NamedObject;
  readonly after?: readonly string[];
  readonly there?: readonly NamedObject[];
  readonly revoked?: readonly string[];
}
const changes = (source: readonly string[], standby: readonly string[], more: Case = {}) => {
  const { takes = true, kept = [], object = view, after = source, there, revoked = [] } = more;
  const around = { before: reading(source, object), standby: reading(standby, object, there), after: reading(after, object) };
  const found = objectRightChanges([object], around, {
    kept: new Set(kept), takes, isRevoked: (one, { name }) => one === object && revoked.includes(name),
  });
  return found.equal.length > 0 ? 'equal' : found.changes.map(({ sql }) => sql);
};

describe('rights on what was left out and is there again', () => {
  it.each([
    ['nothing', [], [], 'equal'],
    ['the same', ['a: SELECT, INSERT'], ['a: INSERT, SELECT'], 'equal'],
    ['given meanwhile', ['a: SELECT, INSERT', 'b: SELECT (`id`), GRANT OPTION'], [], ["GRANT SELECT, INSERT ON `shop`.`v` TO 'a'@'%'", "GRANT SELECT (`id`) ON `shop`.`v` TO 'b'@'%' WITH GRANT OPTION"]],
    ['in part', ['a: SELECT, INSERT'], ['a: SELECT'], ["GRANT INSERT ON `shop`.`v` TO 'a'@'%'"]],
    ['taken meanwhile', ['a: SELECT'], ['a: SELECT, INSERT', 'b: DELETE'], ["REVOKE INSERT ON `shop`.`v` FROM 'a'@'%'", "REVOKE DELETE ON `shop`.`v` FROM 'b'@'%'"]],
    ['of accounts that are on one side only', ['c: SELECT'], ['d: SELECT'], 'equal'],
  ])('%s', (_what, source, standby, expected) => {
    expect(changes(source, standby)).toEqual(expected);
  });

  it('takes nothing from accounts where the standby keeps its own, and leaves some alone altogether', () => {
    expect(changes(['a: SELECT'], ['a: INSERT'], { takes: false })).toEqual(["GRANT SELECT ON `shop`.`v` TO 'a'@'%'"]);
    expect(changes(['a: SELECT'], ['a: SELECT, INSERT'], { takes: false })).toBe('equal');
    expect(changes(['a: SELECT'], [], { kept: ["'a'@'%'"] })).toBe('equal');
  });

  it('takes from those of which a REVOKE was passed over, also where the standby keeps its own; from nobody else', () => {
    const one = { takes: false, revoked: ['a@%'] };
    expect(changes([], ['a: SELECT', 'b: SELECT'], one)).toEqual(["REVOKE SELECT ON `shop`.`v` FROM 'a'@'%'"]);
    expect(changes(['a: SELECT'], ['a: SELECT', 'b: SELECT'], one)).toBe('equal');
    expect(changes([], ['a: SELECT'], { ...one, kept: ["'a'@'%'"] })).toBe('equal');
  });

  it('of programs, whatever the letter case of their names', () => {
    expect(changes(['a: EXECUTE'], [], { object: program })).toEqual(["GRANT EXECUTE ON PROCEDURE `shop`.`p` TO 'a'@'%'"]);
  });

  it('is not judged while it changes on the source, and waits for what is not there', () => {
    expect(changes(['a: SELECT'], ['a: SELECT'], { after: [] })).toEqual([]);
    expect(changes(['a: SELECT'], [], { there: [program] })).toEqual([]);
    expect(changes([], [], { there: [] })).toBe('equal');
  });

  it('are of tables, views and programs', () => {
    expect((['TABLE', 'FUNCTION', 'EVENT', 'TRIGGER', 'ACCOUNT'] as const).map((kind) => hasOwnRights({ kind, database: '', name: '' }))).toEqual([true, true, false, false, false]);
  });
});
