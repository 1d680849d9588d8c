import { atLeast, type ServerVersion } from '../fleet/version';

/** What a sync task replicates: the whole instance, or chosen databases and tables. */
export type Scope = { readonly kind: 'instance' } | { readonly kind: 'partial'; readonly databases: readonly ScopeDatabase[] };

export interface ScopeDatabase {
  readonly database: string;
  /** null: every table of it, present and future. */
  readonly tables: readonly string[] | null;
}

export const wholeInstance: Scope = { kind: 'instance' };

/** Schemas that belong to the server; never in a scope, never copied. But see {@link isSystemSchema}. */
export const systemSchemas = ['mysql', 'information_schema', 'performance_schema', 'sys', 'ndbinfo'] as const;

/** The first version that brings a schema `sys` of its own (manual 5.7: "MySQL sys Schema"): on older ones somebody made it, mostly by mysql-sys. */
export const firstWithSys = [5, 7, 7] as const;

/** Whether a schema is one of the server's own. `version`: of the server; null: any from 5.7.7 on. */
export function isSystemSchema(database: string, version: ServerVersion | null): boolean {
  if (database === 'sys' && version !== null && !atLeast(version, ...firstWithSys)) return false;
  return systemSchemas.some((name) => name === database);
}

/** Our own schema on the servers: journal rows, epochs, heartbeat and write probes. */
export const ownSchema = 'antipode';
