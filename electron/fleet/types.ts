import type { ExpectedFilters, ScopeFindings } from '../../shared/domain/analysis/input';
import type { AttentionAct } from '../../shared/domain/fleet/attention';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import type { Instance, InstanceForm, Intent, Project, Region, SeenProblem } from '../../shared/domain/fleet/instance';
import type { AttentionOutcome, ConnectionTest, DatabaseObjects, FleetChange, FleetSnapshot, ImportResult, InstanceView } from '../../shared/domain/fleet/view';
import type { Breach } from '../../shared/domain/monitoring/thresholds';
import type { Comparison } from '../../shared/domain/verification/state';
import type { LiveSession } from '../mysql/session/session';
import type { ConnectOptions, ConnectTarget, Session } from '../mysql/types';

/** What is registered, and what the user means it to be. No server is asked. */
export interface FleetInventory {
  regions(): readonly Region[];
  projects(): readonly Project[];
  instances(): readonly Instance[];
  instance(id: string): Instance;
  instanceByName(name: string): Instance;
  regionName(id: string): string;
  setIntent(id: string, intent: Intent): Promise<void>;
  /**
   * From now on an instance is the server with this `server_uuid`: one that took the place of another, which somebody meant it to.
   * Does nothing where it is that already, or where another instance is: two of one identity are told as a problem.
   */
  acceptIdentity(id: string, uuid: string): Promise<void>;
  /** Whether statements that are run by hand only read on an instance. Letting them write again needs the instance's name as the phrase. */
  markSqlReadOnly(id: string, readOnly: boolean, phrase: string): Promise<void>;
  exportInventory(): string;
  importInventory(text: string, dryRun: boolean): Promise<ImportResult>;
}

/** Regions and projects, and which project an instance belongs to. */
export interface FleetGroups {
  addRegion(name: string): Promise<Region>;
  renameRegion(id: string, name: string): Promise<Region>;
  removeRegion(id: string): Promise<void>;
  addProject(name: string): Promise<Project>;
  renameProject(id: string, name: string): Promise<Project>;
  removeProject(id: string): Promise<void>;
  /** Moves instances to a project; a primary's standbys and read-only instances follow it (operation transfer-project). */
  transferProject(instanceIds: readonly string[], projectId: string | null): Promise<void>;
  /** Puts each instance into its project, as it was before a transfer. Throws `not-found` where one of them is gone; then nothing has moved. */
  returnToProjects(projects: ReadonlyMap<string, string | null>): Promise<void>;
}

/** Somebody's word about an instance: until when it holds (null: until it is taken back), and a remark. */
export interface WordOrder {
  /** Milliseconds since the epoch. */
  readonly until: number | null;
  readonly note: string;
}

/** The problems of an instance that somebody saw, as they were then. */
export interface SeenOf {
  readonly id: string;
  readonly problems: readonly SeenProblem[];
}

/**
 * What people say about how instances are watched. None of it takes a problem off a list, and none of it changes a server. An act on many is one
 * write; it answers of each, in their order, and one that is refused keeps nothing from the others.
 */
export interface FleetAttention {
  /**
   * Nobody is called for these problems any more, until they are gone and come back, or are other or worse ones. What is another or a worse one by
   * now than was seen goes on being told. Refused of an instance: `nothing-to-acknowledge`, `problems-changed`.
   */
  acknowledge(seen: readonly SeenOf[], order: WordOrder): Promise<readonly AttentionOutcome[]>;
  /** Nobody is called for an instance for a time, but for two servers that take writes. */
  silence(ids: readonly string[], order: WordOrder & { readonly until: number }): Promise<readonly AttentionOutcome[]>;
  /**
   * Its server is not read again and again, and nothing that was read of it counts as read now. Refused (`watch-needed`) where somebody's safety
   * hangs on it.
   */
  pauseWatching(ids: readonly string[], order: WordOrder): Promise<readonly AttentionOutcome[]>;
  /** Takes such a word back; `problems`: of these that were acknowledged, null: of all. */
  endAttention(ids: readonly string[], act: AttentionAct, problems: readonly string[] | null): Promise<readonly AttentionOutcome[]>;
}

/** Instances come, are edited and go; nothing is written before their server has answered as the form says. */
export interface FleetRegistration {
  testConnection(form: InstanceForm, password: string | undefined, instanceId: string | undefined): Promise<ConnectionTest>;
  /** Refuses an unreachable login, MariaDB, versions below 5.6.10, and a server that is registered already (by uuid). */
  addInstance(form: InstanceForm, password: string): Promise<InstanceView>;
  updateInstance(id: string, form: InstanceForm, password: string | undefined): Promise<InstanceView>;
  setPassword(id: string, password: string): Promise<void>;
  removeInstance(id: string, phrase: string, dissolve: boolean): Promise<void>;
  /** Asked before an instance is removed; throws to refuse (`has-task`). */
  guardRemoval(guard: (id: string) => Promise<void>): void;
}

/** How many statements this engine has sent to a server, over whatever sessions of its own. */
export interface StatementsSent {
  readonly questions: number;
  readonly selects: number;
}

/** How the registered servers are reached. */
export interface FleetAccess {
  /** A new session of its own with the instance's login; the caller closes it. */
  connect(id: string, options?: ConnectOptions): Promise<LiveSession>;
  /** Where and as whom to log in, for a worker thread that connects by itself; nothing else gets the password. */
  loginOf(id: string): Promise<ConnectTarget>;
  /** Runs `use` with a new session and closes it whatever happens. */
  withSession<Result>(id: string, use: (session: Session) => Promise<Result>, options?: ConnectOptions): Promise<Result>;
  /** Sessions of worker threads, which carry data, are not counted. */
  statementsSentTo(id: string): StatementsSent;
  /** The replication password of a sync link or an instance's own; kept in the vault under a key. */
  secret(key: string): Promise<string | null>;
  setSecret(key: string, value: string | null): Promise<void>;
  /** Changes the record of a secret that is kept, where it is kept. */
  replaceSecret(key: string, value: string): void;
}

/** What was read of the servers, and what follows from it for all of them together. */
export interface FleetObserved {
  /** What is known and concluded now, from the registry; no I/O. */
  snapshot(): FleetSnapshot;
  view(id: string): InstanceView;
  /** Reads the server again now and returns the new view; a failure to reach it is in the view, not thrown. */
  refresh(id: string): Promise<InstanceView>;
  /** Reads facts from the server itself; throws where it cannot be reached. Preconditions use this, never the registry. */
  readFacts(id: string, signal?: AbortSignal): Promise<InstanceFacts>;
  /** Where many wait to be read (after the start, or once something changed that may help), these are read before the others. Unknown ids count for nothing. */
  readFirst(ids: readonly string[]): void;
  objects(id: string): Promise<readonly DatabaseObjects[]>;
  /** Instances that follow or are meant to follow `id`. */
  replicasOf(id: string): readonly Instance[];
  /**
   * The replication filters that a sync task put in force on a standby (null: none; `changing`: it is at work on them; undefined: nobody says), to be
   * compared with the live ones at every poll (`filter-drift`).
   */
  expectFilters(id: string, filters: ExpectedFilters | undefined): void;
  /** Where a partial standby and the scope of its task parted; what is not given stays as it was noted. Told as problems of it. */
  noteScopeFindings(id: string, found: Partial<ScopeFindings>): void;
  /** The thresholds of monitoring that values of an instance are past; none: empty. Told as problems of it. */
  noteBreaches(id: string, breaches: readonly Breach[]): void;
  /** What comparisons of the link of a standby found (undefined: no sync task speaks for it). Told as a problem of it. */
  noteComparison(id: string, comparison: Comparison | undefined): void;
  /** Calls back with every batched change; returns how to stop. */
  onChange(listener: (change: FleetChange) => void): () => void;
}

/** What a service works with: the servers as they are registered, reached and seen. Who comes and goes is not its business. */
export type FleetServers = FleetInventory & FleetAccess & FleetObserved;

/**
 * The fleet as whoever owns it has it. The services ask for the parts that they need. Every method that cannot do what it
 * says throws a Failure with a code.
 */
export interface Fleet extends FleetInventory, FleetAttention, FleetGroups, FleetRegistration, FleetAccess, FleetObserved {
  startPolling(): void;
  close(): Promise<void>;
}
