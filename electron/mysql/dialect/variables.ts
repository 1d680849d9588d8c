import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { nameOnServer, type RenamedVariable } from '../../../shared/domain/sql/variable-names';
import { configLine } from './config-line';
import type { DialectBase } from './features';
import { quoteString } from '../quote';
import { plain, type Statement } from '../statement';

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
  return nameOnServer(version, name);
}

function valueText(value: VariableValue): string {
  return typeof value === 'string' ? quoteString(value) : bareText(value);
}

function bareText(value: VariableValue): string {
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`Not a number: ${String(value)}`);
  return value.toString();
}
