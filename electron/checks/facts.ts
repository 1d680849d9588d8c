import { replicationEndpoint } from '../../shared/domain/fleet/instance';
import type { CheckFacts, FactName } from '../../shared/domain/checks';
import { verifiedBy } from '../../shared/domain/fleet/trust';
import { atLeast } from '../../shared/domain/fleet/version';
import type { FleetAccess, FleetInventory } from '../fleet/types';
import { digestKey, readAccountStates, readKnownPrivileges } from '../mysql/accounts/states';
import { readGrants } from '../mysql/accounts/privileges';
import type { CheckRequest } from '../../shared/domain/checks/request';
import type { Session } from '../mysql/types';
import type { ReplicationLogin } from '../replication/login';
import { probe } from './probe';
import { readChannels, readFormats, readProcesses, readTransactions, readXa } from './read-load';
import { readDigests, readHistory } from './read-statements';
import {
  readCollations, readColumns, readDatabases, readForeignKeys, readFulltext, readPrograms, readStandbyObjects, readTables,
  readTablespaces, readTablespaceUse, readUniqueKeys,
} from './read-objects';
import { readAccounts, readBinlog, readCloneLibrary, readClock, readGtids, readPlugins, readServer, readTls, readZone } from './read-server';
import { readServerWide } from './read-server-wide';
import { readBroken } from './read-broken';
import { readPartitions } from './read-partitions';
import { objectsLimitMs, read } from './rows';
import { Side, type Lane } from './sides';

export interface GatherOptions {
  readonly fleet: FleetInventory & FleetAccess;
  readonly request: CheckRequest;
  readonly signal: AbortSignal | undefined;
  readonly login: ReplicationLogin | null;
}

type Picked = { -readonly [Name in FactName]?: CheckFacts[Name] };
type Readers = { readonly [Name in FactName]: () => Promise<CheckFacts[Name]> };

/**
 * Reads what the checks ask for, each fact once and only when it is asked for. Facts of one lane come one after the
 * other over one session, lanes and servers at the same time.
 */
export class Facts {
  readonly source: Side;
  readonly standby: Side;
  readonly #readers: Readers;
  readonly #known = new Map<FactName, Promise<unknown>>();

  constructor(options: GatherOptions) {
    const { fleet, request, signal } = options;
    this.source = new Side(fleet, request.sourceId, signal);
    this.standby = new Side(fleet, request.standbyId, signal);
    this.#readers = readersOf(this, options);
  }

  /** A fact, read now or before. Rejects with the server's failure. */
  get<Name extends FactName>(name: Name): Promise<CheckFacts[Name]> {
    const known = this.#known.get(name);
    if (known !== undefined) return known as Promise<CheckFacts[Name]>;
    const reading = this.#readers[name]();
    this.#known.set(name, reading);
    return reading;
  }

  /** The facts that are named, and no others. Rejects as `get` does. */
  async pick(names: readonly FactName[]): Promise<Partial<CheckFacts>> {
    const picked: Picked = {};
    const read = async <Name extends FactName>(name: Name): Promise<void> => {
      picked[name] = await this.get(name);
    };
    await Promise.all(names.map((name) => read(name)));
    return picked;
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.standby.close()]);
  }
}

function serverWideReaders(source: Side, standby: Side): Pick<Readers, 'sourceServerWide' | 'standbyServerWide'> {
  return {
    sourceServerWide: () => source.use('objects', readServerWide),
    standbyServerWide: () => standby.use('objects', readServerWide),
  };
}

function zoneReaders(source: Side, standby: Side): Pick<Readers, 'sourceZone' | 'standbyZone'> {
  return { sourceZone: () => source.use('quick', readZone), standbyZone: () => standby.use('quick', readZone) };
}

function readersOf(facts: Facts, { fleet, request, signal, login }: GatherOptions): Readers {
  const { source, standby } = facts;
  const on = <Result>(side: Side, lane: Lane, reader: (session: Session) => Promise<Result>) => (): Promise<Result> => side.use(lane, reader);
  const grants = (session: Session): Promise<CheckFacts['sourceGrants']> => readGrants(session, (sql) => read(session, sql));
  const endpointOf = (id: string): ReturnType<typeof replicationEndpoint> => replicationEndpoint(fleet.instance(id));
  /** Before 5.7.28 the usual builds speak TLS 1.0 and 1.1 only, which newer ones do not accept. */
  const encrypted = async (): Promise<boolean> => {
    const [here, there, hereServer, thereServer] = await Promise.all([
      facts.get('sourceTls'), facts.get('standbyTls'), facts.get('sourceServer'), facts.get('standbyServer'),
    ]);
    return here.offered && there.offered && atLeast(hereServer.version, 5, 7, 28) && atLeast(thereServer.version, 5, 7, 28);
  };
  return {
    ...serverWideReaders(source, standby),
    ...zoneReaders(source, standby),
    sourceReach: () => source.reach(),
    standbyReach: () => standby.reach(),
    sourceServer: on(source, 'quick', readServer),
    standbyServer: on(standby, 'quick', readServer),
    sourceClock: on(source, 'quick', readClock),
    standbyClock: on(standby, 'quick', readClock),
    sourceTls: on(source, 'quick', readTls),
    standbyTls: on(standby, 'quick', readTls),
    gtid: () => readGtids(source, standby),
    sourceGrants: on(source, 'quick', grants),
    standbyGrants: on(standby, 'quick', grants),
    sourceAccounts: on(source, 'quick', readAccounts),
    standbyAccounts: on(standby, 'quick', readAccounts),
    ...accountReaders(facts),
    sourceChannels: on(source, 'quick', readChannels),
    standbyChannels: on(standby, 'quick', readChannels),
    sourceProcesses: on(source, 'quick', (session) => readProcesses(session, () => source.ownConnections())),
    standbyProcesses: on(standby, 'quick', (session) => readProcesses(session, () => standby.ownConnections())),
    sourceTransactions: on(source, 'quick', readTransactions),
    standbyTransactions: on(standby, 'quick', readTransactions),
    sourceBinlog: on(source, 'quick', readBinlog),
    sourceXa: on(source, 'quick', readXa),
    standbyXa: on(standby, 'quick', readXa),
    sourceFormats: on(source, 'quick', readFormats),
    sourceTables: on(source, 'objects', readTables),
    sourceUniqueKeys: on(source, 'objects', readUniqueKeys),
    sourceForeignKeys: on(source, 'objects', readForeignKeys),
    sourceBroken: on(source, 'views', readBroken),
    sourcePartitions: on(source, 'views', readPartitions),
    sourcePrograms: on(source, 'objects', readPrograms),
    sourceColumns: on(source, 'objects', readColumns),
    sourceFulltext: on(source, 'objects', readFulltext),
    sourceDigests: on(source, 'objects', readDigests),
    sourceHistory: on(source, 'objects', readHistory),
    sourceDatabases: on(source, 'objects', readDatabases),
    standbyObjects: on(standby, 'objects', readStandbyObjects),
    standbyCollations: on(standby, 'objects', readCollations),
    sourceCloneLibrary: on(source, 'quick', readCloneLibrary),
    standbyCloneLibrary: on(standby, 'quick', readCloneLibrary),
    sourceTablespaces: on(source, 'objects', readTablespaceUse),
    standbyTablespaces: on(standby, 'objects', readTablespaces),
    // The channel is there for a moment: who follows whom is read before, so that it does not count.
    forwardProbe: async () => {
      await settled([facts.get('standbyChannels'), facts.get('sourceProcesses')]);
      return probe(standby, { endpoint: endpointOf(request.sourceId), login, encrypted: await encrypted() }, signal);
    },
    linkTls: async () => {
      const verifies = verifiedBy(fleet.instance(request.sourceId).tls);
      const caFile = (await facts.get('standbyServer')).variables['ssl_ca'] ?? '';
      const verify = { caFile, identity: verifies === 'identity' };
      const isEncrypted = await encrypted();
      const tried = isEncrypted && caFile !== '' && verifies !== 'nothing';
      await settled([facts.get('forwardProbe')]);
      return {
        encrypted: isEncrypted,
        caFile,
        probe: tried ? await probe(standby, { endpoint: endpointOf(request.sourceId), login, encrypted: true, verify }, signal) : null,
      };
    },
    reverseProbe: async () => {
      await settled([facts.get('sourceChannels'), facts.get('standbyProcesses')]);
      return probe(source, { endpoint: endpointOf(request.standbyId), login: null, encrypted: await encrypted() }, signal);
    },
  };
}

/** Accounts, and what each server knows of ways to log in and privileges. Both sides under one key, so that digests of passwords compare. */
type AccountReaders = Pick<Readers, 'sourceAccountStates' | 'standbyAccountStates' | 'knownPrivileges' | 'sourcePlugins' | 'standbyPlugins'>;

function accountReaders({ source, standby }: Facts): AccountReaders {
  const key = digestKey();
  const statesOf = (side: Side): ReturnType<typeof readAccountStates> => side.use('quick', (session) => readAccountStates(session, key, objectsLimitMs));
  return {
    sourceAccountStates: () => statesOf(source),
    standbyAccountStates: () => statesOf(standby),
    sourcePlugins: () => source.use('quick', readPlugins),
    standbyPlugins: () => standby.use('quick', readPlugins),
    knownPrivileges: async () => {
      const [here, there] = await Promise.all([source.use('quick', readKnownPrivileges), standby.use('quick', readKnownPrivileges)]);
      return { source: here, standby: there };
    },
  };
}

async function settled(readings: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(readings);
}
