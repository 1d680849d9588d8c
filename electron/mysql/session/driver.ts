import { isIP, Socket } from 'node:net';
import type { Readable, Duplex } from 'node:stream';
import { checkServerIdentity, connect as encrypt, type TLSSocket } from 'node:tls';
import mysql2, { type Connection } from 'mysql2';
import { failure } from '../../../shared/errors/codes';
import { sessionAttributes } from '../../../shared/domain/tasks/lock-holder';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { actorName } from '../../storage/actor';
import { connectErrorOf, type ConnectStage, type ErrorContext } from '../errors';
import { BrokenProtocol, loginBytes, PacketMeter } from './packet-meter';
import { tlsPlan, type TlsPlan } from './tls';
import type { ConnectOptions, ConnectTarget } from '../types';
import { openSocket, readGreeting, resolveHost, type Greeting } from './wire';

export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

export interface Opened {
  readonly connection: Connection;
  /** What the connection speaks through, encrypted or not. */
  readonly stream: Duplex;
  readonly greeting: Greeting;
  readonly tls: { readonly protocol: string; readonly cipher: string } | null;
  /** Drops the socket at once, whatever the driver is at. */
  readonly drop: () => void;
  /** How much the server may send for what is asked of it. */
  readonly meter: PacketMeter;
}

/** The members of the driver that encrypt an open connection; not in its types. */
interface Upgradable {
  startTLS: (onSecure: (error?: Error) => void) => void;
  stream: Socket | TLSSocket;
  readonly packetParser: { execute(data: Buffer): void };
}

function isUpgradable(connection: object): connection is Upgradable {
  return (
    'startTLS' in connection && typeof connection.startTLS === 'function'
    && 'stream' in connection && connection.stream instanceof Socket
    && 'packetParser' in connection && typeof connection.packetParser === 'object' && connection.packetParser !== null
    && 'execute' in connection.packetParser && typeof connection.packetParser.execute === 'function'
  );
}

/** The driver's own side of a connection. Throws a TypeError where a version of the driver has other members. */
function upgradable(connection: object): Upgradable {
  if (!isUpgradable(connection)) throw new TypeError('This version of mysql2 lacks startTLS, stream or packetParser, by which a connection is encrypted');
  return connection;
}

/**
 * Opens a connection and logs in, stage by stage: name, TCP (with the server's greeting), TLS, login. All of it within
 * `options.timeoutMs` and until `options.signal` aborts; whatever was open is closed on failure.
 *
 * @throws ConnectError with the stage that failed; `cancelled` on abort
 */
export async function openConnection(
  target: ConnectTarget,
  options: ConnectOptions,
  context: ErrorContext,
  localInfile: ((name: string) => Readable) | undefined,
): Promise<Opened> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const seconds = Math.round(timeoutMs / 100) / 10;
  const deadline = performance.now() + timeoutMs;
  const controller = new AbortController();
  const timeout = Object.assign(new Error(`no answer within ${String(seconds)} s`), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => controller.abort(timeout), Math.min(timeoutMs, 2 ** 31 - 1));
  const onAbort = (): void => controller.abort(failure('cancelled', { what: context.label }));
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });

  let stage: ConnectStage = 'dns';
  let since = performance.now();
  let socket: Socket | undefined;
  const pass = (next: ConnectStage): void => {
    const now = performance.now();
    options.onStage?.(stage, now - since);
    [stage, since] = [next, now];
  };

  try {
    const addresses = await untilAborted(resolveHost(target.host), controller.signal);
    pass('tcp');
    socket = await openSocket(addresses, target.port, () => deadline - performance.now(), controller.signal);
    socket.on('error', () => undefined);
    const greeting = await readGreeting(socket, controller.signal);
    const version = parseServerVersion(greeting.serverVersion);
    const plan = tlsPlan(target.tls, version, greeting.offersTls);
    pass(plan === null ? 'login' : 'tls');
    if (plan !== null && !greeting.offersTls) {
      throw Object.assign(new Error('the server offers no TLS'), { code: 'HANDSHAKE_NO_SSL_SUPPORT' });
    }
    const { connection, driver, meter } = await logIn(target, options, socket, plan, localInfile, controller.signal, () => pass('login'));
    options.onStage?.(stage, performance.now() - since);
    const raw = socket;
    return { connection, stream: driver.stream, greeting, tls: tlsOf(driver), drop: () => drop(driver, raw), meter };
  } catch (error) {
    socket?.destroy();
    throw connectErrorOf(error, stage, context, seconds);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

function logIn(
  target: ConnectTarget,
  options: ConnectOptions,
  socket: Socket,
  plan: TlsPlan | null,
  localInfile: ((name: string) => Readable) | undefined,
  signal: AbortSignal,
  onSecure: () => void,
): Promise<{ readonly connection: Connection; readonly driver: Upgradable; readonly meter: PacketMeter }> {
  const connection = mysql2.createConnection(driverOptions(target, options, socket, plan, localInfile));
  const driver = upgradable(connection);
  // Without a listener an error after the login would end the process; `session.ts` adds one that tells.
  connection.on('error', () => undefined);

  // Told before the driver writes to the console of whoever called this program, and thrown through its parser.
  connection.on('warn', (warning: Error) => {
    throw new BrokenProtocol(warning.message);
  });
  const meter = new PacketMeter(options.answerBytes);
  const guard = guarded(connection, driver, socket, meter);
  socket.removeAllListeners('data');
  socket.on('data', guard.feed);
  let tlsError: Error | undefined;
  if (plan !== null) {
    upgrade(connection, driver, socket, target.host, plan, guard.feed, (error) => {
      if (error === undefined) onSecure();
      else tlsError = error;
    });
  }

  return new Promise((resolve, reject) => {
    const stopWatching = watchLogin(socket, guard.fail);
    guard.onBroken = (error) => {
      stopWatching();
      reject(error);
    };
    const onAbort = (): void => {
      stopWatching();
      drop(driver, socket);
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    connection.connect((error) => {
      stopWatching();
      signal.removeEventListener('abort', onAbort);
      if (error === null) {
        if (options.statements === 'bytes') keepCharset(connection.config, oneByteACharacter);
        resolve({ connection, driver, meter });
      }
      else reject(signal.aborted ? (signal.reason as Error) : (tlsError ?? error));
    });
    socket.resume();
  });
}

/** latin1_swedish_ci: what the driver then writes for a character is the byte of its number. The session's own character set is set by its statements. */
const oneByteACharacter = 8;

/** The driver follows what a server tells it of the session's character set; here its statements are in that character set already. */
function keepCharset(config: object, charsetNumber: number): void {
  Object.defineProperty(config, 'charsetNumber', { get: () => charsetNumber, set: () => undefined });
}

let operator: string | null = null;

/** The system is asked once: every connection of a large fleet tells it. */
function operatorName(): string {
  operator ??= actorName();
  return operator;
}

/** How the driver is to speak; all that it does by itself is turned off. */
function driverOptions(
  target: ConnectTarget, options: ConnectOptions, socket: Socket, plan: TlsPlan | null, localInfile: ((name: string) => Readable) | undefined,
): mysql2.ConnectionOptions {
  return {
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    stream: socket,
    // Our own deadline covers the handshake; the driver's would not say which stage it was.
    connectTimeout: 0,
    charset: 'utf8mb4_general_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    multipleStatements: false,
    // The driver's faster parser is code made from the server's column names; the other costs next to nothing.
    disableEval: true,
    // Statements are sent as text; a list for 16,000 prepared ones is made with every connection, and takes half a megabyte of it.
    maxPreparedStatements: 1,
    // Parameters are bound by bindParams, which is right in every sql_mode; the driver's own formatting is not.
    queryFormat: (sql: string) => sql,
    // FOUND_ROWS would count matched rows as affected; IGNORE_SPACE and ODBC would change how the server reads SQL; with
    // attributes a statement would have another form (`bulk.ts` writes its own).
    flags: ['-FOUND_ROWS', '-IGNORE_SPACE', '-ODBC', '-CLIENT_QUERY_ATTRIBUTES', ...(localInfile === undefined ? ['-LOCAL_FILES'] : [])],
    // Who it is and since when: the second of two operators reads it where a lock of the first keeps him out.
    connectAttributes: sessionAttributes({
      operator: operatorName(), since: Date.now(), instance: options.label, run: options.run, purpose: options.purpose, ofUser: options.profile === 'user',
    }),
    ...(options.database === undefined ? {} : { database: options.database }),
    ...(localInfile === undefined ? {} : { infileStreamFactory: localInfile }),
    // Only says that it is wanted; `upgrade` does it.
    ...(plan === null ? {} : { ssl: { rejectUnauthorized: plan.rejectUnauthorized } }),
  };
}

interface Guard {
  /** What every byte of the server goes through. */
  readonly feed: (data: Buffer) => void;
  readonly fail: (error: Error) => void;
  /** Told once, besides the connection's own listeners. */
  onBroken: (error: Error) => void;
}

/**
 * The driver's parser throws at what it does not expect (an error packet of one byte while nothing runs, a packet that is cut), out
 * of a listener of the socket, where nobody can catch it but here: that ends this connection, and nothing else.
 */
function guarded(connection: Connection, driver: Upgradable, socket: Socket, meter: PacketMeter): Guard {
  let isBroken = false;
  const guard: Guard = {
    feed(data) {
      if (isBroken) return;
      try {
        meter.take(data);
        driver.packetParser.execute(data);
      } catch (thrown) {
        guard.fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    },
    fail(thrown) {
      if (isBroken) return;
      isBroken = true;
      const error = thrown instanceof BrokenProtocol ? thrown : new BrokenProtocol(thrown.message);
      drop(driver, socket);
      guard.onBroken(error);
      connection.emit('error', error);
    },
    onBroken: () => undefined,
  };
  // Without a listener an error after the login would end the process; `session.ts` adds one that tells.
  connection.on('error', () => undefined);
  // Told before the driver writes to the console of whoever called this program, and thrown through its parser.
  connection.on('warn', (warning: Error) => {
    throw new BrokenProtocol(warning.message);
  });
  socket.removeAllListeners('data');
  socket.on('data', guard.feed);
  return guard;
}

/** How often the bytes of a login are counted below TLS, where they are not seen one by one. */
const watchMs = 50;

/** Ends a login that brings more than its bytes, encrypted or not. Returns how to stop. */
function watchLogin(socket: Socket, fail: (error: Error) => void): () => void {
  const timer = setInterval(() => {
    if (socket.bytesRead > 2 * loginBytes) fail(new BrokenProtocol('the login has no end'));
  }, watchMs);
  return () => clearInterval(timer);
}

/**
 * Encrypts in the driver's place, which cannot be told of old servers' protocols, checks an address against `localhost`
 * instead of the certificate, and overwrites the code that tells an unknown CA from an expired certificate.
 */
function upgrade(
  connection: Connection,
  driver: Upgradable,
  socket: Socket,
  host: string,
  plan: TlsPlan,
  feed: (data: Buffer) => void,
  onDone: (error?: Error) => void,
): void {
  const name = host.replace(/^\[(.*)\]$/, '$1');
  driver.startTLS = (done) => {
    socket.removeAllListeners('data');
    let established = false;
    const { verifyIdentity, ...options } = plan;
    const secure = encrypt({
      ...options,
      socket,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      checkServerIdentity: verifyIdentity ? (_, certificate) => checkServerIdentity(name, certificate) : () => undefined,
    });
    secure.once('secureConnect', () => {
      established = true;
      onDone();
      done();
    });
    secure.on('error', (error: Error & { code?: string }) => {
      if (established) {
        connection.emit('error', error);
        return;
      }
      onDone(Object.assign(new Error(error.message), { code: error.code }));
      done(error);
    });
    secure.on('data', feed);
    driver.stream = secure;
  };
}

function drop({ stream }: Upgradable, socket: Socket): void {
  stream.on('error', () => undefined);
  stream.destroy();
  socket.destroy();
}

function tlsOf({ stream }: Upgradable): Opened['tls'] {
  if (!('getCipher' in stream)) return null;
  return { protocol: stream.getProtocol() ?? '?', cipher: stream.getCipher().name };
}

/** The promise, or the abort's reason as soon as it comes; for work that cannot be stopped. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
