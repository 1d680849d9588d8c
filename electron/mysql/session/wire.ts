import { lookup } from 'node:dns/promises';
import { createConnection, isIP, type Socket } from 'node:net';

/** What a server says of itself before anyone has logged in. */
export interface Greeting {
  readonly serverVersion: string;
  readonly connectionId: number;
  readonly offersTls: boolean;
}

/** An error packet in place of the greeting (host blocked, too many connections …), in the form of a driver's error. */
class RefusedGreeting extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(errno: number, sqlState: string, message: string) {
    super(message);
    this.errno = errno;
    this.sqlState = sqlState;
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The addresses of a host name, in the system's order. A literal address is its own. Rejects with the system's code. */
export async function resolveHost(host: string): Promise<readonly string[]> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return [bare];
  const found = await lookup(bare, { all: true, verbatim: true });
  if (found.length === 0) throw coded('ENOTFOUND', `no address for ${bare}`);
  return [...new Set(found.map(({ address }) => address))];
}

/**
 * A TCP connection to the first address that answers. The addresses share the time that is left, so that one which
 * swallows packets does not use it up. Rejects with the system's code; `signal` ends it at once.
 */
export async function openSocket(
  addresses: readonly string[],
  port: number,
  remainingMs: () => number,
  signal: AbortSignal,
): Promise<Socket> {
  let failure: unknown;
  for (const [i, address] of addresses.entries()) {
    signal.throwIfAborted();
    const limit = Math.max(1, remainingMs() / (addresses.length - i));
    try {
      return await openOne(address, port, limit, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A refusal says more than a silence.
      if (failure === undefined || (error as { code?: string }).code === 'ECONNREFUSED') failure = error;
    }
  }
  throw failure;
}

function openOne(address: string, port: number, limitMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    const end = (error: unknown): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('connect', onConnect);
      socket.removeListener('error', end);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error as Error);
    };
    const onAbort = (): void => end(signal.reason);
    const onConnect = (): void => end(undefined);
    const timer = setTimeout(() => end(coded('ETIMEDOUT', `no answer from ${address}`)), Math.min(limitMs, 2 ** 31 - 1));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', onConnect);
    socket.on('error', end);
  });
}

const MAX_GREETING = 1024;

/**
 * Reads the server's greeting and puts it back, so that the driver finds the stream untouched (paused). Rejects with the
 * server's refusal, with NOT_MYSQL, or with the socket's error.
 */
export function readGreeting(socket: Socket, signal: AbortSignal): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const end = (outcome: () => void): void => {
      socket.removeListener('data', onData);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      signal.removeEventListener('abort', onAbort);
      socket.pause();
      outcome();
    };
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      let greeting: Greeting | undefined;
      try {
        greeting = parseGreeting(seen);
      } catch (error) {
        end(() => reject(error as Error));
        return;
      }
      if (greeting === undefined) return;
      const complete = greeting;
      end(() => {
        socket.unshift(seen);
        resolve(complete);
      });
    };
    const onError = (error: Error): void => end(() => reject(error));
    const onClose = (): void => end(() => reject(coded('ECONNRESET', 'the server closed the connection before its greeting')));
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', onData);
    socket.on('error', onError);
    socket.on('close', onClose);
  });
}

const CLIENT_SSL = 0x0800;

/**
 * Parses `Protocol::HandshakeV10` or an error packet; undefined: not complete yet.
 * Reference: MySQL internals, "Connection Phase Packets".
 */
export function parseGreeting(bytes: Buffer): Greeting | undefined {
  const notMysql = (): Error => coded('NOT_MYSQL', 'what answers there is not a MySQL server');
  if (bytes.length < 5) return undefined;
  const length = bytes.readUIntLE(0, 3);
  const kind = bytes[4];
  if (length > MAX_GREETING || bytes[3] !== 0 || (kind !== 10 && kind !== 0xff)) throw notMysql();
  if (bytes.length < 4 + length) return undefined;
  const body = bytes.subarray(4, 4 + length);
  if (kind === 0xff) throw parseRefusal(body);
  const versionEnd = body.indexOf(0, 1);
  // After the version: connection id (4), scramble (8), filler (1), capabilities (2).
  if (versionEnd < 2 || body.length < versionEnd + 16) throw notMysql();
  return {
    serverVersion: body.toString('latin1', 1, versionEnd),
    connectionId: body.readUInt32LE(versionEnd + 1),
    offersTls: (body.readUInt16LE(versionEnd + 14) & CLIENT_SSL) !== 0,
  };
}

function parseRefusal(body: Buffer): Error {
  if (body.length < 3) return coded('NOT_MYSQL', 'what answers there is not a MySQL server');
  const errno = body.readUInt16LE(1);
  const hasState = body[3] === 0x23;
  return new RefusedGreeting(errno, hasState ? body.toString('latin1', 4, 9) : '', body.toString('utf8', hasState ? 9 : 3));
}
