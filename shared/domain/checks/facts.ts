import type { KnownPrivileges } from '../accounts/shared-accounts';
import type { AccountState } from '../accounts/state';
import type { AppError } from '../../errors/codes';
import type { ChannelFilters } from '../fleet/facts';
import type { ServerVersion } from '../fleet/version';
import type { Grant } from '../accounts/grants';

/**
 * Everything the preflight checks are decided over, one entry for each separate reading. A check names the entries it
 * needs; an entry that could not be read makes exactly those checks `error`. Reading them is the only I/O.
 */
export interface CheckFacts {
  readonly sourceReach: Reach;
  readonly standbyReach: Reach;
  readonly sourceServer: ServerReading;
  readonly standbyServer: ServerReading;
  readonly sourceClock: ClockReading;
  readonly standbyClock: ClockReading;
  /** What the clocks of its time zone show; null: the server does not say. */
  readonly sourceZone: ZoneReading | null;
  readonly standbyZone: ZoneReading | null;
  readonly sourceTls: TlsReading;
  readonly standbyTls: TlsReading;
  readonly gtid: GtidPair;
  readonly sourceGrants: readonly Grant[];
  readonly standbyGrants: readonly Grant[];
  readonly sourceAccounts: readonly AccountReading[];
  readonly standbyAccounts: readonly AccountReading[];
  /** Every account with what it may do; passwords as digests that compare with the other server's. */
  readonly sourceAccountStates: readonly AccountState[];
  readonly standbyAccountStates: readonly AccountState[];
  readonly knownPrivileges: KnownPrivileges;
  readonly sourceChannels: readonly ChannelReading[];
  readonly standbyChannels: readonly ChannelReading[];
  readonly sourceProcesses: readonly ProcessReading[];
  readonly standbyProcesses: readonly ProcessReading[];
  readonly sourceTransactions: readonly TransactionReading[];
  readonly standbyTransactions: readonly TransactionReading[];
  /** The source's binary log filters; null: it has no binary log. */
  readonly sourceBinlog: BinlogReading | null;
  /** Prepared XA transactions of the source, as their ids read; null: the login may not ask. */
  readonly sourceXa: readonly string[] | null;
  /** As `sourceXa`, of the standby. */
  readonly standbyXa: readonly string[] | null;
  /** The source's sessions whose own binlog_format is not ROW; null: the server does not tell (before 5.7.6, or not this login). */
  readonly sourceFormats: readonly SessionFormat[] | null;
  readonly sourceTables: readonly TableReading[];
  readonly sourceUniqueKeys: readonly UniqueKeyReading[];
  readonly sourceForeignKeys: readonly ForeignKeyReading[];
  readonly sourcePrograms: readonly ProgramReading[];
  /** What of the source does not work there. */
  readonly sourceBroken: readonly BrokenObject[];
  readonly sourcePartitions: readonly PartitionFault[];
  readonly sourceColumns: readonly ColumnReading[];
  readonly sourceFulltext: readonly FulltextReading[];
  readonly sourceDigests: DigestReading;
  /** Statements and transactions that the source still remembers, thread by thread; null: it does not collect them (before 5.7.3 it cannot). */
  readonly sourceHistory: readonly HistoryRow[] | null;
  readonly sourceDatabases: readonly DatabaseReading[];
  readonly standbyObjects: StandbyObjects;
  /** Names of the collations that the standby knows. */
  readonly standbyCollations: readonly string[];
  readonly sourcePlugins: readonly PluginReading[];
  readonly standbyPlugins: readonly PluginReading[];
  readonly sourceCloneLibrary: LibraryReading;
  readonly standbyCloneLibrary: LibraryReading;
  /** Tables of the source that lie in a general tablespace. */
  readonly sourceTablespaces: readonly TablespaceReading[];
  /** Names of the standby's general tablespaces. */
  readonly standbyTablespaces: readonly string[];
  /** null: the login may not read the server's own tables. */
  readonly sourceServerWide: ServerWideReading | null;
  readonly standbyServerWide: ServerWideReading | null;
  readonly forwardProbe: ProbeReading;
  readonly reverseProbe: ProbeReading;
  /** What the standby could prove of the source over the link. */
  readonly linkTls: LinkTlsReading;
}

export type FactName = keyof CheckFacts;

/** Whether a session with the administrator's login came about; the stage is told by the error's code. */
export type Reach =
  { readonly reached: true; readonly connectMs: number; readonly version: ServerVersion } | { readonly reached: false; readonly error: AppError };

export interface ServerReading {
  readonly version: ServerVersion;
  /** CURRENT_USER(): the account the server took the login for. */
  readonly account: string;
  /** How many processors it may use; null: it does not say (before 8.0, or not to this login). */
  readonly processors: number | null;
  /** Global variables, names in lower case, values as the server prints them. A name that is absent does not exist there. */
  readonly variables: Readonly<Record<string, string>>;
  /** The few status variables the checks look at, names in lower case. */
  readonly status: Readonly<Record<string, string>>;
  /** What this version calls the privileges that each purpose takes. */
  readonly rights: Readonly<Record<Purpose, readonly string[]>>;
}

/** What an administrator's login must be able to do; the words of the dialect's `privilegesFor`. */
export type Purpose =
  | 'watch-replication' | 'watch-sessions' | 'control-replication' | 'set-variables' | 'kill-sessions' | 'flush-and-reset' | 'backup' | 'clone'
  | 'copy-out' | 'set-definer' | 'create-accounts' | 'change-accounts';

/** A server's time zone by what its clocks show, whatever it is called: CST is a zone of China, of America and of Cuba. */
export interface ZoneReading {
  /** Different offsets that it has had; 1: its clocks have always been the same. */
  readonly offsets: number;
  /** Equal where two zones' clocks showed the same on every day. */
  readonly sum: string;
  /** The same of the days since 1992: China had summer time for the last time in 1991, and few rows hold moments from before. */
  readonly recent: string;
  /** `+08:00` */
  readonly now: string;
}

/** Several samples of the server's clock. */
export interface ClockReading {
  /** Round trips in the order taken, milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** Server clock minus workstation clock, from the sample with the shortest round trip, milliseconds. */
  readonly offsetMs: number;
  /** Half of that round trip: how far off the offset may be, milliseconds. */
  readonly uncertaintyMs: number;
}

export interface TlsReading {
  readonly offered: boolean;
  /** When the certificate ends, milliseconds since the epoch; null: the server does not say. */
  readonly expiresAt: number | null;
  /** The moment of the reading by the workstation's clock, milliseconds since the epoch. */
  readonly readAt: number;
}

/** GTID sets as text. The standby was read first and the source second, so what only the standby has is no artefact of time. */
export interface GtidPair {
  readonly standbyExecuted: string;
  readonly standbyUuid: string;
  readonly sourceExecuted: string;
  readonly sourcePurged: string;
  readonly sourceUuid: string;
}

/** Options of the file, not variables: only the state of the binary log shows them. */
export interface BinlogReading {
  readonly doDb: string;
  readonly ignoreDb: string;
}

export interface AccountReading {
  readonly user: string;
  readonly host: string;
  readonly plugin: string;
  readonly locked: boolean;
  readonly replicationSlave: boolean;
  /** The rights it holds that go past read_only: SUPER, CONNECTION_ADMIN. */
  readonly pastReadOnly: readonly string[];
}

export interface ChannelReading {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Its applier runs. */
  readonly applies: boolean;
}

export interface ProcessReading {
  readonly id: string;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly seconds: number;
  readonly state: string;
  /** The statement, cut short. Untrusted. */
  readonly statement: string;
}

export interface SessionFormat {
  /** As KILL takes it. */
  readonly id: string;
  readonly user: string;
  readonly host: string;
  readonly format: string;
}

export interface TransactionReading {
  readonly threadId: string;
  readonly seconds: number;
  readonly rowsModified: number;
  readonly statement: string;
}

export interface DatabaseReading {
  readonly name: string;
  readonly collation: string;
}

export interface TableReading {
  readonly database: string;
  readonly name: string;
  /** null: a view, or the server could not open it. */
  readonly engine: string | null;
  readonly rowFormat: string | null;
  readonly rows: number;
  readonly bytes: number;
  /** CREATE_OPTIONS in lower case: `partitioned`, `row_format=compressed`, `key_block_size=8`, `encryption='y'`. */
  readonly options: string;
}

/** A table in a general tablespace; its name is null where only the name of its file is known. */
export interface TablespaceReading {
  readonly database: string | null;
  readonly table: string | null;
  /** As InnoDB names it. */
  readonly file: string;
  readonly tablespace: string;
}

/** What belongs to a server and to no database of a user. */
export interface ServerWideReading {
  /** Loadable functions (`mysql.func`). */
  readonly functions: readonly { readonly name: string; readonly returns: string; readonly library: string; readonly aggregate: boolean }[];
  /** Names of CREATE SERVER. */
  readonly servers: readonly string[];
  /** Its time zone tables are filled. */
  readonly knowsZones: boolean;
  /** Time zones of its events, as they read. */
  readonly eventZones: readonly string[];
  /** Tables of users in `mysql` and `sys`, as `mysql.t`. */
  readonly systemTables: readonly string[];
}

/** An active plugin, or a keyring component (type `KEYRING`). */
export interface PluginReading {
  /** In lower case. */
  readonly name: string;
  /** In upper case: `FTPARSER`, `KEYRING`, `CLONE` … */
  readonly type: string;
}

/** Whether a server has the file of a plugin that is not loaded; `unseen`: it does not tell, or not while it is read-only. */
export type LibraryReading = 'there' | 'missing' | 'unseen';

/** A unique key or the primary key. */
export interface UniqueKeyReading {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly nullable: boolean;
}

export interface ForeignKeyReading {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly parentDatabase: string;
  readonly parentTable: string;
  readonly onUpdate: string;
  readonly onDelete: string;
}

/** A view or a stored program, with its text. */
export interface ProgramReading {
  readonly kind: 'view' | 'trigger' | 'procedure' | 'function' | 'event';
  readonly database: string;
  readonly name: string;
  /** `user@host` as the server prints it. */
  readonly definer: string;
  /** Text of the body; null: the login may not read it. */
  readonly body: string | null;
  /** The table a trigger belongs to. */
  readonly table: string | null;
  /** An event's status: ENABLED, DISABLED, SLAVESIDE_DISABLED, REPLICA_SIDE_DISABLED. */
  readonly status: string | null;
}

/** Something that does not work on its own server, and what is wrong with it. */
export interface BrokenObject {
  readonly kind: 'view' | 'table' | 'trigger' | 'event';
  readonly database: string;
  readonly name: string;
  /** A trigger's table. */
  readonly table: string | null;
  /** In the server's words, or the name of what is missing. */
  readonly detail: string;
}

/** A partitioned table that does not come to every server as it is. */
export interface PartitionFault {
  readonly database: string;
  readonly table: string;
  /** `shared`: lies in a tablespace with others. `stray`: rows lie in the partition that do not belong there. */
  readonly kind: 'shared' | 'stray';
  /** Of `shared`: the tablespace. */
  readonly partition: string;
}

/** Columns that need something special of the standby; plain ones are not read. */
export interface ColumnReading {
  readonly database: string;
  readonly table: string;
  readonly column: string;
  /** In lower case: `geometry`, `json`, `vector`, `varchar`. */
  readonly type: string;
  readonly columnType: string;
  readonly generated: boolean;
  readonly collation: string | null;
  readonly srsId: number | null;
  /** Of a generated column: by what it is computed. A key on an expression stands here as one, by its own name. */
  readonly expression?: string;
  /** What it is computed to depends on the time zone; and it is stored with its row, or kept in a key where one is on it. */
  readonly inZone?: 'stored' | 'kept';
}

export interface FulltextReading {
  readonly database: string;
  readonly table: string;
  readonly index: string;
}

/** Normalised statements that the source ran lately; `available` is false where performance_schema does not collect them. */
export interface DigestReading {
  readonly available: boolean;
  readonly statements: readonly (StatementReading & { readonly count: number })[];
}

/** A statement without its literals, and the default database it ran with. */
export interface StatementReading {
  readonly database: string | null;
  readonly text: string;
}

/** An event of performance_schema's histories. Event numbers count up within a thread; both are 64-bit, so text. */
export interface HistoryRow {
  readonly kind: 'statement' | 'transaction';
  readonly thread: string;
  readonly event: string;
  readonly nestedIn: { readonly kind: 'statement' | 'transaction'; readonly event: string } | null;
  /** null: a transaction. */
  readonly statement: StatementReading | null;
}

export interface StandbyObjects {
  readonly databases: readonly string[];
  readonly tables: readonly { readonly database: string; readonly name: string }[];
  /** Routines and events. */
  readonly programs: readonly { readonly database: string; readonly name: string }[];
}

/** Whether one server can reach the other's replication endpoint, as the server itself found out. */
export type ProbeReading =
  /** The receiver logged in; `objection`: what the source said to its request for the log, where it did not just send it. */
  | { readonly result: 'connected'; readonly filters: ProbeFilters; readonly objection: { readonly errno: number; readonly text: string } | null }
  /** The other server answered and refused or broke off the login: the network path is there. */
  | { readonly result: 'answered'; readonly errno: number; readonly text: string; readonly filters: ProbeFilters }
  /** No MySQL server answered there. */
  | { readonly result: 'unreachable'; readonly errno: number; readonly text: string; readonly filters: ProbeFilters }
  /** No verdict within the limit. */
  | { readonly result: 'undecided'; readonly seconds: number; readonly filters: ProbeFilters }
  /** The server refused to start a receiver. */
  | { readonly result: 'refused'; readonly text: string }
  /** It was not tried, because it would have disturbed something. */
  | { readonly result: 'not-tried'; readonly reason: 'replicates-already' | 'other-trial' };

/** Whether a standby can verify its source, as it found out itself. */
export interface LinkTlsReading {
  /** Both offer TLS in a version that the other takes: the link is encrypted. */
  readonly encrypted: boolean;
  /** The CA file that the standby is set up with, a path on its own disk; '' where it has none. */
  readonly caFile: string;
  /** The standby's attempt to log in at the source while it verifies what the user chose, by that file; null: it could not be tried. */
  readonly probe: ProbeReading | null;
}

/** Replication filters in force on the probe's channel; null where the server did not show them. */
type ProbeFilters = ChannelFilters | null;
