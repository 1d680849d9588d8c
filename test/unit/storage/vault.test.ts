import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openVault } from '../../../electron/storage/vault';
import type { Keyring } from '../../../electron/storage/types';
import { Failure } from '../../../shared/errors/codes';

const SECRET = 'hunter2-Ünïcode-秘密';
const PASSPHRASE = 'correct horse battery staple';

/** A keyring that turns text around: enough to see what passes through it. */
function mirrorKeyring(available = true): Keyring {
  return {
    available: () => available,
    encrypt: (text) => Buffer.from([...text].reverse().join('')),
    decrypt: (data) => {
      if (data.toString().includes('!')) throw new Error(`cannot decrypt ${data.toString()}`);
      return [...data.toString()].reverse().join('');
    },
  };
}

// A key of a passphrase takes half a second on purpose, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-vault-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
const open = (keyring: Keyring | null = null) => openVault({ dataFolder: folder, keyring });
const file = () => join(folder, 'vault.json');
const everyFile = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
const codeOf = async (act: Promise<unknown>): Promise<string> => act.then(() => 'nothing thrown', (error: unknown) => (error instanceof Failure ? error.error.code : String(error)));

describe('without a keyring', () => {
  it('keeps passwords for the session and nothing on disk', async () => {
    const vault = open();
    expect(vault.status()).toEqual({ tier: 'session', keyringAvailable: false, locked: false, broken: false });
    await vault.set('a', SECRET);
    expect(await vault.get('a')).toBe(SECRET);
    expect(everyFile()).not.toContain(SECRET);
    expect(await open().get('a')).toBeNull();
    expect(await codeOf(vault.choose('keyring'))).toBe('keyring-unavailable');
  });

  it('takes a keyring that only scrambles for none', () => {
    expect(open(mirrorKeyring(false)).status()).toMatchObject({ tier: 'session', keyringAvailable: false });
  });
});

describe('the passphrase vault', () => {
  it('opens with its passphrase only, after a restart too', async () => {
    const vault = open();
    await vault.set('a', SECRET);
    await vault.choose('passphrase', PASSPHRASE);
    await vault.set('b', 'second');
    expect(everyFile()).not.toContain(SECRET);

    const later = open();
    expect(later.status()).toMatchObject({ tier: 'passphrase', locked: true });
    expect(later.has('a')).toBe(false);
    expect(await codeOf(later.get('a'))).toBe('vault-locked');
    expect(await codeOf(later.set('c', 'x'))).toBe('vault-locked');
    expect(await codeOf(later.unlock('wrong horse battery staple'))).toBe('vault-wrong-passphrase');
    expect(later.status().locked).toBe(true);
    expect((await later.unlock(PASSPHRASE)).locked).toBe(false);
    expect([await later.get('a'), await later.get('b')]).toEqual([SECRET, 'second']);
    expect(later.has('a')).toBe(true);
  });

  it('seals the same password differently each time', async () => {
    const vault = open();
    await vault.choose('passphrase', PASSPHRASE);
    await vault.set('a', SECRET);
    const first = readFileSync(file(), 'utf8');
    await vault.set('a', SECRET);
    expect(readFileSync(file(), 'utf8')).not.toBe(first);
  });

  it('notices a secret that was changed, or moved to another name', async () => {
    const vault = open();
    await vault.choose('passphrase', PASSPHRASE);
    await vault.set('a', SECRET);
    await vault.set('b', 'other');
    const content = JSON.parse(readFileSync(file(), 'utf8')) as { secrets: Record<string, string> };
    const [a, b] = [content.secrets['a'] ?? '', content.secrets['b'] ?? ''];
    writeFileSync(file(), JSON.stringify({ ...content, secrets: { a: b, b: a } }));
    expect(await codeOf(vault.get('a'))).toBe('vault-broken');
    const bytes = Buffer.from(a, 'base64');
    bytes[14] = (bytes[14] ?? 0) ^ 1;
    writeFileSync(file(), JSON.stringify({ ...content, secrets: { a: bytes.toString('base64'), b } }));
    expect(await codeOf(vault.get('a'))).toBe('vault-broken');
    expect(await vault.get('b')).toBe('other');
  });

  it('refuses a passphrase that is too short', async () => {
    expect(await codeOf(open().choose('passphrase', 'short'))).toBe('invalid-input');
  });
});

describe('the keyring', () => {
  it('is the first choice, and holds what is written to disk', async () => {
    const vault = open(mirrorKeyring());
    expect(vault.status().tier).toBe('keyring');
    await vault.set('a', SECRET);
    expect(everyFile()).not.toContain(SECRET);
    expect(await open(mirrorKeyring()).get('a')).toBe(SECRET);
  });

  it('that has gone is named, and passwords given for this run still work', async () => {
    await open(mirrorKeyring()).set('a', SECRET);
    const terminal = open(null);
    expect(terminal.has('a')).toBe(false);
    expect(await codeOf(terminal.get('a'))).toBe('keyring-unavailable');
    terminal.provide('a', 'for this run');
    expect(await terminal.get('a')).toBe('for this run');
    expect(await open(mirrorKeyring()).get('a')).toBe(SECRET);
  });

  it('moves every secret when another tier is chosen, and leaves none behind', async () => {
    const vault = open(mirrorKeyring());
    await vault.set('a', SECRET);
    const told: string[] = [];
    vault.onChange((status) => told.push(status.tier));
    await vault.choose('passphrase', PASSPHRASE);
    expect(await vault.get('a')).toBe(SECRET);
    await vault.choose('session');
    expect(await vault.get('a')).toBe(SECRET);
    expect(readFileSync(file(), 'utf8')).toContain('"secrets": {}');
    await vault.choose('keyring');
    expect(await open(mirrorKeyring()).get('a')).toBe(SECRET);
    expect(told).toEqual(['passphrase', 'session', 'keyring']);
  });

  it('that cannot read one secret loses no other, and the file that holds it is kept', async () => {
    const vault = open(mirrorKeyring());
    await vault.set('a', SECRET);
    await vault.set('bad', '!');
    expect(await codeOf(vault.get('bad'))).toBe('vault-broken');
    await vault.choose('passphrase', PASSPHRASE);
    expect(await vault.get('a')).toBe(SECRET);
    expect(readdirSync(folder).some((name) => name.startsWith('vault.broken-'))).toBe(true);
  });
});

describe('a vault file that cannot be read', () => {
  it('is said to be broken, is set aside, and a new one can take its place', async () => {
    const vault = open(mirrorKeyring());
    await vault.set('a', SECRET);
    const half = readFileSync(file(), 'utf8').slice(0, 60);
    writeFileSync(file(), half);

    const later = open(mirrorKeyring());
    expect(later.status().broken).toBe(true);
    expect(await codeOf(later.get('a'))).toBe('vault-broken');
    const kept = readdirSync(folder).find((name) => name.startsWith('vault.broken-'));
    expect(readFileSync(join(folder, kept ?? ''), 'utf8')).toBe(half);
    // Still so after another start, until a password is kept anew.
    const again = open(mirrorKeyring());
    expect(again.status().broken).toBe(true);
    await again.set('a', 'new');
    expect(again.status().broken).toBe(false);
    expect(await open(mirrorKeyring()).get('a')).toBe('new');
    expect(readdirSync(folder)).toContain(kept);
  });
});

describe('a damaged vault is no dead end', () => {
  type Content = { tier: string; kdf: { salt: string } | null; check: string | null; secrets: Record<string, string> };
  const damaged = async (change: (content: Content) => object) => {
    const vault = open();
    await vault.choose('passphrase', PASSPHRASE);
    await vault.set('a', SECRET);
    await vault.set('b', 'second');
    const whole = readFileSync(file(), 'utf8');
    writeFileSync(file(), JSON.stringify(change(JSON.parse(whole) as Content)));
    return open();
  };

  it('its check alone: the passphrase opens it all the same, and the check is whole again', async () => {
    const vault = await damaged((content) => ({ ...content, check: content.secrets['a'] ?? '' }));
    expect(await codeOf(vault.unlock('wrong horse battery staple'))).toBe('vault-wrong-passphrase');
    expect((await vault.unlock(PASSPHRASE)).locked).toBe(false);
    expect(await vault.get('a')).toBe(SECRET);
    rmSync(file());
  });

  it('the word for its tier: what it was is seen from the rest', async () => {
    const vault = await damaged((content) => ({ ...content, tier: 'cloud' }));
    expect(vault.status()).toMatchObject({ tier: 'passphrase', locked: true });
    await vault.unlock(PASSPHRASE);
    expect(await vault.get('a')).toBe(SECRET);
  });

  it.each([
    ['no salt', (content: { kdf: { salt: string } | null }) => ({ ...content, kdf: { ...content.kdf, salt: '?' } })],
    ['no key parameters', (content: object) => ({ ...content, kdf: null })],
    ['no check', (content: object) => ({ ...content, check: null })],
  ])('%s: it says so, passwords hold for this run, and a new one begins with the old file kept', async (_what, change) => {
    const vault = await damaged(change);
    expect(vault.status()).toMatchObject({ tier: 'passphrase', locked: false, broken: true, damage: { what: 'parameters', file: 'vault.json' } });
    expect(await codeOf(vault.get('a'))).toBe('vault-broken');
    await vault.set('a', 'entered again');
    expect([await vault.get('a'), vault.has('a')]).toEqual(['entered again', true]);
    const before = readFileSync(file(), 'utf8');
    expect(await vault.startOver()).toEqual({ tier: 'session', keyringAvailable: false, locked: false, broken: false });
    const kept = readdirSync(folder).filter((name) => name.startsWith('vault.broken-'));
    expect(kept.map((name) => readFileSync(join(folder, name), 'utf8'))).toContain(before);
    await vault.choose('passphrase', 'another passphrase');
    expect(await vault.get('a')).toBe('entered again');
  });

  it('a passphrase that is lost, or a salt that was changed: an empty one begins', async () => {
    const vault = await damaged((content) => ({ ...content, kdf: { ...content.kdf, salt: Buffer.alloc(16, 7).toString('base64') } }));
    expect(await codeOf(vault.unlock(PASSPHRASE))).toBe('vault-wrong-passphrase');
    expect(await codeOf(vault.set('a', 'x'))).toBe('vault-locked');
    const told: string[] = [];
    vault.onChange((status) => told.push(status.tier));
    await vault.startOver();
    await vault.set('a', 'x');
    expect([await vault.get('a'), await vault.get('b'), told]).toEqual(['x', null, ['session']]);
  });

  it('a folder in its place: the app starts, and what is there stays', async () => {
    mkdirSync(file());
    const vault = open();
    expect(vault.status()).toMatchObject({ broken: true, damage: { what: 'file' } });
    await vault.set('a', SECRET);
    expect(await vault.get('a')).toBe(SECRET);
    expect((await vault.startOver()).broken).toBe(false);
  });
});

describe('a secret', () => {
  it('is in no inspection, no JSON, no error and no file', async () => {
    const vault = open();
    await vault.choose('passphrase', PASSPHRASE);
    await vault.set('a', SECRET);
    vault.provide('b', SECRET);
    const looks = [
      inspect(vault, { depth: 20, showHidden: true, getters: true }), JSON.stringify(vault), String(vault),
      JSON.stringify(vault.status()), everyFile(),
    ];
    const locked = open();
    for (const act of [() => locked.get('a'), () => locked.set('c', SECRET), () => locked.unlock('not the passphrase'), () => open(mirrorKeyring()).choose('passphrase', PASSPHRASE)]) {
      await act().catch((error: unknown) => { looks.push(inspect(error, { depth: 20, showHidden: true }), String(error)); });
    }
    expect(looks.length).toBeGreaterThan(8);
    for (const look of looks) {
      expect(look).not.toContain(SECRET);
      expect(look).not.toContain(PASSPHRASE);
    }
  });
});
