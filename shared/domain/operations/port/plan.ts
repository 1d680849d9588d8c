import { message, type Message } from '../../../i18n/message';
import type { Plan, Precondition } from '../../tasks/plan';
import type { ParameterSource } from '../parameters/parameter';
import type { LostLog } from './replica';

/** What a server listens on, and what it says of itself to its source. */
export const portNames = ['port', 'admin_port', 'mysqlx_port', 'report_port'] as const;
export type PortName = (typeof portNames)[number];

/** Of these SET PERSIST_ONLY keeps a value; the others are read from command line and option files alone, on every series. */
export const persistablePorts: readonly PortName[] = ['report_port'];

export interface PortFact {
  readonly name: PortName;
  readonly value: number;
  /** null: the server does not say (before 8.0). */
  readonly source: ParameterSource | null;
  /** The file that says so; empty: none does. */
  readonly file: string;
  readonly persisted: number | null;
  /** Whether anybody listens there; null: the server does not say. */
  readonly listens: boolean | null;
  /** The file by which clients on its machine reach the same door; empty: none. */
  readonly socket: string;
}

/** What tells whether anybody listens at a port, beside its own value. */
export interface ListeningFacts {
  readonly skipsNetworking: boolean;
  readonly socket: string;
  /** null: before 8.0.14, which has no such port. */
  readonly adminAddress: string | null;
  /** The status Mysqlx_port and Mysqlx_socket: `UNDEFINED` where the plugin could not listen; null or empty: it does not say. */
  readonly mysqlxPort: string | null;
  readonly mysqlxSocket: string | null;
}

/** Whether anybody listens at one of the ports. The variables of two of them have a value where nobody does. */
export function listeningAt(name: PortName, value: number, facts: ListeningFacts): Pick<PortFact, 'listens' | 'socket'> {
  switch (name) {
    case 'port':
      return { listens: value !== 0 && !facts.skipsNetworking, socket: facts.socket };
    case 'admin_port':
      return { listens: facts.adminAddress === null ? null : facts.adminAddress !== '', socket: '' };
    case 'mysqlx_port':
      return {
        listens: facts.mysqlxPort === null || facts.mysqlxPort === '' ? null : Number(facts.mysqlxPort) > 0,
        socket: facts.mysqlxSocket === null || facts.mysqlxSocket === 'UNDEFINED' ? '' : facts.mysqlxSocket,
      };
    case 'report_port':
      return { listens: null, socket: '' };
  }
}

/** New ports; null: as it is. */
export type WantedPorts = Readonly<Record<PortName, number | null>>;

export interface PortRequest {
  readonly instanceId: string;
  readonly ports: WantedPorts;
  /** The lines are in the option file: the server is restarted from here. Otherwise whoever runs it restarts it, and that is waited for. */
  readonly restart: boolean;
}

interface PortReplica {
  readonly id: string;
  readonly name: string;
  readonly channel: string;
}

/** A replica as it was found. */
export interface FoundReplica extends PortReplica {
  /** What it would have to be sent anew, and is gone; null: nothing. */
  readonly lost: LostLog | null;
}

/** What was found before a change of ports. */
export interface PortFacts {
  readonly ports: readonly PortFact[];
  readonly uuid: string;
  /** Where the program reaches it. */
  readonly host: string;
  readonly adminPort: number;
  readonly persists: boolean;
  readonly restarts: boolean;
  /** What answered at a wanted port, or is registered there; by the name of the variable. */
  readonly taken: readonly { readonly name: PortName; readonly by: string }[];
  readonly replicas: readonly FoundReplica[];
  /** Registered replicas that do not answer; programs that read its log and are not registered, or reach it by another port than its own. */
  readonly away: readonly string[];
  readonly strangers: readonly string[];
}

/** A change of ports before it is made. */
export interface PortPlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  readonly ports: readonly PortFact[];
  readonly wanted: WantedPorts;
  readonly restart: boolean;
  readonly optionFile: string;
  readonly optionLines: readonly string[];
  readonly replicas: readonly PortReplica[];
  /** How it goes back, and how a server is brought up that does not start. */
  readonly back: readonly Message[];
}

/** The ports that really change. */
export function changedPorts({ ports }: Pick<PortFacts, 'ports'>,
  wanted: WantedPorts): readonly { readonly name: PortName; readonly from: number; readonly to: number }[] {
  return portNames.flatMap((name) => {
    const to = wanted[name];
    const from = ports.find((one) => one.name === name)?.value;
    return to === null || from === undefined || to === from ? [] : [{ name, from, to }];
  });
}

/** What a server keeps for its next start of a port that a change persists. */
export interface PersistedPort {
  readonly name: PortName;
  /** When it was planned; null: it kept none. */
  readonly before: number | null;
  readonly now: number | null;
}

/** Which of these are as the change made them (`ours`), and which somebody has set to something else since: they are nobody's to overwrite. */
export function persistedSince(ports: readonly PersistedPort[], to: ChangedPorts): {
  readonly ours: readonly PortName[]; readonly moved: readonly PersistedPort[];
} {
  return {
    ours: ports.filter(({ name, now }) => now === to[name]).map(({ name }) => name),
    moved: ports.filter(({ name, before, now }) => now !== before && now !== to[name]),
  };
}

/** Changed ports, before or after; null: not changed. */
export type ChangedPorts = Readonly<Record<PortName, number | null>>;

/** The port of an endpoint after a change: it follows where it was that of the clients, or the administrators'. */
export function portAfter(port: number, { from, to }: { readonly from: ChangedPorts; readonly to: ChangedPorts }): number {
  const name = (['port', 'admin_port'] as const).find((one) => to[one] !== null && from[one] === port);
  return (name === undefined ? null : to[name]) ?? port;
}

const INFO = 'SELECT … FROM performance_schema.variables_info';

/** What stands against a change of ports, and what its user should know. */
export function portPreconditions(facts: PortFacts, { ports: wanted, restart }: PortRequest): readonly Precondition[] {
  const changed = changedPorts(facts, wanted);
  return [...refusals(facts, wanted, restart), ...warnings(facts, wanted),
    ...(changed.length === 0 ? [] : [one('clients', 'warn', message('port.clients'), 'RESTART')])];
}

function refusals(facts: PortFacts, wanted: WantedPorts, restart: boolean): readonly Precondition[] {
  const changed = changedPorts(facts, wanted);
  const fact = (name: PortName): PortFact | undefined => facts.ports.find((port) => port.name === name);
  const lacking = portNames.filter((name) => wanted[name] !== null && fact(name) === undefined);
  const after = new Map(facts.ports.filter(({ name, value }) => name !== 'report_port' && value !== 0).map(({ name, value }) => [name, wanted[name] ?? value]));
  const twice = [...after].filter(([name, value]) => [...after].some(([other, its]) => other !== name && its === value)).map(([name]) => name);
  const moved = changed.some(({ name }) => name === 'port');
  return [
    ...lacking.map((name) => one(`lacking:${name}`, 'fail', message('port.lacking', { name }), 'SHOW GLOBAL VARIABLES',
      name === 'mysqlx_port' ? message('port.lacking.mysqlx.remedy') : null)),
    ...(changed.length === 0 && lacking.length === 0 ? [one('nothing', 'fail', message('port.nothing'), 'SHOW GLOBAL VARIABLES')] : []),
    ...changed.filter(({ name }) => fact(name)?.source === 'command-line')
      .map(({ name }) => one(`command-line:${name}`, 'fail', message('port.command-line', { name }), INFO, message('port.command-line.remedy', { name }))),
    ...(moved && facts.adminPort !== fact('port')?.value && facts.adminPort !== fact('admin_port')?.value
      ? [one('forwarded', 'fail', message('port.forwarded', { admin: facts.adminPort, port: fact('port')?.value ?? 0 }), 'SELECT @@port',
        message('port.forwarded.remedy'))] : []),
    ...facts.taken.map(({ name, by }) => one(`taken:${name}`, 'fail', message('port.taken', { port: wanted[name] ?? 0, by }),
      `TCP ${facts.host}:${wanted[name] ?? 0}`)),
    ...(moved ? facts.replicas : []).flatMap(({ name, lost }) => (lost === null ? [] : [one(`lost:${name}`, 'fail',
      lost.kind === 'gtids' ? message('port.lost.gtids', { name, gtids: lost.gtids }) : message('port.lost', { name, file: lost.file }),
      lost.kind === 'gtids' ? 'SELECT @@gtid_purged' : 'SHOW BINARY LOGS', message('port.lost.remedy', { name }))])),
    ...(twice.length === 0 ? [] : [one('twice', 'fail', message('port.twice', { names: twice.join(', ') }), 'SHOW GLOBAL VARIABLES')]),
    ...(restart && !facts.restarts ? [one('no-restart', 'fail', message('port.no-restart'), 'SELECT VERSION()')] : []),
  ];
}

function warnings(facts: PortFacts, wanted: WantedPorts): readonly Precondition[] {
  const changed = changedPorts(facts, wanted);
  const old = facts.ports.find(({ name }) => name === 'port')?.value;
  const reported = facts.ports.find(({ name }) => name === 'report_port');
  const moved = changed.some(({ name }) => name === 'port');
  const lies = moved && wanted.report_port === null && reported?.value === old && reported?.source !== 'compiled';
  return [
    ...(changed.some(({ name }) => facts.ports.find((port) => port.name === name)?.source === null) ? [one('untold', 'warn', message('port.untold'), INFO)]
      : []),
    ...changed.filter(({ name }) => facts.ports.find((port) => port.name === name)?.listens === false).map(({ name }) =>
      one(`silent:${name}`, 'warn', message(name === 'admin_port' ? 'port.silent.admin' : 'port.silent', { name }), 'SHOW GLOBAL STATUS')),
    ...changed.filter(({ to }) => to < 1024).map(({ name, to }) => one(`reserved:${name}`, 'warn', message('port.reserved', { port: to }), 'TCP')),
    ...(lies ? [one('report', 'warn', message('port.report', { port: old ?? 0 }), 'SHOW REPLICAS')] : []),
    ...(moved && facts.away.length > 0 ? [one('away', 'warn', message('port.away', { names: facts.away.join(', ') }), 'SHOW REPLICA STATUS')] : []),
    ...(moved && facts.strangers.length > 0 ? [one('strangers', 'warn', message('port.strangers', { names: facts.strangers.join(', ') }), 'SHOW REPLICAS')]
      : []),
  ];
}

function one(id: string, status: Precondition['status'], measured: Message, sql: string, remedy: Message | null = null): Precondition {
  return { id, status, measured, sql, remedy, title: message(`port.precondition.${id.split(':')[0] as PreconditionKind}`) };
}

type PreconditionKind = 'lacking' | 'nothing' | 'command-line' | 'forwarded' | 'taken' | 'lost' | 'twice' | 'no-restart' | 'untold' | 'silent' | 'reserved'
  | 'report' | 'away' | 'strangers' | 'clients';
