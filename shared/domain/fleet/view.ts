import type { AppError } from '../../errors/codes';
import type { Message } from '../../i18n/message';
import type { InstanceFacts, InstanceHealth } from './facts';
import type { Instance, Project, Region } from './instance';
import type { HeadLag, Lag } from './lag';
import type { LockHolder } from '../tasks/lock-holder';
import type { Problem, Word } from './problem';
import type { Role } from './role';
import type { SyncLink, Topology } from './topology';

/** One instance with everything that is known and concluded about it. */
export interface InstanceView {
  readonly instance: Instance;
  readonly role: Role;
  readonly health: InstanceHealth;
  /** Last facts read; they stay while the server is away, `facts.sampledAt` tells their age. */
  readonly facts: InstanceFacts | null;
  /** Lag behind its source, where it has or should have one. */
  readonly lag: Lag | null;
  readonly sourceId: string | null;
  /** Where its source follows another itself: the primary at the head of the chain, and how far it is behind that one. */
  readonly head: HeadLag | null;
  /** Milliseconds since the epoch from when it follows its source, as we know it. */
  readonly followsSince: number | null;
  /** DR standbys (other regions) that follow it. */
  readonly protectedBy: readonly string[];
  readonly problems: readonly Problem[];
  /** It is not read again and again, on somebody's word: what is known of it is as old as it is. null: it is. */
  readonly paused: Word | null;
  /** Nobody is called for its problems, on somebody's word. */
  readonly silenced: Word | null;
  /** Operations of others that hold the server, as of the facts: another Antipode, on whatever workstation, that is not this engine. */
  readonly othersAtWork: readonly LockHolder[];
  /** Why no DR instance can be added (S8); null: it can. */
  readonly standbyObstacle: Message | null;
  /** A password is at hand for it in this run. */
  readonly passwordKnown: boolean;
}

export interface FleetSnapshot {
  /** Grows by one with every change that is sent; a gap means: ask for the snapshot again. */
  readonly seq: number;
  readonly at: number;
  readonly regions: readonly Region[];
  readonly projects: readonly Project[];
  readonly instances: readonly InstanceView[];
  readonly topology: Topology;
  /** Records on disk that could not be read and were set aside. */
  readonly quarantined: readonly string[];
}

/** What changed since `seq - 1`. Lists that are absent did not change. */
export interface FleetChange {
  readonly seq: number;
  readonly at: number;
  readonly regions?: readonly Region[];
  readonly projects?: readonly Project[];
  readonly instances?: readonly InstanceView[];
  readonly removedInstanceIds?: readonly string[];
  /** The whole of it, where links came or went, or who is unregistered changed. */
  readonly topology?: Topology;
  /** Links that are other than they were, where all are still there and in their order; never with `topology`. */
  readonly links?: readonly SyncLink[];
}

/** What came of a word about how one of many instances is watched. */
export interface AttentionOutcome {
  readonly id: string;
  /** Why nothing was said about it; null: it was. */
  readonly error: AppError | null;
  /** Keys of the problems that are others or worse ones than was seen: they were not acknowledged. */
  readonly changed: readonly string[];
}

/** What a connection test found, stage by stage. */
export interface ConnectionTest {
  readonly stages: readonly ConnectionStage[];
  /** null unless every stage passed. */
  readonly facts: InstanceFacts | null;
  readonly role: Role | null;
}

export interface ConnectionStage {
  readonly stage: 'dns' | 'tcp' | 'tls' | 'login' | 'facts';
  readonly status: 'pass' | 'fail' | 'skipped';
  readonly ms: number | null;
  readonly text: Message | null;
  readonly error: AppError | null;
}

/** Databases and tables of an instance with their sizes, system schemas left out. */
export interface DatabaseObjects {
  readonly name: string;
  readonly tables: readonly TableObject[];
  readonly views: number;
  readonly routines: number;
  readonly triggers: number;
  readonly events: number;
}

export interface TableObject {
  readonly name: string;
  readonly engine: string | null;
  /** The server's estimate. */
  readonly rows: number | null;
  readonly bytes: number | null;
}

/** What an import of an inventory file would do or did. */
export interface ImportResult {
  readonly added: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string; readonly text: Message }[];
}
