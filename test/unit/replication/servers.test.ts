// The sessions that an operation keeps: opened once for each purpose, forgotten when they end, none left when it is over.
import { expect, it } from 'vitest';
import { failure } from '../../../shared/errors/codes';
import type { ScheduledEvent } from '../../../shared/domain/promotion/events';
import { changeEvents } from '../../../electron/replication/events';
import { ServerSessions, serverOf, reading } from '../../../electron/replication/servers';
import type { ConnectOptions, LiveSession } from '../../../electron/mysql/types';
import { fakeSession } from '../../fixtures/fake-session';

interface Opened {
  readonly session: LiveSession;
  readonly ran: string[];
}

/** A server whose sessions do what `answer` says; with `slowly` they open when that resolves. */
function aServer(answer: (sql: string) => void = () => undefined, slowly?: () => Promise<void>) {
  const opened: Opened[] = [];
  const fleet = {
    connect: async (_id: string, options?: ConnectOptions): Promise<LiveSession> => {
      await slowly?.();
      options?.signal?.throwIfAborted();
      const ran: string[] = [];
      const listeners: (() => void)[] = [];
      const state = { closed: false };
      const session: LiveSession = {
        ...fakeSession('s', (sql) => {
          if (state.closed) throw failure('connection-lost', { host: 'h', port: 1 });
          ran.push(sql);
          answer(sql);
          return [];
        }),
        get closed() {
          return state.closed;
        },
        idle: true,
        client: null,
        lend: () => Promise.reject(new Error('not lent')),
        ping: () => Promise.resolve(),
        onClose: (listener) => void listeners.push(listener),
        destroy: () => {
          state.closed = true;
          for (const listener of listeners.splice(0)) listener();
        },
        end: async () => session.destroy(),
      };
      opened.push({ session, ran });
      return session;
    },
  };
  return { opened, sessions: new ServerSessions(fleet) };
}

it('opens another session where the one it had has ended, whatever ended it', async () => {
  const { sessions, opened } = aServer();
  const first = await sessions.get('a', 'control');
  expect(await sessions.get('a', 'control')).toBe(first);
  // As at a limit or an abort, of which the error says nothing of the connection.
  first.destroy();
  expect(await sessions.get('a', 'control')).not.toBe(first);
  expect(opened).toHaveLength(2);
});

it('has nothing open once it is closed: neither what was being opened nor what is asked for later', async () => {
  let open = (): void => undefined;
  const { sessions, opened } = aServer(undefined, () => new Promise((resolve) => (open = resolve)));
  const late = sessions.get('a', 'fence');
  const closing = sessions.close();
  open();
  await expect(late).rejects.toThrow();
  await closing;
  await expect(sessions.get('a', 'control')).rejects.toMatchObject({ error: { code: 'cancelled' } });
  expect(opened).toEqual([]);
});

it('changes events on a session of their own, so that their sql_mode and time zone stay on no other', async () => {
  const { sessions, opened } = aServer((sql) => {
    if (sql.startsWith('ALTER')) throw new Error('refused');
  });
  const server = serverOf(sessions, reading, 'a', 'A');
  await server.sql('control', 'SELECT 1');
  const event: ScheduledEvent = { schema: 'app', name: 'e', definer: 'root@localhost', sqlMode: 'ANSI_QUOTES', timeZone: '+05:00', state: 'enabled' };
  expect(await changeEvents(server, [event])).toEqual([{ event: 'app.e', reason: 'refused' }]);
  await server.sql('control', 'SELECT 2');
  const [control, events] = opened;
  expect(control?.ran).toEqual(['SELECT 1', 'SELECT 2']);
  expect(events?.ran[0]).toContain('SET SESSION sql_mode');
  expect(events?.session).not.toBe(control?.session);
});
