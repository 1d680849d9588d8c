import { expect, it } from 'vitest';
import type { Endpoint, Instance } from '../../../shared/domain/fleet/instance';
import { instanceForm } from '../../fixtures/instance-form';
import { keepLogin, knownLogin, newAccountName, newPassword } from '../../../electron/replication/login';

interface Shelf {
  readonly texts: Map<string, string>;
  /** Where the replicas of every instance are to connect. */
  endpoint: Endpoint;
}

function vault(): Parameters<typeof knownLogin>[0] & Parameters<typeof keepLogin>[0] & Shelf {
  const texts = new Map<string, string>();
  const shelf: Shelf = { texts, endpoint: { host: 'db-1', port: 3306 } };
  return Object.assign(shelf, {
    secret: (key: string) => Promise.resolve(texts.get(key) ?? null),
    setSecret: (key: string, value: string | null) => {
      if (value === null) texts.delete(key);
      else texts.set(key, value);
      return Promise.resolve();
    },
    replaceSecret: (key: string, value: string) => void texts.set(key, value),
    instance: (id: string): Instance => ({
      id, ...instanceForm({ name: id, ...shelf.endpoint, user: 'admin' }, { regionId: 'r' }), intent: { kind: 'none' }, serverUuid: null, createdAt: 0,
    }),
  });
}

it('is kept for a source, and forgotten', async () => {
  const fleet = vault();
  expect(await knownLogin(fleet, 'a')).toBeNull();
  await keepLogin(fleet, 'a', { user: 'u', password: "p'\\w" });
  expect(await knownLogin(fleet, 'a')).toEqual({ user: 'u', password: "p'\\w" });
  expect(await knownLogin(fleet, 'b')).toBeNull();
  await keepLogin(fleet, 'a', null);
  expect(await knownLogin(fleet, 'a')).toBeNull();
  expect(fleet.texts.size).toBe(0);
});

it.each(['', 'no json', '{"user":"u"}', '{"user":1,"password":"x"}', 'null', '[]', '{"user":"u","password":"p"'])('that is damaged counts as none, and stops nothing: %s', async (text) => {
  const fleet = vault();
  await keepLogin(fleet, 'a', { user: 'u', password: 'p' });
  for (const key of fleet.texts.keys()) fleet.texts.set(key, text);
  expect(await knownLogin(fleet, 'a')).toBeNull();
});

it('that is new fits every series, and no two are the same', () => {
  const names = Array.from({ length: 50 }, newAccountName);
  expect(new Set(names).size).toBe(50);
  for (const name of names) expect(name).toMatch(/^antipode_[\da-f]{6}$/);
  const passwords = Array.from({ length: 50 }, newPassword);
  expect(new Set(passwords).size).toBe(50);
  for (const password of passwords) {
    expect(password.length).toBeLessThanOrEqual(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^\da-z]/i]) expect(password).toMatch(kind);
  }
});

it('goes to no other replication endpoint than the one it was kept for; one of before is bound as it is first used', async () => {
  const fleet = vault();
  await keepLogin(fleet, 'a', { user: 'u', password: 'p' });
  fleet.endpoint = { host: 'evil.example', port: 3306 };
  expect(await knownLogin(fleet, 'a')).toBeNull();
  fleet.endpoint = { host: 'DB-1', port: 3306 };
  expect(await knownLogin(fleet, 'a')).toEqual({ user: 'u', password: 'p' });
  for (const key of fleet.texts.keys()) fleet.texts.set(key, '{"user":"u","password":"p"}');
  expect(await knownLogin(fleet, 'a')).toEqual({ user: 'u', password: 'p' });
  fleet.endpoint = { host: 'db-1', port: 3307 };
  expect(await knownLogin(fleet, 'a')).toBeNull();
});
