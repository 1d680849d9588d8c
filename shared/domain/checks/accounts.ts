import { message } from '../../i18n/message';
import type { Seed } from '../sync/sync';
import { atLeast, formatVersion } from '../fleet/version';
import { databasesOf } from './coverage';
import { defineCheck, listed, missed, passed, value, type CheckDefinition, type CheckInput, type CheckOutcome } from './define';
import { hiddenRoutines } from '../accounts/hidden';
import { mayGrant, missingRights } from '../accounts/rights';
import { isOn, variable } from './variables';
import type { AccountReading, Purpose, ServerReading } from './facts';

const writeRights = [
  'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE',
  'EXECUTE', 'TRIGGER', 'EVENT',
];

function seedOf(input: CheckInput): Seed {
  // What is not chosen yet is checked as the copy, which needs the most.
  return input.seed === 'auto' ? 'copy' : input.seed;
}

function rightsFor(server: ServerReading, ...purposes: readonly Purpose[]): string[] {
  return purposes.flatMap((purpose) => server.rights[purpose]);
}

/** `'user'@'host'` of an account as CURRENT_USER() says it. */
function quotedAccount(account: string): string {
  const at = account.lastIndexOf('@');
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`;
}

interface Lacking {
  /** On everything. */
  readonly missing: readonly string[];
  readonly grantOption: boolean;
  /** SELECT on the table of programs, which servers before 8.0 have. */
  readonly programs?: boolean;
}

function verdict(server: ServerReading, { missing, grantOption, programs = false }: Lacking, on: 'source' | 'standby'): CheckOutcome {
  if (missing.length === 0 && !grantOption && !programs) return passed(message('checks.priv.enough', { account: server.account }));
  const lacking = [...missing, ...(grantOption ? ['GRANT OPTION'] : []), ...(programs ? ['SELECT ON mysql.proc'] : [])];
  const privileges = grantOption && !missing.includes('REPLICATION SLAVE') ? [...missing, 'REPLICATION SLAVE'] : missing;
  const account = quotedAccount(server.account);
  const sql = [
    ...(privileges.length === 0 ? [] : [`GRANT ${privileges.join(', ')} ON *.* TO ${account}${grantOption ? ' WITH GRANT OPTION' : ''}`]),
    ...(programs ? [`GRANT SELECT ON mysql.proc TO ${account}`] : []),
  ];
  return missed('fail', message('checks.priv.missing', { account: server.account, ...listed(lacking) }), {
    items: lacking, remedy: { on, sql, text: message('checks.priv.fix') },
  });
}

function loopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

/**
 * Accounts without a user name that would catch the standby's login: the server prefers the narrower host over the
 * narrower user, so `''@'localhost'` wins over `'repl'@'%'`. Manual: "Access Control, Stage 1".
 */
function anonymousTraps(
  accounts: readonly AccountReading[],
  source: ServerReading,
  standby: ServerReading,
  input: CheckInput,
): readonly AccountReading[] {
  const skipsNames = isOn(variable(source, 'skip_name_resolve'));
  const names = [input.standby.replication.host, input.standby.admin.host, variable(standby, 'hostname') ?? ''];
  const sameMachine = loopback(input.source.replication.host) ? ['localhost', '127.0.0.1', '::1'] : [];
  const candidates = [...names, ...sameMachine].filter((host) => host !== '' && (!skipsNames || /^[\d.]+$|:/.test(host))).map((host) => host.toLowerCase());
  const hasOwn = (host: string): boolean => accounts.some((account) => account.user === input.replicationUser && account.host.toLowerCase() === host);
  const shadows = (host: string): boolean => !hasOwn(host) && candidates.some((name) => hostMatches(host, name));
  return accounts.filter(({ user, host }) => user === '' && host !== '%' && host !== '' && shadows(host.toLowerCase()));
}

function hostMatches(pattern: string, host: string): boolean {
  const source = pattern.replaceAll(/[%_]|[.*+?^${}()|[\]\\]/g, (part) => (part === '%' ? '.*' : part === '_' ? '.' : `\\${part}`));
  return new RegExp(`^${source}$`).test(host);
}

export const accountChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'priv.src.admin', group: 'accounts', level: 'fail', needs: ['sourceServer', 'sourceGrants'],
    decide: ({ sourceServer, sourceGrants }, input) => {
      const seed = seedOf(input);
      const purposes: Record<Seed, readonly Purpose[]> = {
        copy: ['copy-out', 'backup'], clone: ['backup', 'watch-replication', 'watch-sessions'], adopt: ['watch-replication', 'watch-sessions'],
      };
      const wanted = rightsFor(sourceServer, ...purposes[seed]);
      const create = input.replicationUser === null ? [...rightsFor(sourceServer, 'create-accounts'), 'REPLICATION SLAVE'] : [];
      // On the databases of a partial scope is enough.
      const rights = missingRights(sourceGrants, [...wanted, ...create], databasesOf(input.scope));
      // Routines that it does not see a copy would leave out, and its comparison would not miss.
      const routines = seed === 'copy' ? hiddenRoutines(sourceGrants, input.scope, sourceServer.version) : null;
      const missing = routines?.on.kind === 'everything' ? [...new Set([...rights, ...routines.rights])] : rights;
      const grantOption = input.replicationUser === null && !mayGrant(sourceGrants, 'REPLICATION SLAVE');
      return verdict(sourceServer, { missing, grantOption, programs: routines?.on.kind === 'programs' }, 'source');
    },
  }),
  defineCheck({
    id: 'priv.dst.admin', group: 'accounts', level: 'fail', needs: ['standbyServer', 'standbyGrants'],
    decide: ({ standbyServer, standbyGrants }, input) => {
      const seed = seedOf(input);
      const always = rightsFor(
        standbyServer,
        'control-replication',
        'set-variables',
        'kill-sessions',
        'flush-and-reset',
        'watch-replication',
        'watch-sessions',
      );
      const accounts = input.scope.kind === 'instance' ? rightsFor(standbyServer, 'change-accounts') : [];
      const bySeed: Record<Seed, readonly string[]> = {
        copy: [...writeRights, ...rightsFor(standbyServer, 'set-definer'), ...accounts],
        clone: rightsFor(standbyServer, 'clone'),
        adopt: [],
      };
      return verdict(standbyServer, { missing: missingRights(standbyGrants, [...always, ...bySeed[seed]]), grantOption: false }, 'standby');
    },
  }),
  defineCheck({
    id: 'priv.repl', group: 'accounts', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceAccounts', 'forwardProbe'],
    decide: ({ sourceServer, standbyServer, sourceAccounts, forwardProbe }, input) => {
      const user = input.replicationUser;
      if (user !== null && forwardProbe.result === 'connected') return passed(message('checks.priv.repl.logged-in', { user }));
      const traps = anonymousTraps(sourceAccounts, sourceServer, standbyServer, input);
      if (traps.length > 0) {
        const names = traps.map(({ host }) => quotedAccount(`@${host}`));
        const remedy = { on: 'source' as const, sql: names.map((name) => `DROP USER ${name}`), text: message('checks.priv.repl.fix-anonymous') };
        return missed('fail', message('checks.priv.repl.anonymous', listed(names)), { items: names, remedy, fixable: true });
      }
      if (user === null) return passed(message('checks.priv.repl.to-create'));
      const mine = sourceAccounts.filter((account) => account.user === user);
      const named = mine.map(({ host }) => `${user}@${host}`);
      if (mine.length === 0) return missed(
        'fail',
        message('checks.priv.repl.absent', { user }),
        { remedy: { on: 'source', text: message('checks.priv.repl.fix-absent') } },
      );
      const lacking = mine.filter(({ replicationSlave }) => !replicationSlave);
      if (lacking.length > 0) {
        const sql = lacking.map(({ host }) => `GRANT REPLICATION SLAVE ON *.* TO ${quotedAccount(`${user}@${host}`)}`);
        return missed('fail', message('checks.priv.repl.powerless', listed(named)), { remedy: { on: 'source', sql, text: message('checks.priv.fix') } });
      }
      if (mine.every(({ locked }) => locked)) {
        // No Fix button: somebody locked it for a reason.
        const sql = named.map((account) => `ALTER USER ${quotedAccount(account)} ACCOUNT UNLOCK`);
        return missed(
          'fail',
          message('checks.priv.repl.locked', listed(named)),
          { remedy: { on: 'source', sql, text: message('checks.priv.repl.fix-locked') } },
        );
      }
      if (forwardProbe.result === 'answered' && forwardProbe.errno === 1045) {
        return missed(
          'fail',
          message('checks.priv.repl.refused', { user, text: forwardProbe.text }),
          { remedy: { on: 'source', text: message('checks.priv.repl.fix-refused') } },
        );
      }
      return passed(message('checks.priv.repl.exists', listed(named)));
    },
  }),
  defineCheck({
    id: 'priv.repl.plugin', group: 'accounts', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceAccounts', 'forwardProbe'],
    decide: ({ sourceServer, standbyServer, sourceAccounts, forwardProbe }, { replicationUser }) => {
      const existing = replicationUser === null ? undefined : sourceAccounts.find(({ user }) => user === replicationUser)?.plugin;
      const plugin = existing ?? (atLeast(sourceServer.version, 8, 0, 4) ? 'caching_sha2_password' : 'mysql_native_password');
      const measured = message('checks.priv.repl.plugin.measured', { plugin, version: formatVersion(standbyServer.version) });
      if (replicationUser !== null && forwardProbe.result === 'connected') return passed(measured);
      if (plugin === 'caching_sha2_password' && !atLeast(standbyServer.version, 8, 0, 4)) {
        return missed(
          'fail',
          measured,
          {
            remedy: {
              on: 'source', text: message(atLeast(sourceServer.version, 9, 0, 0) ? 'checks.priv.repl.plugin.fix-gone' : 'checks.priv.repl.plugin.fix-native'),
            },
          },
        );
      }
      return passed(measured);
    },
  }),
  defineCheck({
    id: 'priv.dst.super', group: 'accounts', level: 'warn', needs: ['sourceAccounts', 'standbyAccounts', 'standbyServer'],
    decide: ({ sourceAccounts, standbyAccounts, standbyServer }, { scope, seed }) => {
      // A copy or clone of the whole instance brings the source's accounts along.
      const accounts = scope.kind === 'instance' && seed !== 'adopt' ? sourceAccounts : standbyAccounts;
      const own = standbyServer.account.slice(0, standbyServer.account.lastIndexOf('@'));
      const strong = accounts
        .filter(({ user, pastReadOnly, locked }) => pastReadOnly.length > 0 && !locked && user !== own && user !== 'root' && !user.startsWith('mysql.'))
        .map(({ user, host, pastReadOnly }) => `${user}@${host} (${pastReadOnly.join(', ')})`);
      if (strong.length === 0) return passed(value(0));
      return missed('warn', message('checks.priv.dst.super.found', listed(strong)), { items: strong, remedy: { text: message('checks.priv.dst.super.fix') } });
    },
  }),
];
