// Accounts that are carried from one server to another: whatever both have, the server has then what the other one has.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountName, quotedName, rightText, type AccountState } from '../../../shared/domain/accounts/state';
import { carriedAccounts, type CarrySides } from '../../../shared/domain/operations/accounts/carry';
import { carryPreconditions, type CarryFacts } from '../../../shared/domain/operations/accounts/carry-preconditions';
import { accountState, right } from '../../fixtures/accounts';
import { applied, everything, randomRestricted } from '../../fixtures/granted';

const privileges = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'GRANT OPTION', 'CREATE USER', 'BACKUP_ADMIN', 'XA_RECOVER_ADMIN']);
const sidesOf = (from: readonly AccountState[], to: readonly AccountState[], more: Partial<CarrySides> = {}): CarrySides => ({
  from, to, known: { from: privileges, to: privileges }, words: { modern: true, roles: true }, absent: new Set(), ...more,
});
const all = (states: readonly AccountState[]): ReadonlySet<string> => new Set(states.map(accountName));

/** Up to four accounts of a server. */
const randomServer = fc.uniqueArray(
  fc.tuple(fc.constantFrom('a', 'b', 'r', 's'), randomRestricted).map(([user, state]): AccountState => ({ ...state, user })), { selector: ({ user }) => user, maxLength: 4 },
);

describe('accounts that are carried over', () => {
  it('are what they are on the other side, and never without what both sides have', () => {
    fc.assert(fc.property(randomServer, randomServer, (from, to) => {
      const carried = carriedAccounts(sidesOf(from, to), all(from));
      const server = new Map(to.map((state) => [accountName(state), state]));
      for (const { here, there, grants, kept, undo } of carried) {
        const begin = here ?? accountState(there.user);
        const states = [begin];
        for (const sql of grants) states.push(applied(states.at(-1) ?? begin, sql));
        const [before, wanted] = [new Set(everything(begin)), everything(there)];
        const common = wanted.filter((one) => before.has(one) && !one.startsWith('REVOKE'));
        const missing = states.flatMap((state) => {
          const now = new Set(everything(state));
          return common.filter((one) => !now.has(one));
        });
        const last = states.at(-1) ?? begin;
        const held = new Set(everything(last));
        missing.push(...wanted.filter((one) => !held.has(one)));
        // Sets of texts, and one expectation: thousands of accounts pass here.
        const isSame = (some: readonly string[], others: readonly string[]): boolean => JSON.stringify(some) === JSON.stringify(others);
        const isExact = kept.length > 0 || isSame(everything(last), wanted);
        const isUndone = here === null || kept.length > 0 || isSame(everything(undo.reduce(applied, last)), everything(here));
        if (missing.length > 0 || !isExact || !isUndone) expect({ missing, isExact, isUndone }).toEqual({ missing: [], isExact: true, isUndone: true });
        server.set(accountName(there), last);
      }
      // What is carried once is not carried again, but for what no statement takes alone.
      const again = carriedAccounts(sidesOf(from, [...server.values()]), all(from));
      expect(again.flatMap(({ grants }) => grants)).toEqual([]);
    }), { numRuns: 5000 });
  }, 240_000);

  it('what the server does not know, and what is on a table that is not there, is left out and told', () => {
    const app = accountState('app', { rights: [right('SELECT', '`d`.`t`'), right('INSERT', '`d`.*'), right('FLUSH_TABLES', '*.*', 'dynamic')] });
    const [one] = carriedAccounts(sidesOf([app], [], { absent: new Set([rightText(right('SELECT', '`d`.`t`'))]) }), all([app]));
    expect(one).toMatchObject({ here: null, grants: ["GRANT INSERT ON `d`.* TO 'app'@'%'"], left: ['FLUSH_TABLES', 'SELECT ON `d`.`t`'] });
  });
});

describe('what stands in the way of carrying over', () => {
  const root = accountState('root', { rights: [right('CREATE USER'), right('GRANT OPTION')] });
  const failed = (from: readonly AccountState[], more: Partial<CarryFacts> = {}, chosen = all(from)): readonly string[] => {
    const sides = sidesOf(from, more.to ?? [root]);
    const facts: CarryFacts = {
      ...sides, carried: carriedAccounts(sides, chosen), login: 'us@%', ownUse: () => null, plugins: new Set(['caching_sha2_password']), isOlder: false,
      restricts: { from: false, to: false }, ...more,
    };
    return carryPreconditions(facts).filter(({ status }) => status === 'fail').map(({ id }) => id);
  };
  const app = accountState('app', { rights: [right('SELECT', '`a_b`.*')] });
  const role = accountState('r');

  it.each([
    ['nothing to carry', failed([]), ['unchanged']], ['an account that is missing', failed([app]), []],
    ['an older series', failed([app], { isOlder: true }), ['series']], ['our own login', failed([accountState('us')]), ['own']],
    ['one that would catch it', failed([accountState('us', { host: 'localhost' })]), ['own']], ['no name', failed([accountState('')]), ['own']],
    ['a login of links', failed([app], { ownUse: () => 'link' }), ['own']],
    ['a plugin that is not there', failed([accountState('app', { plugin: 'mysql_native_password' })]), ['plugin']],
    ['a role that is not there', failed([accountState('app', { roles: [{ role: quotedName(role), admin: false }] })]), ['roles']],
    ['the same with its role', failed([accountState('app', { roles: [{ role: quotedName(role), admin: false }] }), role]), []],
    ['a partial revoke', failed([accountState('app', { rights: [right('SELECT'), right('SELECT', '`d`.*', 'restricted')] })]), ['partial']],
    ['a right that our login may not give', failed([app], { to: [root, accountState('us', { rights: [right('SELECT')] })] }), ['able']],
    ['one that it may give', failed([app], { to: [root, accountState('us', { rights: [right('SELECT'), right('GRANT OPTION')] })] }), []],
    ['PROXY', failed([accountState('app', { proxies: [{ as: "'p'@'%'", grantOption: false }] })]), ['proxy']],
    ['the last account able to grant', failed([accountState('root')]), ['last-granter']],
  ])('%s', (_what, found, wanted) => {
    expect(found).toEqual(wanted);
  });

  it('a pattern that the other server reads as a name is told', () => {
    const sides = sidesOf([app], [root]);
    const told = carryPreconditions({
      ...sides, carried: carriedAccounts(sides, all([app])), login: 'us@%', ownUse: () => null, plugins: new Set(['caching_sha2_password']), isOlder: false,
      restricts: { from: false, to: true },
    });
    expect(told.filter(({ status }) => status === 'warn').map(({ id }) => id)).toEqual(['patterns']);
  });
});
