import * as v from 'valibot';
import { portAfter, portNames, type PortName } from '../../../shared/domain/operations/port/plan';
import { failure } from '../../../shared/errors/codes';
import { isUnreachable } from '../../mysql/errors';
import { connect } from '../../mysql/session/session';
import type { LiveSession, Session } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { PortDeps } from './types';

const ports = v.object({ port: v.nullable(v.number()), admin_port: v.nullable(v.number()), mysqlx_port: v.nullable(v.number()),
  report_port: v.nullable(v.number()) });

/** Its form in journals. */
export const portInput = v.object({
  instanceId: v.string(),
  name: v.string(),
  uuid: v.string(),
  /** As they were; null: not changed. */
  from: ports,
  to: ports,
  restart: v.boolean(),
  /** What SET PERSIST_ONLY is to keep, and what it kept. */
  persist: v.array(v.object({ name: v.picklist(portNames), before: v.nullable(v.number()) })),
  optionLines: v.array(v.string()),
  optionFile: v.string(),
  /** The port by which the inventory reaches it; earlier versions changed no other than that of the clients. */
  endpoint: v.optional(v.number()),
  replicas: v.array(v.object({ id: v.string(), name: v.string(), channel: v.string() })),
});

/** From which the task is built, again after a crash as well. */
export type PortInput = v.InferOutput<typeof portInput>;

/** The ports at which the inventory reaches the server, before and after; null: not changed, and not known. */
export function endpointsOf(input: PortInput): { readonly before: number | null; readonly after: number | null } {
  const before = input.endpoint ?? input.from.port;
  return { before, after: before === null ? null : portAfter(before, input) };
}

/** Which threads of a replica ran before it was pointed anew: those alone are started again. */
export const threadsKey = (replicaId: string) => memoryKey(`threads/${replicaId}`, v.object({ receiver: v.boolean(), applier: v.boolean() }));

/** How long one look at a port may take, milliseconds. */
const lookMs = 3000;

/** The server, at whichever of two ports answers. */
export interface Located {
  readonly port: number;
  readonly uuid: string;
  /** What it says itself, by name. */
  readonly says: Readonly<Partial<Record<PortName, number>>>;
  readonly uptime: number;
}

/** So long the plugin of the X protocol may take after a start until it listens, or says that it does not, milliseconds. */
const mysqlxMs = 10_000;

/** What a server that answers after its restart says of the new ports; `upMs`: since it was first seen up again. */
export function portsAfterRestart({ says }: Pick<Located, 'says'>, { to }: Pick<PortInput, 'to'>, upMs: number): 'there' | 'not-yet' | 'not-taken' {
  const missing = portNames.filter((name) => to[name] !== null && says[name] !== to[name]);
  if (missing.length === 0) return 'there';
  // Clients are let in before that plugin has found its port.
  return missing.every((name) => name === 'mysqlx_port') && upMs < mysqlxMs ? 'not-yet' : 'not-taken';
}

/** Opens a session at a port of the instance's host, with the login that the inventory has. */
export async function openAt({ fleet }: Pick<PortDeps, 'fleet'>, instanceId: string, port: number): Promise<LiveSession> {
  const { name } = fleet.instance(instanceId);
  return connect({ ...await fleet.loginOf(instanceId), port }, { label: name, timeoutMs: lookMs, queryTimeoutMs: lookMs });
}

/** What a server says of its ports over a TCP session. */
async function readIdentity(session: Session): Promise<Omit<Located, 'port'>> {
  const [row] = await session.query<{ uuid: string }>('SELECT @@GLOBAL.server_uuid AS uuid');
  const rows = await session.query<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${portNames.map((one) => `'${one}'`).join(', ')})`);
  const status = await session.query<{ Variable_name: string; Value: string }>(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'Mysqlx_port')");
  const told = (name: string): string => status.find((one) => one.Variable_name === name)?.Value ?? '';
  const says = Object.fromEntries(portNames.flatMap((one) => {
    const found = rows.find((variable) => variable.Variable_name.toLowerCase() === one);
    if (found === undefined) return [];
    // Its plugin keeps the wanted number where it could not listen there, and says UNDEFINED in its status; 8.0.15 says nothing.
    return [[one, one === 'mysqlx_port' && told('Mysqlx_port') !== '' ? Number(told('Mysqlx_port')) || 0 : Number(found.Value)]];
  }));
  return { uuid: row?.uuid ?? '', says, uptime: Number(told('Uptime')) };
}

/**
 * Where the server answers: looked for at each of these ports in turn, over TCP; null: nowhere.
 *
 * @throws Failure `different-server` where another one answers at the first of them
 */
export async function locate(deps: Pick<PortDeps, 'fleet'>, { instanceId, name, uuid }: PortInput, at: readonly number[]): Promise<Located | null> {
  for (const [index, port] of at.entries()) {
    let session: LiveSession | null = null;
    try {
      session = await openAt(deps, instanceId, port);
      const found = await readIdentity(session);
      if (found.uuid.toLowerCase() === uuid.toLowerCase()) return { port, ...found };
      if (index === 0) throw failure('different-server', { name, expected: uuid, uuid: found.uuid });
    } catch (thrown) {
      if (!isUnreachable(thrown)) throw thrown;
    } finally {
      session?.destroy();
    }
  }
  return null;
}
