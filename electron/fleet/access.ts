import type { Instance } from '../../shared/domain/fleet/instance';
import { failure } from '../../shared/errors/codes';
import { connect, type LiveSession } from '../mysql/session';
import type { ConnectOptions, ConnectTarget } from '../mysql/types';
import type { Vault } from '../storage/types';
import { instanceSecretKey } from './secret-keys';

/** How the servers of the inventory are logged in to; the only reader of their passwords. */
export class Access {
  readonly #vault: Vault;
  readonly #run: string;

  /** `run`: which engine it is, told to the servers. */
  constructor(vault: Vault, run: string) {
    this.#vault = vault;
    this.#run = run;
  }

  /** A new session with the instance's login; the caller closes it. Throws `password-missing` where none is at hand. */
  async connect(instance: Instance, options: ConnectOptions = {}): Promise<LiveSession> {
    return connect(await this.target(instance), { label: instance.name, run: this.#run, ...options });
  }

  /** Where and as whom to log in. Throws `password-missing` where no password is at hand. */
  async target(instance: Instance): Promise<ConnectTarget> {
    return targetOf(instance, await this.password(instance));
  }

  async password(instance: Instance): Promise<string> {
    const password = await this.#vault.get(instanceSecretKey(instance.id));
    if (password === null) throw failure('password-missing', { name: instance.name });
    return password;
  }

  passwordKnown(instanceId: string): boolean {
    return this.#vault.has(instanceSecretKey(instanceId));
  }

  /**
   * Keeps a password in the vault. Where the keyring that the vault belongs to is not there (the terminal on a desktop's
   * data folder) it is known for this run only.
   */
  async remember(instanceId: string, password: string): Promise<void> {
    const { tier, keyringAvailable } = this.#vault.status();
    if (tier === 'keyring' && !keyringAvailable) this.#vault.provide(instanceSecretKey(instanceId), password);
    else await this.#vault.set(instanceSecretKey(instanceId), password);
  }

  forget(instanceId: string): Promise<void> {
    return this.#vault.set(instanceSecretKey(instanceId), null);
  }
}

/** Where an instance's administrator connects. */
export function targetOf(instance: Pick<Instance, 'admin' | 'user' | 'tls'>, password: string): ConnectTarget {
  return { host: instance.admin.host, port: instance.admin.port, user: instance.user, password, tls: instance.tls };
}
