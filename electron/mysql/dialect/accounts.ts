import { failure } from '../../../shared/errors/codes';
import { atLeast } from '../../../shared/domain/fleet/version';
import type { DialectBase } from './features';
import { quoteAccount, quoteId } from '../quote';
import { plain, Secret, statementOf, type Statement } from '../statement';

export interface Account {
  readonly user: string;
  /** A host name, address or pattern as the server keeps it; `%`: anywhere. */
  readonly host: string;
}

interface NewAccount {
  readonly account: Account;
  readonly password: string;
  /** The account may log in over TLS only. */
  readonly requireTls: boolean;
  /** Whatever `default_password_lifetime` says. 5.6 has no lifetimes. */
  readonly neverExpires?: boolean;
  /** Default: the server's own. `mysql_native_password` for a replica before 8.0 of a newer source. */
  readonly plugin?: string;
}

/** What an account must be able to do; `privilegesFor` says which privileges that takes on this version. */
export type Purpose =
  /** Pull the binary log (the replication account). */
  | 'replicate'
  /** Read the state of replication and of the binary log. */
  | 'watch-replication'
  /** See every session. */
  | 'watch-sessions'
  /** Start, stop and change replication; set filters. To reset it takes `flush-and-reset` as well. */
  | 'control-replication'
  /** SET GLOBAL and SET PERSIST of dynamic variables, read_only and gtid_purged among them. */
  | 'set-variables'
  /** SET PERSIST_ONLY of variables that are fixed at run time. */
  | 'persist-fixed-variables'
  /** End sessions and statements of others; of accounts with SYSTEM_USER (8.0.16+) only who has it too may. */
  | 'kill-sessions'
  /** FLUSH TABLES WITH READ LOCK, RESET REPLICA, RESET MASTER. */
  | 'flush-and-reset'
  /** LOCK INSTANCE FOR BACKUP, to be the donor of a clone, and with SELECT to read log_status. */
  | 'backup'
  | 'clone'
  /** Read everything a copy needs. */
  | 'copy-out'
  /** Create objects that belong to other accounts (DEFINER), administrators and accounts that are not there among them. */
  | 'set-definer'
  /** Create accounts. To grant them something takes just that, with its grant option. */
  | 'create-accounts'
  /** Create, change and drop accounts, those of administrators (root) among them. */
  | 'change-accounts';

export interface AccountStatements {
  /** Creates an account; an existing one is an error (1396), never changed silently. */
  createAccount(options: NewAccount): readonly Statement[];
  /** Gives an existing account a new password. */
  changePassword(account: Account, password: string): Statement;
  /** Removes an account; one that does not exist is no error from 5.7.8 (1396 before). */
  dropAccount(account: Account): Statement;
  /** Grants on everything (`*.*`), or on one database. */
  grant(privileges: readonly string[], account: Account, database?: string): Statement;
  /** The privileges for a purpose, in the words of this version. */
  privilegesFor(purpose: Purpose): readonly string[];
  /** The password of an account gets no lifetime, and one that ran out counts again. Nothing before 5.7.6. */
  keepPassword(account: Account): readonly Statement[];
  /** The statements that make a replication account; its password does not run out, which would end a link overnight. */
  createReplicationAccount(options: NewAccount): readonly Statement[];
  /** The plugin a new account gets where none is named. */
  readonly defaultAuthPlugin: string;
}

/** Manual: "Account Management Statements", "Privileges Provided by MySQL". */
export function accountStatements({ version, features }: DialectBase): AccountStatements {
  const systemUser = features.hasSystemUser ? ['SYSTEM_USER'] : [];
  const privilegesFor = (purpose: Purpose): readonly string[] => {
    const dynamic = features.hasDynamicPrivileges;
    switch (purpose) {
      case 'replicate':
        return ['REPLICATION SLAVE'];
      case 'watch-replication':
        return ['REPLICATION CLIENT'];
      case 'watch-sessions':
        return ['PROCESS'];
      case 'control-replication':
        return dynamic ? ['REPLICATION_SLAVE_ADMIN'] : ['SUPER'];
      case 'set-variables':
        return dynamic ? ['SYSTEM_VARIABLES_ADMIN'] : ['SUPER'];
      case 'persist-fixed-variables':
        return dynamic ? ['SYSTEM_VARIABLES_ADMIN', 'PERSIST_RO_VARIABLES_ADMIN'] : [];
      case 'kill-sessions':
        return dynamic ? ['CONNECTION_ADMIN'] : ['SUPER'];
      case 'flush-and-reset':
        return ['RELOAD'];
      case 'backup':
        return dynamic ? ['BACKUP_ADMIN'] : [];
      case 'clone':
        return features.hasClone ? ['CLONE_ADMIN'] : [];
      case 'copy-out':
        return ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'LOCK TABLES', 'PROCESS', 'RELOAD', 'REPLICATION CLIENT'];
      case 'set-definer':
        if (atLeast(version, 8, 2, 0)) return ['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER', ...systemUser];
        return dynamic ? ['SET_USER_ID', ...systemUser] : ['SUPER'];
      case 'create-accounts':
        return ['CREATE USER'];
      case 'change-accounts':
        // SET PASSWORD of 5.6 counts as a change of the table mysql.user.
        return ['CREATE USER', ...systemUser, ...(features.hasAlterUserPassword ? [] : ['UPDATE'])];
    }
  };

  const grant = (privileges: readonly string[], account: Account, database?: string): Statement => {
    if (privileges.length === 0) throw new RangeError('No privilege to grant');
    if (!privileges.every((privilege) => /^[A-Z_ ]+$/.test(privilege))) throw new RangeError('Not a privilege');
    const level = database === undefined ? '*' : quoteId(database);
    return plain(`GRANT ${privileges.join(', ')} ON ${level}.* TO ${quoteAccount(account)}`);
  };

  const identified = (plugin: string | undefined, password: string): Array<string | Secret> => {
    if (plugin === undefined) return [' IDENTIFIED BY ', new Secret(password)];
    return [` IDENTIFIED WITH ${pluginName(plugin)} BY `, new Secret(password)];
  };

  const createAccount = ({ account, password, requireTls, plugin, neverExpires = false }: NewAccount): readonly Statement[] => {
    const who = quoteAccount(account);
    if (features.hasAlterUserPassword) {
      const options = `${requireTls ? ' REQUIRE SSL' : ''}${neverExpires ? ' PASSWORD EXPIRE NEVER' : ''}`;
      return [statementOf(`CREATE USER ${who}`, ...identified(plugin, password), options)];
    }
    // 5.6: IDENTIFIED WITH takes no password, and REQUIRE belongs to GRANT.
    if (plugin !== undefined && plugin !== 'mysql_native_password') {
      throw failure('auth-plugin-unsupported', { plugin, host: account.host, port: 0 });
    }
    const create = statementOf(`CREATE USER ${who}`, ...identified(undefined, password));
    return requireTls ? [create, plain(`GRANT USAGE ON *.* TO ${who} REQUIRE SSL`)] : [create];
  };

  return {
    createAccount,
    privilegesFor,
    grant,
    defaultAuthPlugin: features.hasCachingSha2 ? 'caching_sha2_password' : 'mysql_native_password',
    changePassword: (account, password) => {
      const who = quoteAccount(account);
      if (features.hasAlterUserPassword) return statementOf(`ALTER USER ${who}`, ...identified(undefined, password));
      return statementOf(`SET PASSWORD FOR ${who} = PASSWORD(`, new Secret(password), ')');
    },
    dropAccount: (account) => plain(`DROP USER ${features.hasUserIfExists ? 'IF EXISTS ' : ''}${quoteAccount(account)}`),
    keepPassword: (account) => (features.hasAlterUserPassword ? [plain(`ALTER USER ${quoteAccount(account)} PASSWORD EXPIRE NEVER`)] : []),
    createReplicationAccount: (options) => [...createAccount({ ...options, neverExpires: true }), grant(privilegesFor('replicate'), options.account)],
  };
}

function pluginName(plugin: string): string {
  if (!/^\w+$/.test(plugin)) throw new RangeError(`Not a plugin's name: ${plugin}`);
  return `'${plugin}'`;
}
