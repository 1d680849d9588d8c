import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Passwords, passwordRecord } from '../../../electron/fleet/passwords';
import { instanceSecretKey } from '../../../electron/fleet/secret-keys';
import { openVault } from '../../../electron/storage/vault';
import type { Instance } from '../../../shared/domain/fleet/instance';
import { errorOf } from '../../../shared/errors/codes';
import { instanceForm } from '../../fixtures/instance-form';

// A key of a passphrase takes half a second on purpose, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-passwords-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const here: Instance = {
  id: 'i-1', ...instanceForm({ name: 'orders', host: 'db-1', port: 3306, user: 'dba' }, { regionId: 'r', tls: { mode: 'verify', ca: 'own CA' } }), intent: { kind: 'none' }, serverUuid: null, createdAt: 0,
};
const elsewhere: Instance = { ...here, admin: { host: 'evil.example', port: 3306 } };
const weaker: Instance = { ...here, tls: { mode: 'off', ca: null } };
const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'given', (thrown: unknown) => errorOf(thrown).code);

it('a password goes where it was given for, and is asked for again anywhere else', async () => {
  const vault = openVault({ dataFolder: folder, keyring: null });
  const passwords = new Passwords(vault);
  expect(await codeOf(passwords.of(here))).toBe('password-missing');
  await passwords.remember(here.id, here, 'pw');
  expect(await passwords.of(here)).toBe('pw');
  expect(await codeOf(passwords.of(elsewhere))).toBe('password-elsewhere');
  expect(passwords.isKnown(here.id)).toBe(false);
  expect(await codeOf(passwords.of(weaker))).toBe('password-elsewhere');
  expect(await codeOf(passwords.forForm(here, weaker))).toBe('password-elsewhere');
  expect(await codeOf(passwords.forForm(here, elsewhere))).toBe('password-elsewhere');
  expect(await passwords.forForm(here, { ...here, tls: { mode: 'verify-identity', ca: 'own CA' } })).toBe('pw');
  await passwords.remember(here.id, weaker, 'pw');
  expect(await passwords.of(weaker)).toBe('pw');
  expect(passwords.isKnown(here.id)).toBe(true);
});

it('one that was kept before is bound to what is registered as it is first used, where it is kept, and never by a form', async () => {
  const key = instanceSecretKey(here.id);
  const vault = openVault({ dataFolder: folder, keyring: null });
  await vault.choose('passphrase', 'correct horse battery staple');
  await vault.set(key, 'old "pw"');
  const passwords = new Passwords(vault);
  const before = readFileSync(join(folder, 'vault.json'), 'utf8');
  expect(await codeOf(passwords.forForm(here, elsewhere))).toBe('password-elsewhere');
  expect(await passwords.of(here)).toBe('old "pw"');
  expect(readFileSync(join(folder, 'vault.json'), 'utf8')).not.toBe(before);
  const later = openVault({ dataFolder: folder, keyring: null });
  await later.unlock('correct horse battery staple');
  expect(await codeOf(new Passwords(later).of(elsewhere))).toBe('password-elsewhere');
  expect(await new Passwords(later).of(here)).toBe('old "pw"');
});

it('one for this run only is bound too, and stays for this run only', async () => {
  const vault = openVault({ dataFolder: folder, keyring: null });
  await vault.choose('passphrase', 'correct horse battery staple');
  vault.provide(instanceSecretKey(here.id), 'of this run');
  const passwords = new Passwords(vault);
  expect(await passwords.of(here)).toBe('of this run');
  expect(await codeOf(passwords.of(elsewhere))).toBe('password-elsewhere');
  expect(readFileSync(join(folder, 'vault.json'), 'utf8')).toContain('"secrets": {}');
  vault.provide(instanceSecretKey(here.id), passwordRecord(here, 'given'));
  expect(await passwords.of(here)).toBe('given');
});
