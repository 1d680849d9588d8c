import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { Failure, failure } from '../../shared/errors/codes';
import { secretTiers, type SecretStatus, type SecretTier } from '../../shared/domain/settings';
import { openDocument, type OpenDocument } from './document';
import type { Keyring, Vault } from './types';
import { deriveKey, kdfSchema, newCheck, newKdf, passesCheck, seal, unseal, type Kdf } from './vault-crypto';

const schema = v.object({
  tier: v.picklist(secretTiers),
  kdf: v.nullable(kdfSchema),
  check: v.nullable(v.pipe(v.string(), v.base64())),
  secrets: v.record(v.string(), v.pipe(v.string(), v.base64())),
});
type VaultFile = v.InferOutput<typeof schema>;

const FILE = 'vault.json';
const SHORTEST_PASSPHRASE = 8;

/**
 * Opens the secrets of a data folder, kept in `vault.json` under the tier that the user chose:
 *
 * - `keyring`: each secret encrypted by the operating system's keyring;
 * - `passphrase`: each encrypted with AES-256-GCM under a key that scrypt makes from a passphrase;
 * - `session`: in memory only, nothing on disk.
 *
 * Without a file the tier is the keyring where there is one, else the session. A file that cannot be read is set aside and
 * `status().broken` says so; so does one whose key cannot be made any more. Passwords that are given then hold for this run, and
 * `startOver` begins a new store. Secrets live in private fields only: no inspection, no JSON and no
 * error shows them.
 */
export function openVault(options: { dataFolder: string; keyring: Keyring | null }): Vault {
  return new FileVault(options.dataFolder, options.keyring);
}

class FileVault implements Vault {
  readonly #dataFolder: string;
  readonly #keyring: Keyring | null;
  readonly #document: OpenDocument<VaultFile>;
  /** For this run only: given per run, or kept nowhere by the user's choice. */
  readonly #provided = new Map<string, string>();
  readonly #session = new Map<string, string>();
  readonly #listeners = new Set<(status: SecretStatus) => void>();
  #open: { readonly key: Buffer; readonly salt: string } | null = null;

  constructor(dataFolder: string, keyring: Keyring | null) {
    this.#dataFolder = dataFolder;
    this.#keyring = keyring;
    const tier: SecretTier = this.#hasKeyring() ? 'keyring' : 'session';
    const empty: VaultFile = { tier, kdf: null, check: null, secrets: {} };
    const open = (): OpenDocument<VaultFile> => openDocument({ dataFolder, name: 'vault', version: 1, schema, empty });
    this.#document = openOrSetAside(join(dataFolder, FILE), open);
  }

  /** What is stored. Parameters of a passphrase are there in that tier only: where the word for the tier is damaged, they tell it. */
  #stored(file = this.#document.get()): VaultFile {
    return file.kdf !== null && file.check !== null && file.tier !== 'passphrase' ? { ...file, tier: 'passphrase' } : file;
  }

  status(): SecretStatus {
    const { tier } = this.#stored();
    const damage = this.#damage();
    const broken = damage !== null;
    const locked = tier === 'passphrase' && !broken && this.#key() === null;
    return { tier, keyringAvailable: this.#hasKeyring(), locked, broken, ...(damage === null ? {} : { damage }) };
  }

  async get(key: string): Promise<string | null> {
    const atHand = this.#provided.get(key) ?? this.#session.get(key);
    if (atHand !== undefined) return atHand;
    const damage = this.#damage();
    if (damage !== null) throw failure('vault-broken', { file: damage.file });
    const file = this.#stored();
    const sealed = file.secrets[key];
    return sealed === undefined ? null : this.#decrypt(file, key, sealed);
  }

  async set(key: string, value: string | null): Promise<void> {
    const before = this.status();
    if (value === null) {
      this.#provided.delete(key);
      this.#session.delete(key);
      if (this.#document.get().secrets[key] !== undefined) {
        this.#document.update((file) => ({ ...file, secrets: Object.fromEntries(Object.entries(file.secrets).filter(([name]) => name !== key)) }));
      }
    } else if (this.#stored().tier === 'session' || this.#damage()?.what === 'parameters') {
      // Nothing can be sealed under a key that cannot be made: it holds for this run, and nobody is kept from working.
      this.#session.set(key, value);
      this.#provided.delete(key);
    } else {
      this.#document.update((file) => ({ ...file, secrets: { ...file.secrets, [key]: this.#encrypt(this.#stored(file), key, value) } }));
      this.#provided.delete(key);
    }
    if (before.broken !== this.status().broken) this.#changed();
  }

  replace(key: string, value: string): void {
    const place = [this.#provided, this.#session].find((kept) => kept.has(key));
    if (place !== undefined) place.set(key, value);
    else {
      this.#document.update((file) => {
        if (file.secrets[key] === undefined) return file;
        return { ...file, secrets: { ...file.secrets, [key]: this.#encrypt(this.#stored(file), key, value) } };
      });
    }
  }

  has(key: string): boolean {
    return this.atHand()(key);
  }

  atHand(): (key: string) => boolean {
    const { tier, secrets } = this.#stored();
    const opens = tier === 'keyring' ? this.#hasKeyring() : this.#key() !== null;
    return (key) => this.#provided.has(key) || this.#session.has(key) || (opens && secrets[key] !== undefined);
  }

  provide(key: string, value: string): void {
    this.#provided.set(key, value);
  }

  async unlock(passphrase: string): Promise<SecretStatus> {
    const { tier, kdf, check, secrets } = this.#stored();
    if (tier !== 'passphrase') return this.status();
    if (kdf === null || check === null) throw failure('vault-broken', { file: FILE });
    const key = await deriveKey(passphrase, kdf);
    if (!passesCheck(key, kdf, check)) {
      // The check itself may be what is damaged: a secret that opens proves the passphrase as well.
      if (!Object.entries(secrets).some(([name, sealed]) => unseal(key, kdf, name, sealed) !== null)) throw failure('vault-wrong-passphrase', {});
      this.#document.update((file) => (file.kdf?.salt === kdf.salt ? { ...file, tier, check: newCheck(key, kdf) } : file));
    }
    this.#open = { key, salt: kdf.salt };
    return this.#changed();
  }

  async startOver(): Promise<SecretStatus> {
    this.#document.update(() => {
      this.#keepCopy();
      return { tier: this.#hasKeyring() ? 'keyring' : 'session', kdf: null, check: null, secrets: {} };
    });
    this.#open = null;
    return this.#changed();
  }

  async choose(tier: SecretTier, passphrase?: string): Promise<SecretStatus> {
    if (tier === 'keyring' && !this.#hasKeyring()) throw failure('keyring-unavailable', {});
    if (tier === 'passphrase' && (passphrase ?? '').length < SHORTEST_PASSPHRASE) {
      throw failure('invalid-input', { field: 'passphrase', reason: `≥ ${SHORTEST_PASSPHRASE}` });
    }
    const opened = tier === 'passphrase' ? await this.#newKey(passphrase ?? '') : null;
    const all = new Map<string, string>();
    this.#document.update((file) => {
      for (const [key, value] of this.#everySecret(this.#stored(file))) all.set(key, value);
      const next: VaultFile = { tier, kdf: opened?.kdf ?? null, check: opened === null ? null : newCheck(opened.key, opened.kdf), secrets: {} };
      if (tier === 'session') return next;
      return { ...next, secrets: Object.fromEntries([...all].map(([key, value]) => [key, this.#encrypt(next, key, value, opened?.key)])) };
    });
    this.#open = opened === null ? null : { key: opened.key, salt: opened.kdf.salt };
    this.#session.clear();
    if (tier === 'session') for (const [key, value] of all) this.#session.set(key, value);
    return this.#changed();
  }

  onChange(listener: (status: SecretStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): SecretStatus {
    const status = this.status();
    for (const listener of this.#listeners) listener(status);
    return status;
  }

  #hasKeyring(): boolean {
    return this.#keyring?.available() === true;
  }

  /** What is damaged of a secret store that could not be opened, until a new one has taken its place. */
  #damage(): NonNullable<SecretStatus['damage']> | null {
    const { tier, kdf, check } = this.#stored();
    if (tier === 'passphrase' && (kdf === null || check === null)) return { what: 'parameters', file: FILE };
    const aside = existsSync(join(this.#dataFolder, FILE)) ? undefined : this.#document.setAside().at(-1);
    return aside === undefined ? null : { what: 'file', file: aside };
  }

  /** Whatever could not be read of the file stays beside it. */
  #keepCopy(): void {
    const file = join(this.#dataFolder, FILE);
    if (existsSync(file)) copyFileSync(file, asideOf(file));
  }

  /** The key of the passphrase, unless another process has changed the passphrase since. */
  #key(): Buffer | null {
    return this.#open !== null && this.#open.salt === this.#stored().kdf?.salt ? this.#open.key : null;
  }

  async #newKey(passphrase: string): Promise<{ key: Buffer; kdf: Kdf }> {
    const kdf = newKdf();
    return { key: await deriveKey(passphrase, kdf), kdf };
  }

  #encrypt(file: VaultFile, key: string, value: string, under: Buffer | null = this.#open?.salt === file.kdf?.salt ? this.#open?.key ?? null : null): string {
    switch (file.tier) {
      case 'keyring':
        if (this.#keyring === null || !this.#hasKeyring()) throw failure('keyring-unavailable', {});
        return this.#keyring.encrypt(value).toString('base64');
      case 'passphrase':
        if (file.kdf === null) throw failure('vault-broken', { file: FILE });
        if (under === null) throw failure('vault-locked', {});
        return seal(under, file.kdf, key, value);
      case 'session':
        throw failure('internal', { detail: 'the session tier writes nothing' });
      default:
        return file.tier satisfies never;
    }
  }

  #decrypt(file: VaultFile, key: string, sealed: string): string {
    if (file.tier === 'passphrase') {
      if (file.kdf === null) throw failure('vault-broken', { file: FILE });
      if (this.#open === null || this.#open.salt !== file.kdf.salt) throw failure('vault-locked', {});
      const text = unseal(this.#open.key, file.kdf, key, sealed);
      if (text === null) throw failure('vault-broken', { file: FILE });
      return text;
    }
    if (this.#keyring === null || !this.#hasKeyring()) throw failure('keyring-unavailable', {});
    try {
      return this.#keyring.decrypt(Buffer.from(sealed, 'base64'));
    } catch {
      // The cause is left out: a keyring's error may quote what it was given.
      throw failure('vault-broken', { file: FILE });
    }
  }

  /** Every secret in the clear, to be moved to another tier. One that does not open stays in a copy of the file. */
  #everySecret(file: VaultFile): Map<string, string> {
    const all = new Map(this.#session);
    let lost = false;
    for (const [key, sealed] of Object.entries(file.secrets)) {
      try {
        all.set(key, this.#decrypt(file, key, sealed));
      } catch (error) {
        if (!isBroken(error)) throw error;
        lost = true;
      }
    }
    if (lost) this.#keepCopy();
    return all;
  }
}

/** The name under which a file that cannot be read stays. */
const asideOf = (file: string): string => `${file.slice(0, -'.json'.length)}.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`;

/** Opens the document; a file that cannot even be read (its rights, a folder of its name) is set aside like one that says nothing. */
function openOrSetAside(file: string, open: () => OpenDocument<VaultFile>): OpenDocument<VaultFile> {
  try {
    return open();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.error.code !== 'storage-broken' || !existsSync(file)) throw thrown;
    renameSync(file, asideOf(file));
    return open();
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Failure && error.error.code === 'vault-broken';
}
