/** Everything the app names as wrong, a closed set. Texts: `problems.<code>.title`, `.meaning`, `.cure`. */
export const problemCodes = [
  'unreachable',
  'unevaluated',
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
  'follows-old-primary',
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

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Something that somebody said about how an instance is watched. It holds until a moment, or (null) until it is taken back. */
export interface Word {
  readonly by: string;
  /** Milliseconds since the epoch, both. */
  readonly since: number;
  readonly until: number | null;
  readonly note: string;
}

/** Why nobody is called for a problem. */
export interface Quiet extends Word {
  readonly kind: 'acknowledged' | 'silenced';
}

/** One problem of one instance. Params fill its texts; server text among them is untrusted. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly instanceId: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** Why nobody is called for it; absent: somebody is. It stays told where problems are told. */
  readonly quiet?: Quiet | undefined;
}

/** What a code may be told of more than once on one instance: thresholds of each series, a binary log of each replica, a link of each channel. */
const toldOfEach = ['series', 'replicaId', 'channel'] as const;

/** Room for a channel of 64 characters, each of them nine as in an address. */
export const longestProblemKey = 700;

/** What tells the problems of an instance apart: no two of them have the same. A channel's name may be any text, and is written as in an address. */
export function problemKey({ code, params }: Pick<Problem, 'code' | 'params'>): string {
  return keyOfEach(code, params);
}

/** See `problemKey`; `name`: whatever stands for the code. */
export function keyOfEach(name: string, params: Problem['params']): string {
  return [name, ...toldOfEach.flatMap((one) => (params[one] === undefined ? [] : [encodeURIComponent(params[one])]))].join(' ');
}
