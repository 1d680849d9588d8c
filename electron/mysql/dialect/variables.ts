import { atLeast, type ServerVersion, type VersionTriple } from '../../../shared/domain/fleet/version';
import { configLine } from './config-line';
import type { DialectBase } from './features';
import { quoteString } from '../quote';
import { plain, type Statement } from '../statement';

/** Variables that were renamed: today's name → the old name and the first version that has today's. */
const renamed = {
  log_replica_updates: { was: 'log_slave_updates', since: [8, 0, 26] },
  log_slow_replica_statements: { was: 'log_slow_slave_statements', since: [8, 0, 26] },
  init_replica: { was: 'init_slave', since: [8, 0, 26] },
  replica_checkpoint_group: { was: 'slave_checkpoint_group', since: [8, 0, 26] },
  replica_checkpoint_period: { was: 'slave_checkpoint_period', since: [8, 0, 26] },
  replica_compressed_protocol: { was: 'slave_compressed_protocol', since: [8, 0, 26] },
  replica_exec_mode: { was: 'slave_exec_mode', since: [8, 0, 26] },
  replica_load_tmpdir: { was: 'slave_load_tmpdir', since: [8, 0, 26] },
  replica_max_allowed_packet: { was: 'slave_max_allowed_packet', since: [8, 0, 26] },
  replica_net_timeout: { was: 'slave_net_timeout', since: [8, 0, 26] },
  replica_parallel_type: { was: 'slave_parallel_type', since: [8, 0, 26] },
  replica_parallel_workers: { was: 'slave_parallel_workers', since: [8, 0, 26] },
  replica_pending_jobs_size_max: { was: 'slave_pending_jobs_size_max', since: [8, 0, 26] },
  replica_preserve_commit_order: { was: 'slave_preserve_commit_order', since: [8, 0, 26] },
  replica_skip_errors: { was: 'slave_skip_errors', since: [8, 0, 26] },
  replica_sql_verify_checksum: { was: 'slave_sql_verify_checksum', since: [8, 0, 26] },
  replica_transaction_retries: { was: 'slave_transaction_retries', since: [8, 0, 26] },
  replica_type_conversions: { was: 'slave_type_conversions', since: [8, 0, 26] },
  rpl_stop_replica_timeout: { was: 'rpl_stop_slave_timeout', since: [8, 0, 26] },
  skip_replica_start: { was: 'skip_slave_start', since: [8, 0, 26] },
  source_verify_checksum: { was: 'master_verify_checksum', since: [8, 0, 26] },
  sql_replica_skip_counter: { was: 'sql_slave_skip_counter', since: [8, 0, 26] },
  transaction_isolation: { was: 'tx_isolation', since: [5, 7, 20] },
  transaction_read_only: { was: 'tx_read_only', since: [5, 7, 20] },
} as const satisfies Record<string, { was: string; since: VersionTriple }>;

export type RenamedVariable = keyof typeof renamed;

/** `true`/`false` are ON/OFF. Texts are quoted. */
type VariableValue = string | number | bigint | boolean;

/** A change that outlives a restart of the server: what to run, and what the user must put into my.cnf for it. */
export interface LastingChange {
  readonly statements: readonly Statement[];
  /** Lines for section [mysqld]; empty where the server keeps the change itself (SET PERSIST, 8.0+). */
  readonly configLines: readonly string[];
}

export interface VariableStatements {
  /** A variable's name on this server, from its name of today; names that never changed pass through. */
  variableName(name: RenamedVariable | (string & {})): string;
  /** Until the next restart. Name of today. */
  setGlobal(name: string, value: VariableValue): Statement;
  setSession(name: string, value: VariableValue): Statement;
  /** Now and after a restart (which keeps it only where persisted_globals_load is ON, the default). 8.0+. */
  setPersist(name: string, value: VariableValue): Statement;
  /** After the next restart only; for variables that cannot change at run time. 8.0+. */
  setPersistOnly(name: string, value: VariableValue): Statement;
  /** Forgets what SET PERSIST keeps; the running value stays. 8.0+. */
  resetPersist(name: string): Statement;
  /** Now and after a restart: SET PERSIST, or before 8.0 SET GLOBAL and a line for my.cnf. */
  setLasting(name: string, value: VariableValue): LastingChange;
  /**
   * Makes the server refuse writes (super_read_only; before 5.7.8 read_only, which accounts with SUPER write past), or
   * accept them. `lasting` false: until the next restart.
   */
  setReadOnly(on: boolean, lasting: boolean): LastingChange;
  /** Replication does not start by itself when the server starts. Before 8.0.24 a line for my.cnf is the only way. */
  setSkipReplicaStart(on: boolean): LastingChange;
  /** How long binary logs are kept; 0: for ever. Before 8.0.1 whole days, rounded up. */
  setBinlogExpire(seconds: number): LastingChange;
  /** gtid_mode and such on the way to GTID; one step at a time. */
  setGtidMode(mode: 'OFF' | 'OFF_PERMISSIVE' | 'ON_PERMISSIVE' | 'ON'): LastingChange;
}

/** Manual: "Server System Variables", "Replication and Binary Logging Options and Variables", "SET Syntax". */
export function variableStatements({ version, features, need }: DialectBase): VariableStatements {
  const nameOf = (name: string): string => variableName(version, name);
  const set = (scope: string, name: string, value: VariableValue): Statement =>
    plain(`SET ${scope} ${nameOf(name)} = ${valueText(value)}`);
  const line = (name: string, value: VariableValue): string => configLine(nameOf(name), bareText(value));

  const lasting = (settings: ReadonlyArray<readonly [string, VariableValue]>): LastingChange => {
    if (features.hasSetPersist) return { statements: settings.map(([name, value]) => set('PERSIST', name, value)), configLines: [] };
    return {
      statements: settings.map(([name, value]) => set('GLOBAL', name, value)),
      configLines: settings.map(([name, value]) => line(name, value)),
    };
  };

  return {
    variableName: nameOf,
    setGlobal: (name, value) => set('GLOBAL', name, value),
    setSession: (name, value) => set('SESSION', name, value),
    setPersist: (name, value) => {
      need('hasSetPersist');
      return set('PERSIST', name, value);
    },
    setPersistOnly: (name, value) => {
      need('hasSetPersist');
      return set('PERSIST_ONLY', name, value);
    },
    resetPersist: (name) => {
      need('hasSetPersist');
      return plain(`RESET PERSIST IF EXISTS ${nameOf(name)}`);
    },
    setLasting: (name, value) => lasting([[name, value]]),

    setReadOnly: (on, keep) => {
      // ON: super_read_only brings read_only with it. OFF: read_only is the last bolt, so that a failure between the two
      // leaves the server closed to ordinary clients.
      const variables = !features.hasSuperReadOnly ? ['read_only'] : on ? ['super_read_only'] : ['super_read_only', 'read_only'];
      if (!keep) return { statements: variables.map((name) => set('GLOBAL', name, on)), configLines: [] };
      if (features.hasSetPersist) return lasting((on ? ['super_read_only', 'read_only'] : variables).map((name) => [name, on]));
      const lines = features.hasSuperReadOnly ? ['super_read_only', 'read_only'] : ['read_only'];
      return { statements: variables.map((name) => set('GLOBAL', name, on)), configLines: lines.map((name) => line(name, on)) };
    },

    setSkipReplicaStart: (on) => {
      if (features.hasSkipReplicaStartVariable) return { statements: [set('PERSIST_ONLY', 'skip_replica_start', on)], configLines: [] };
      return { statements: [], configLines: on ? [nameOf('skip_replica_start')] : [] };
    },

    setBinlogExpire: (seconds) => {
      if (atLeast(version, 8, 0, 1)) return lasting([['binlog_expire_logs_seconds', Math.ceil(seconds)]]);
      return lasting([['expire_logs_days', Math.ceil(seconds / 86_400)]]);
    },

    setGtidMode: (mode) => {
      need('hasOnlineGtidMode');
      return lasting([['gtid_mode', mode]]);
    },
  };
}

function variableName(version: ServerVersion, name: string): string {
  if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) throw new RangeError(`Not a variable's name: ${name}`);
  const entry = (renamed as Record<string, { readonly was: string; readonly since: VersionTriple } | undefined>)[name];
  return entry === undefined || atLeast(version, ...entry.since) ? name : entry.was;
}

function valueText(value: VariableValue): string {
  return typeof value === 'string' ? quoteString(value) : bareText(value);
}

function bareText(value: VariableValue): string {
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`Not a number: ${String(value)}`);
  return value.toString();
}
