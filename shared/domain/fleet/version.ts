/** `percona` counts as MySQL everywhere; `mariadb` and `other` are recognised in order to be refused politely. */
type ServerProduct = 'mysql' | 'percona' | 'mariadb' | 'other';

/** What a server says it is, taken apart. `raw` is its own text. */
export interface ServerVersion {
  readonly product: ServerProduct;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly raw: string;
}

/** A version to compare with: `[8, 0, 22]`; the patch may be left out. */
export type VersionTriple = readonly [major: number, minor: number, patch?: number];

/** The oldest server that can take part (first general availability of 5.6, which brought GTIDs). */
export const MINIMUM_VERSION: VersionTriple = [5, 6, 10];

/** Servers that speak MySQL's protocol and are something else, by a word in their version or version_comment. */
const STRANGERS = /tidb|oceanbase|singlestore|memsql|doris|starrocks|dolt|clickhouse|vitess|polardb-x|greptime/i;

/**
 * Takes a server's version text apart. `comment` is `@@version_comment`, where it is known already: it tells Percona
 * from others. Never throws: a text without a version is `other` 0.0.0.
 *
 * Known forms: `5.6.24-log`, `8.0.36-28` (Percona), `10.11.6-MariaDB`, `5.5.5-10.4.12-MariaDB-log` (MariaDB's prefix
 * for old replicas, in the handshake), `8.0.mysql_aurora.3.04.0`, `8.0.11-TiDB-v7.5.0`.
 */
export function parseServerVersion(raw: string, comment = ''): ServerVersion {
  const both = `${raw} ${comment}`;
  if (/mariadb/i.test(both)) return version('mariadb', raw.replace(/^5\.5\.5-(?=\d+\.\d+\.\d+)/, ''), raw);
  if (STRANGERS.test(both)) return version('other', raw, raw);
  const product = isPercona(raw, comment) ? 'percona' : 'mysql';
  const parsed = version(product, raw, raw);
  return parsed.major === 0 ? { ...parsed, product: 'other' } : parsed;
}

function isPercona(raw: string, comment: string): boolean {
  if (comment !== '') return /percona/i.test(comment);
  // Percona's own suffix is its release number; distributions of MySQL append words (`-0ubuntu0.22.04.1`).
  return /percona/i.test(raw) || /^\d+\.\d+\.\d+-\d+(\.\d+)*(-(log|debug))*$/.test(raw);
}

function version(product: ServerProduct, text: string, raw: string): ServerVersion {
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return { product, major: Number(major), minor: Number(minor), patch: Number(patch), raw };
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: ServerVersion | VersionTriple, b: ServerVersion | VersionTriple): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True when `v` is the given version or newer. */
export function atLeast(v: ServerVersion, ...triple: VersionTriple): boolean {
  return compareVersions(v, triple) >= 0;
}

/** `8.0.36`. */
export function formatVersion(v: ServerVersion | VersionTriple): string {
  return numbersOf(v).join('.');
}

/** True for MySQL and Percona Server; their versions, replication and GTIDs are the same thing. */
export function isMysql(v: ServerVersion): boolean {
  return v.product === 'mysql' || v.product === 'percona';
}

/**
 * Series in the order in which one may replicate to the next: 5.6, 5.7, 8.0, 8.4 (the innovation releases 8.1 to 8.3
 * lead to it), then one per major version. Reference: manual, "Replication Compatibility Between MySQL Versions".
 */
export function seriesOf(v: ServerVersion): string {
  if (v.major >= 9) return `${v.major}.x`;
  if (v.major === 8) return v.minor === 0 ? '8.0' : '8.4';
  return `${v.major}.${v.minor}`;
}

/** How a replica's version suits its source's. */
export type ReplicationOrder =
  /** Same series, and the replica is not older. */
  | 'same'
  /** The replica is one series newer: supported. */
  | 'next'
  /** The replica is more than one series newer: may work, is not supported. */
  | 'far'
  /** The replica is older: MySQL replicates from old to new only. */
  | 'older';

/** How a replica of version `replica` suits a source of version `source`. Patch releases of one series do not matter. */
export function replicationOrder(source: ServerVersion, replica: ServerVersion): ReplicationOrder {
  const steps = seriesIndex(replica) - seriesIndex(source);
  const patchless = compareVersions([replica.major, replica.minor], [source.major, source.minor]);
  if (steps < 0 || (steps === 0 && patchless < 0)) return 'older';
  if (steps === 0) return 'same';
  return steps === 1 ? 'next' : 'far';
}

/** The first version that has CLONE. */
export const CLONE_VERSION: VersionTriple = [8, 0, 17];

/** CLONE needs one series; before 8.0.37 one and the same release. Manual: "Cloning Remote Data". */
export function canClone(source: ServerVersion, standby: ServerVersion): boolean {
  if (!atLeast(source, ...CLONE_VERSION) || source.major !== standby.major || source.minor !== standby.minor) return false;
  return source.patch === standby.patch || (atLeast(source, 8, 0, 37) && atLeast(standby, 8, 0, 37));
}

function seriesIndex(v: ServerVersion): number {
  if (v.major >= 9) return 4 + (v.major > 9 ? 1 : 0);
  if (v.major === 8) return v.minor === 0 ? 2 : 3;
  if (v.major === 5 && v.minor >= 7) return 1;
  if (v.major === 5 && v.minor === 6) return 0;
  return -1;
}

function numbersOf(v: ServerVersion | VersionTriple): readonly [number, number, number] {
  if ('raw' in v) return [v.major, v.minor, v.patch];
  return [v[0], v[1], v[2] ?? 0];
}
