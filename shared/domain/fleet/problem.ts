/** Everything the app names as wrong, a closed set. Texts: `problems.<code>.title`, `.meaning`, `.cure`. */
export const problemCodes = [
  'unreachable',
  'login-refused',
  'receiver-stopped',
  'receiver-connecting',
  'applier-stopped',
  'errant-transactions',
  'source-lacks-own',
  'content-differs',
  'needs-verification',
  'purged-gap',
  'filter-drift',
  'filters-in-force',
  'errors-passed-over',
  'binlog-filtered',
  'strayed-tables',
  'collation-differs',
  'missing-tables',
  'writes-stalled',
  'writable-standby',
  'two-writable-members',
  'fenced-writable',
  'lost-transactions',
  'fence-partial',
  'unknown-source',
  'replication-cycle',
  'clock-skew',
  'relay-logs-growing',
  'server-restarted',
  'uuid-changed',
  'duplicate-server-id',
  'duplicate-server-uuid',
  'version-order',
  'events-enabled-on-standby',
  'start-kept-off',
  'privileged-sessions',
  'certificate-expiring',
  'tls-lost',
  'gtid-off',
  'not-auto-position',
  'lagging',
  'binlog-off',
  'retention-short',
  'not-synchronised',
  'unprotected',
  'privilege-missing',
  'product-unsupported',
  'threshold-crossed',
  'threshold-unknown',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

export type Severity = 'critical' | 'warning' | 'info';

/** One problem of one instance. Params fill its texts; server text among them is untrusted. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly instanceId: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** What tells the problems of an instance apart: a code is told once, but for thresholds, which are told of each series. */
export function problemKey({ code, params }: Problem): string {
  return code === 'threshold-crossed' || code === 'threshold-unknown' ? `${code} ${String(params['series'])}` : code;
}
