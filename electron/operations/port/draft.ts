import { createConnection } from 'node:net';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { formatEndpoint } from '../../../shared/domain/fleet/instance';
import {
  changedPorts, listeningAt, persistablePorts, portNames, portPreconditions, type FoundReplica, type PortFact, type PortFacts, type PortName,
  type ListeningFacts, type PortPlan, type PortRequest,
} from '../../../shared/domain/operations/port/plan';
import type { Parameter } from '../../../shared/domain/operations/parameters/parameter';
import { lostLog } from '../../../shared/domain/operations/port/replica';
import type { PlannedStep } from '../../../shared/domain/tasks/plan';
import { message } from '../../../shared/i18n/message';
import { configLine } from '../../mysql/dialect/config-line';
import type { Session, Statement } from '../../mysql/types';
import { registeredSource } from '../../replication/chain';
import { planLifeMs } from '../../tasks/plan-drafts';
import { keptLog } from './replica';
import { readParameters } from '../parameters/read';
import type { PortDeps } from './types';
import { endpointsOf, type PortInput } from './work';

export interface PortDraft {
  readonly plan: PortPlan;
  readonly request: PortRequest;
  readonly basis: string;
  readonly input: PortInput;
}

const lookMs = 1500;

/** Reads a server, its replicas and what answers at the wanted ports; changes nothing. */
export async function draftPort(deps: PortDeps, id: string, request: PortRequest): Promise<PortDraft> {
  const { fleet, clock } = deps;
  const { instanceId } = request;
  const { name } = fleet.instance(instanceId);
  const facts = await readFacts(deps, request);
  const changed = changedPorts(facts, request.ports);
  const dialect = (await fleet.withSession(instanceId, (session) => Promise.resolve(session))).dialect;
  const persisted = facts.persists ? changed.filter((one) => persistablePorts.includes(one.name)) : [];
  const byFile = changed.filter((one) => !persisted.includes(one));
  const lines = byFile.map((one) => configLine(one.name, String(one.to)));
  const file = facts.ports.find((one) => byFile.some(({ name: of }) => of === one.name) && one.file !== '')?.file ?? '';
  const moved = changed.find((one) => one.name === 'port') ?? null;
  const replicas = moved === null ? [] : facts.replicas.map((one) => ({ id: one.id, name: one.name, channel: one.channel }));
  const preconditions = portPreconditions(facts, request);
  const only = (what: 'from' | 'to'): PortInput['to'] => {
    const of = (one: PortName): number | null => changed.find((port) => port.name === one)?.[what] ?? null;
    return { port: of('port'), admin_port: of('admin_port'), mysqlx_port: of('mysqlx_port'), report_port: of('report_port') };
  };
  const input: PortInput = {
    instanceId, name, uuid: facts.uuid, from: only('from'), to: only('to'), restart: request.restart, optionLines: lines, optionFile: file,
    persist: persisted.map((one) => ({ name: one.name, before: facts.ports.find((port) => port.name === one.name)?.persisted ?? null })),
    endpoint: facts.adminPort, replicas: [...replicas],
  };
  const now = clock();
  return {
    request, input, basis: JSON.stringify([input, preconditions.filter(({ status }) => status === 'fail').map((one) => one.id)]),
    plan: {
      id, kind: 'port-change', createdAt: now, expiresAt: now + planLifeMs, instanceId, name, ports: facts.ports, wanted: request.ports,
        restart: request.restart,
      preconditions, steps: stepsOf(input, dialect), warnings: [], phrase: name, optionFile: file, optionLines: lines, replicas,
      back: [
        ...(lines.length === 0 ? [] : [message('port.back.file', { lines: byFile.map((one) => configLine(one.name, String(one.from))).join('; ') })]),
        ...(persisted.length === 0 ? [] : [message('port.back.persisted')]), message('port.back.start', { port: moved?.from ?? facts.adminPort }),
      ],
    },
  };
}

type Dialect = Session['dialect'];

export const persistStatements = (dialect: Dialect, { persist, to }: PortInput): readonly Statement[] =>
  persist.flatMap(({ name }) => (to[name] === null ? [] : [dialect.setPersistOnly(name, to[name])]));
/** The way back of these; `names`: of those alone. */
export const forgetStatements = (dialect: Dialect, { persist }: PortInput, names: readonly PortName[]): readonly Statement[] =>
  persist.filter(({ name }) => names.includes(name))
    .map(({ name, before }) => (before === null ? dialect.resetPersist(name) : dialect.setPersistOnly(name, before)));

/** The steps as a plan shows them. */
export function stepsOf(input: PortInput, dialect: Dialect): readonly PlannedStep[] {
  const { name, to, replicas, restart, optionLines } = input;
  const port = to.port;
  const reached = endpointsOf(input);
  const isFollowed = reached.after !== reached.before;
  const step = (id: string, title: PlannedStep['title'], sql: PlannedStep['sql'], undoable: boolean, pointOfNoReturn = false): PlannedStep => ({
    id, title, sql, undoable, pointOfNoReturn,
  });
  const on = (server: string, statements: readonly Statement[]): PlannedStep['sql'] => statements.map(({ redacted }) => ({ server, sql: redacted }));
  return [
    ...(input.persist.length === 0 ? [] : [step('persist', message('port.step.persist'), on(name, persistStatements(dialect, input)), true)]),
    step('restart', message(restart ? 'port.step.restart' : 'port.step.by-hand', { lines: optionLines.join('; ') }), [
      ...(restart ? [{ server: name, sql: 'RESTART' }] : []), { server: name, sql: 'SELECT @@port, @@server_uuid' },
    ], false),
    ...(port === null && !isFollowed ? []
      : [step('inventory', message('port.step.inventory', { port: (isFollowed ? reached.after : port) ?? 0 }), [], false, true)]),
    ...(port === null ? [] : replicas.map((replica) => step(`replica-${replica.id}`, message('port.step.replica', { name: replica.name }), on(replica.name, [
      dialect.stopReplica({ channel: replica.channel }), dialect.changeReplicationSource({ port }, replica.channel),
      dialect.startReplica({ threads: 'receiver', channel: replica.channel }), dialect.startReplica({ threads: 'applier', channel: replica.channel }),
    ]), false))),
    step('confirm', message('port.step.confirm'), [{ server: name, sql: 'SELECT @@port, @@server_uuid' }], false),
  ];
}

async function readFacts({ fleet }: PortDeps, { instanceId, ports: wanted }: PortRequest): Promise<PortFacts> {
  const { admin, replication } = fleet.instance(instanceId);
  const server = await fleet.withSession(instanceId, async (session) => {
    const parameters = await readParameters(session);
    const [row] = await session.query<{ uuid: string }>('SELECT @@GLOBAL.server_uuid AS uuid');
    return { parameters, uuid: row?.uuid ?? '', features: session.dialect.features, listening: await readListening(session, parameters) };
  }, { timeoutMs: 5000, queryTimeoutMs: 20_000 });
  const ports = portNames.flatMap((name): readonly PortFact[] => {
    const found = server.parameters.find((one) => one.name === name);
    return found === undefined ? [] : [{
      name, value: Number(found.value), source: found.source, file: found.file, persisted: found.persisted === null ? null : Number(found.persisted),
      ...listeningAt(name, Number(found.value), server.listening),
    }];
  });
  const taken: PortFacts['taken'][number][] = [];
  for (const { name, to } of changedPorts({ ports }, wanted)) {
    if (name === 'report_port') continue;
    const known = fleet.instances().find((one) => one.id !== instanceId
      && [one.admin, one.replication].some((end) => end !== null && end.port === to && (end.host === admin.host || end.host === replication?.host)));
    if (known !== undefined) taken.push({ name, by: known.name });
    else if (await answers(admin.host, to)) taken.push({ name, by: formatEndpoint({ host: admin.host, port: to }) });
  }
  return {
    ports, uuid: server.uuid, host: admin.host, adminPort: admin.port, persists: server.features.hasSetPersist, restarts: server.features.hasRestart, taken,
    ...await readReplicas(fleet, instanceId, ports.find(({ name }) => name === 'port')?.value ?? admin.port),
  };
}

async function readListening(session: Session, parameters: readonly Pick<Parameter, 'name' | 'value'>[]): Promise<ListeningFacts> {
  const rows = await session.query<{ Variable_name: string; Value: string }>(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Mysqlx_port', 'Mysqlx_socket')");
  const status = (name: string): string | null => rows.find((row) => row.Variable_name === name)?.Value ?? null;
  const variable = (name: string): string | null => parameters.find((one) => one.name === name)?.value ?? null;
  return {
    skipsNetworking: variable('skip_networking') === 'ON', socket: variable('socket') ?? '', adminAddress: variable('admin_address'),
    mysqlxPort: status('Mysqlx_port'), mysqlxSocket: status('Mysqlx_socket'),
  };
}

type Followers = Pick<PortFacts, 'replicas' | 'away' | 'strangers'>;

/** Who follows the server: by its own port, or by another that something forwards to it, and will go on forwarding. */
async function readReplicas(fleet: PortDeps['fleet'], instanceId: string, port: number): Promise<Followers> {
  const followers: { readonly id: string; readonly name: string; readonly channel: ReplicaChannel; readonly executed: string }[] = [];
  const away: string[] = [];
  for (const { id, name } of fleet.instances().filter((one) => one.id !== instanceId)) {
    const isOurs = fleet.replicasOf(instanceId).some((one) => one.id === id);
    try {
      const { channels, gtid: { executed } } = await fleet.readFacts(id);
      const found = channels.filter((channel) => registeredSource(fleet, id, channel)?.id === instanceId);
      followers.push(...found.map((channel) => ({ id, name, channel, executed })));
    } catch {
      // Whatever keeps it from answering: it is named where it is meant to follow this server.
      if (isOurs) away.push(name);
    }
  }
  const uuids = new Set(fleet.instances().map(({ serverUuid }) => serverUuid?.toLowerCase()));
  const { replicas: connected } = await fleet.readFacts(instanceId);
  const strangers = connected.filter(({ uuid }) => uuid === null || !uuids.has(uuid.toLowerCase())).map(({ host, user, uuid }) =>
    `${user}@${host ?? uuid ?? '?'}`);
  const forwarded = followers.filter(({ channel }) => channel.sourcePort !== port).map(({ name, channel }) => `${name} (${channel.sourcePort})`);
  const direct = followers.filter(({ channel }) => channel.sourcePort === port);
  const kept = direct.length === 0 ? { files: [], purged: '' } : await fleet.withSession(instanceId, keptLog, { queryTimeoutMs: 20_000 });
  const replicas = direct.map(({ id, name, channel, executed }): FoundReplica => ({ id, name, channel: channel.name, lost: lostLog(channel, executed, kept) }));
  return { replicas, away, strangers: [...strangers, ...forwarded] };
}

/** Whether something takes a connection there: a port that is free, or behind a firewall, does not. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: lookMs });
    const end = (found: boolean) => (): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
  });
}
