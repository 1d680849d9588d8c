import type { Instance } from '../../shared/domain/fleet/instance';
import { connect, type LiveSession } from '../mysql/session/session';
import type { ConnectOptions, ConnectTarget, Session } from '../mysql/types';
import type { Vault } from '../storage/types';
import { byId, type InventoryStore } from './inventory';
import type { Passwords } from './passwords';
import type { FleetAccess, StatementsSent } from './types';

export interface AccessParts {
  readonly inventory: InventoryStore;
  readonly passwords: Passwords;
  readonly vault: Pick<Vault, 'get' | 'set' | 'replace'>;
  /** Which engine it is, told to the servers. */
  readonly run: string;
  /** Told of a connection that was opened to hold a server's lock. */
  readonly onOwnLock: (instanceId: string, connectionId: number) => void;
}

/** How the servers of the inventory are logged in to. */
export class Access implements FleetAccess {
  readonly #parts: AccessParts;
  readonly #sent = new Map<string, StatementsSent>();

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** Throws `password-missing` where no password is at hand, `password-elsewhere` where it is for another server. */
  connect = async (id: string, options?: ConnectOptions): Promise<LiveSession> => {
    const { run, onOwnLock } = this.#parts;
    const instance = this.#instance(id);
    const onStatement = (sql: string): void => this.#count(id, sql);
    const session = await connect(await this.#target(instance), { label: instance.name, run, onStatement, ...options });
    if (options?.purpose !== undefined) onOwnLock(id, session.connectionId);
    return session;
  };

  loginOf = async (id: string): Promise<ConnectTarget> => this.#target(this.#instance(id));

  withSession = async <Result>(id: string, use: (session: Session) => Promise<Result>, options?: ConnectOptions): Promise<Result> => {
    const session = await this.connect(id, options);
    try {
      return await use(session);
    } finally {
      await session.close().catch(() => session.destroy());
    }
  };

  statementsSentTo = (id: string): StatementsSent => this.#sent.get(id) ?? { questions: 0, selects: 0 };

  secret = (key: string): Promise<string | null> => this.#parts.vault.get(key);
  setSecret = (key: string, value: string | null): Promise<void> => this.#parts.vault.set(key, value);
  replaceSecret = (key: string, value: string): void => this.#parts.vault.replace(key, value);

  #count(id: string, sql: string): void {
    const { questions, selects } = this.statementsSentTo(id);
    this.#sent.set(id, { questions: questions + 1, selects: selects + (/^\s*SELECT\b/i.test(sql) ? 1 : 0) });
  }

  #instance(id: string): Instance {
    return byId('instance', this.#parts.inventory.get().instances, id);
  }

  async #target(instance: Instance): Promise<ConnectTarget> {
    return targetOf(instance, await this.#parts.passwords.of(instance));
  }
}

/** Where an instance's administrator connects. */
export function targetOf(instance: Pick<Instance, 'admin' | 'user' | 'tls'>, password: string): ConnectTarget {
  return { host: instance.admin.host, port: instance.admin.port, user: instance.user, password, tls: instance.tls };
}
