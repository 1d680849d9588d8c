import { failure } from '../../../shared/errors/codes';
import { atLeast, formatVersion, isMysql, MINIMUM_VERSION, type ServerVersion } from '../../../shared/domain/fleet/version';
import { accountStatements, type AccountStatements } from './accounts';
import { binlogStatements, type BinlogStatements } from './binlog';
import { replicationStatements, type ReplicationStatements } from './replication';
import { variableStatements, type VariableStatements } from './variables';
import { featuresOf, sinceVersion, type DialectBase, type Features } from './features';

/**
 * How one server is spoken to: one function for each statement whose words changed between 5.6 and 9.x. Statements are
 * values; nothing here runs anything. What a version cannot do at all throws `version-unsupported` — ask `features`
 * first.
 */
export interface Dialect extends ReplicationStatements, BinlogStatements, VariableStatements, AccountStatements {
  readonly version: ServerVersion;
  readonly features: Features;
}

/**
 * The dialect of a server.
 *
 * @throws Failure `product-unsupported` for MariaDB and other products, `version-unsupported` below 5.6.10
 */
export function dialectFor(version: ServerVersion): Dialect {
  if (!isMysql(version)) {
    throw failure('product-unsupported', { product: version.product === 'mariadb' ? 'MariaDB' : version.raw });
  }
  if (!atLeast(version, ...MINIMUM_VERSION)) throw unsupported(version, formatVersion(MINIMUM_VERSION));
  const features = featuresOf(version);
  const base: DialectBase = {
    version,
    features,
    replica: atLeast(version, 8, 0, 22) ? 'REPLICA' : 'SLAVE',
    source: atLeast(version, 8, 0, 23) ? 'SOURCE' : 'MASTER',
    need: (feature) => {
      if (!features[feature]) throw unsupported(version, formatVersion(sinceVersion(feature)));
    },
  };
  return {
    version,
    features,
    ...replicationStatements(base),
    ...binlogStatements(base),
    ...variableStatements(base),
    ...accountStatements(base),
  };
}

function unsupported(version: ServerVersion, minimum: string): Error {
  return failure('version-unsupported', { version: version.raw, minimum });
}
