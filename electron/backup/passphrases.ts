// The passphrases of scheduled backups: kept where passwords are, and nowhere else.
import { failure } from '../../shared/errors/codes';
import { backupSecretKey } from '../fleet/secret-keys';
import type { Secrets } from './types';

export class SchedulePassphrases {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** One is kept, or was given for this run. */
  isKnown(instanceId: string): boolean {
    return this.#secrets.has(backupSecretKey(instanceId));
  }

  /**
   * @throws Failure `passphrase-not-kept` where secrets are kept nowhere: the next start would not know it, and every backup since would be
   * refused; `keyring-unavailable`, `vault-locked`, `vault-broken`
   */
  async keep(instanceId: string, passphrase: string): Promise<void> {
    const { tier, damage } = this.#secrets.status();
    if (damage !== undefined) throw failure('vault-broken', { file: damage.file });
    if (tier === 'session') throw failure('passphrase-not-kept', {});
    await this.#secrets.set(backupSecretKey(instanceId), passphrase);
  }

  async forget(instanceId: string): Promise<void> {
    await this.#secrets.set(backupSecretKey(instanceId), null);
  }

  /** @throws Failure `passphrase-missing`; `keyring-unavailable`, `vault-locked`, `vault-broken` where it is kept and cannot be read */
  async of(instanceId: string, name: string): Promise<string> {
    const passphrase = await this.#secrets.get(backupSecretKey(instanceId));
    if (passphrase === null) throw failure('passphrase-missing', { name });
    return passphrase;
  }
}
