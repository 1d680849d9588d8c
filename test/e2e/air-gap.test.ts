import { afterAll, beforeAll, expect, it } from 'vitest';
import { instanceForm } from '../fixtures/instance-form';
import { measured } from '../fixtures/measured';
import { startServer } from '../fixtures/servers';
import type { TestServer } from '../fixtures/servers';
import { launchApp, stopDisplay } from './app';
import { contactsOf, recordConnections } from './connections';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ series: '9.7', name: 'named' });
});
afterAll(async () => {
  await server.dispose();
  await stopDisplay();
});

it('turns to nobody but the MySQL servers that the user named', async () => {
  const recorder = recordConnections();
  const app = await launchApp({ wrap: (program) => recorder.wrap(program) });
  const pid = app.electron.process().pid;
  if (pid !== undefined) recorder.watch(pid);

  const call = async <Value>(method: string, input?: unknown): Promise<Value> => {
    const answer = await app.page.evaluate(([name, argument]) => window.api.call(name as string, argument, crypto.randomUUID()), [method, input] as const);
    if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.value as Value;
  };
  await call('fleet.addRegion', { name: 'Guangzhou' });
  const snapshot = await call<{ regions: { id: string }[] }>('fleet.snapshot');
  await call('settings.set', { pollSeconds: 1, language: 'zh-CN' });
  const form = instanceForm({ ...server, name: 'named' }, { regionId: snapshot.regions[0]?.id ?? '' });
  await call('fleet.addInstance', { form, password: server.password });
  // Alive long enough for whatever a browser likes to do once it has started: several polls, and a page loaded anew.
  const samples = new Set<number>();
  await expect
    .poll(
      async () => {
        const now = await call<{ instances: { facts: { sampledAt: number } | null }[] }>('fleet.snapshot');
        const at = now.instances[0]?.facts?.sampledAt;
        if (at !== undefined) samples.add(at);
        return samples.size;
      },
      { timeout: 60_000, interval: 250 },
    )
    .toBeGreaterThanOrEqual(8);
  await app.page.reload({ waitUntil: 'load' });
  await call('fleet.snapshot');
  await app.close();

  const contacts = recorder.finish();
  measured(`${contacts.length} contacts, ${recorder.method}: ${[...new Set(contacts.map(({ to }) => to))].join(', ')}`);
  // The recorder works: it saw the app turn to its server.
  expect(contacts.map(({ to }) => to)).toContain(`${server.host}:${server.port}`);
  expect(contacts.filter(({ to }) => to !== `${server.host}:${server.port}`)).toEqual([]);
});

it('reads addresses out of a trace', () => {
  expect(contactsOf('12 connect(40, {sa_family=AF_INET, sin_port=htons(3306), sin_addr=inet_addr("10.1.2.3")}, 16) = -1 EINPROGRESS').map(({ to }) => to)).toEqual(['10.1.2.3:3306']);
  expect(contactsOf('12 sendto(7, ""..., 40, MSG_NOSIGNAL, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("8.8.8.8")}, 16) = 40').map(({ to }) => to)).toEqual(['8.8.8.8:53']);
  expect(contactsOf('9 connect(3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0').map(({ to }) => to)).toEqual(['[2001:db8::1]:443']);
  expect(contactsOf('9 connect(3, {sa_family=AF_UNIX, sun_path="/run/dbus/socket"}, 110) = 0')).toEqual([]);
});
