/** What a sync task replicates: the whole instance, or chosen databases and tables. */
export type Scope = { readonly kind: 'instance' } | { readonly kind: 'partial'; readonly databases: readonly ScopeDatabase[] };

export interface ScopeDatabase {
  readonly database: string;
  /** null: every table of it, present and future. */
  readonly tables: readonly string[] | null;
}

export const wholeInstance: Scope = { kind: 'instance' };

/** Schemas that belong to the server; never in a scope, never copied. */
export const systemSchemas = ['mysql', 'information_schema', 'performance_schema', 'sys', 'ndbinfo'] as const;

/** Our own schema on the servers: journal rows, epochs, heartbeat and write probes. */
export const ownSchema = 'antipode';
