// Servers that break the protocol at every moment of a connection: each time that session ends with a named error and within bounds
// of memory, and everything else in the process goes on.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect, type LiveSession } from '../../electron/mysql/session/session';
import type { ErrorCode } from '../../shared/errors/codes';
import { errorOf } from '../../shared/errors/codes';
import { makeAuthority, type Authority } from '../fixtures/certificates';
import { errorPacket, greeting, packet, play, playOldServer, refused, stopPlaying, target, tls } from '../fixtures/greeting';
import { waitUntil } from '../fixtures/wait';

const megabyte = 1024 * 1024;
const header = (length: number, sequence: number): Buffer => Buffer.from([length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, sequence]);
const ok = packet(1, Buffer.from([0, 0, 0, 2, 0, 0, 0]));

/** Sends for as long as it is let; returns how many bytes left. */
function flood(socket: Socket, piece: Buffer): { readonly sent: () => number } {
  let sent = 0;
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) sent += piece.length;
    sent += piece.length;
  };
  socket.on('drain', more);
  more();
  return { sent: () => sent };
}

async function failing(work: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return work.then(() => 'none' as const, (thrown: unknown) => errorOf(thrown).code);
}

// The driver traces a length that is none before it throws.
const trace = vi.spyOn(console, 'trace').mockImplementation(() => undefined);
let witness: LiveSession;
const uncaught: unknown[] = [];
const onUncaught = (thrown: unknown): void => void uncaught.push(thrown);

beforeAll(async () => {
  // With a listener of ours the runner's own do not see them: they are counted here.
  process.prependListener('uncaughtException', onUncaught);
  process.prependListener('unhandledRejection', onUncaught);
  witness = await connect(target(await playOldServer()));
});
afterEach(async () => {
  expect(uncaught).toEqual([]);
  expect(witness.closed).toBe(false);
  expect(await witness.query('SELECT @@version')).toHaveLength(1);
});
afterAll(() => {
  process.removeListener('uncaughtException', onUncaught);
  process.removeListener('unhandledRejection', onUncaught);
  trace.mockRestore();
  witness.destroy();
  stopPlaying();
});

/** A session with a server of which the test has the socket. */
async function opened(answers?: (data: Buffer, socket: Socket) => boolean): Promise<{ session: LiveSession; send: (bytes: Buffer) => void }> {
  let last: Socket | undefined;
  const server = await playOldServer((data, socket) => {
    last = socket;
    return answers?.(data, socket) ?? false;
  });
  const session = await connect(target(server));
  const socket = (): Socket => {
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  };
  return { session, send: (bytes) => void socket().write(bytes) };
}

describe('while nothing runs', () => {
  it.each([
    ['an error packet of one byte', packet(0, Buffer.from([0xff]))],
    ['an error packet that is cut', packet(0, Buffer.from([0xff, 1, 2]))],
    ['an error packet in full', errorPacket(0, 1053, 'Server shutdown in progress')],
    ['an empty packet', packet(0, Buffer.alloc(0))],
    ['an OK that nobody asked for', ok],
    ['a row', packet(0, Buffer.from([3, 97, 98, 99]))],
    ['no protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(5))],
    ['zeros', Buffer.alloc(4096)],
  ])('%s ends that session', async (_what, bytes) => {
    const { session, send } = await opened();
    send(bytes);
    await waitUntil('the session ends', async () => session.closed, 5_000);
    expect(['protocol-broken', 'connection-lost']).toContain(await failing(session.query('SELECT 1')));
  });
});

describe('in the middle of an answer', () => {
  it.each([
    ['a packet that is cut by the end', (socket: Socket) => void socket.end(Buffer.concat([header(100, 1), Buffer.alloc(10)]))],
    ['a count of columns that never come', (socket: Socket) => void socket.end(packet(1, Buffer.from([200])))],
    ['columns that are none', (socket: Socket) => void socket.write(Buffer.concat([packet(1, Buffer.from([1])), packet(2, Buffer.from([0xfd, 0xff, 0xff])), packet(3, Buffer.alloc(3))]))],
    ['an error packet of one byte', (socket: Socket) => void socket.write(packet(1, Buffer.from([0xff])))],
    ['a request for a file', (socket: Socket) => void socket.write(packet(1, Buffer.from('\xfb/etc/passwd', 'latin1')))],
    ['a length beyond the buffer', (socket: Socket) => void socket.write(packet(1, Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])))],
  ])('%s fails the statement', async (_what, act) => {
    const { session } = await opened((data, socket) => {
      if (!data.includes('attack')) return false;
      act(socket);
      return true;
    });
    expect(['protocol-broken', 'connection-lost', 'query-timeout', 'query-failed', 'internal']).toContain(await failing(session.query('SELECT attack', [], { timeoutMs: 500 })));
    session.destroy();
  });

  it('an answer without end is ended where a limit was set', async () => {
    let flooding: { readonly sent: () => number } | undefined;
    const server = await playOldServer((data, socket) => {
      if (!data.includes('attack')) return false;
      flooding = flood(socket, Buffer.concat([header(0xffffff, 1), Buffer.alloc(0xffffff)]));
      return true;
    });
    const session = await connect(target(server), { answerBytes: 4 * megabyte });
    expect(await failing(session.query('SELECT attack', [], { timeoutMs: 20_000 }))).toBe('protocol-broken');
    expect(session.closed).toBe(true);
    expect(flooding?.sent()).toBeLessThan(80 * megabyte);
  });
});

describe('before the login', () => {
  it.each([
    ['a stream without a greeting', (socket: Socket) => flood(socket, Buffer.alloc(megabyte, 0x41)), ['not-mysql']],
    ['a greeting that claims 16 MB', (socket: Socket) => flood(socket, header(0xffffff, 0)), ['not-mysql']],
    ['a stream behind the greeting', (socket: Socket) => {
      socket.write(greeting('8.0.31', false));
      return flood(socket, Buffer.concat([header(0xffffff, 2), Buffer.alloc(0xffffff)]));
    }, ['protocol-broken']],
    ['keys without end', (socket: Socket) => {
      socket.write(greeting('8.0.31', false));
      return flood(socket, packet(2, Buffer.concat([Buffer.from([1]), Buffer.alloc(60_000)])));
    }, ['protocol-broken', 'connection-lost', 'auth-plugin-unsupported', 'internal']],
  ])('%s takes no memory', async (_what, act, expected) => {
    const before = process.memoryUsage().rss;
    let flooding: { readonly sent: () => number } | undefined;
    const { error, ms } = await refused(target(await play((socket) => (flooding = act(socket)))), { timeoutMs: 25_000 });
    // It is what was sent that ended it, before the limit did.
    expect(expected).toContain(error.error.code);
    expect(ms).toBeLessThan(25_000);
    // What lies in the buffers of both sockets and of the sender; the client has kept none of it.
    expect(flooding?.sent()).toBeLessThan(64 * megabyte);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * megabyte);
  });
});

describe('behind TLS', () => {
  let authority: Authority;
  beforeAll(() => {
    authority = makeAuthority();
    authority.issue('server', 'IP:127.0.0.1');
  });
  afterAll(() => authority.dispose());

  it.each([
    ['garbage', (secure: TLSSocket) => void secure.write(Buffer.alloc(5_000, 0xee)), ['protocol-broken', 'connection-lost', 'tls-failed']],
    ['an error packet of one byte', (secure: TLSSocket) => void secure.write(packet(3, Buffer.from([0xff]))), ['protocol-broken', 'connection-lost']],
    ['a stream without end', (secure: TLSSocket) => void flood(secure, Buffer.concat([header(0xffffff, 3), Buffer.alloc(megabyte)])), ['protocol-broken']],
  ])('%s ends the login', async (_what, act, expected) => {
    const server = await play((socket) => {
      socket.write(greeting('8.0.31', true));
      socket.once('data', (data: Buffer) => {
        // The request for TLS; the first words of TLS may stand behind it.
        socket.pause();
        if (data.length > 36) socket.unshift(data.subarray(36));
        const secure = new TLSSocket(socket, { isServer: true, key: authority.pem('server.key'), cert: authority.pem('server.pem') });
        secure.on('error', () => undefined);
        secure.once('data', () => act(secure));
      });
    });
    const { error } = await refused(target(server, tls('preferred')), { timeoutMs: 5_000 });
    expect(expected).toContain(error.error.code);
  });
});

it('whatever bytes come at whatever moment, the process lives', async () => {
  const moments = ['greeting', 'login', 'setup', 'idle', 'answer'] as const;
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    // Packets by their form: random ones seldom get as far.
    fc.array(fc.tuple(fc.nat(5), fc.constantFrom(0x00, 0x01, 0xfb, 0xfe, 0xff, 0x0a), fc.uint8Array({ maxLength: 60 })), { minLength: 1, maxLength: 6 })
      .map((packets) => packets.map(([sequence, first, rest]) => packet(sequence, Buffer.concat([Buffer.from([first]), Buffer.from(rest)]))))
      .map((packets) => Uint8Array.from(Buffer.concat(packets))),
  );
  await fc.assert(fc.asyncProperty(fc.constantFrom(...moments), bytes, fc.boolean(), async (moment, sent, ends) => {
    const say = (socket: Socket): void => void (ends ? socket.end(sent) : socket.write(sent));
    let statements = 0;
    let seen: Socket | undefined;
    const server = moment === 'greeting' ? await play(say)
      : moment === 'login' ? await play((socket) => {
        socket.write(greeting('8.0.31', false));
        socket.once('data', () => say(socket));
      })
        : await playOldServer((data, socket) => {
          seen = socket;
          statements += 1;
          if ((moment === 'setup' && statements === 2) || (moment === 'answer' && data.includes('attack'))) {
            say(socket);
            return true;
          }
          return false;
        });
    const session = await connect(target(server), { timeoutMs: 300 }).catch(errorOf);
    if (!('query' in session)) {
      expect(session.code).not.toBe('internal');
      return;
    }
    if (moment === 'idle' && seen !== undefined) say(seen);
    await session.query('SELECT attack', [], { timeoutMs: 200 }).catch((thrown: unknown) => errorOf(thrown));
    session.destroy();
    expect(uncaught).toEqual([]);
  }), { numRuns: 150 });
}, 120_000);
