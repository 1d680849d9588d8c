import type { Instance } from '../../shared/domain/fleet/instance';
import { settingsFor, type LinkShape } from './link-settings';
import { protectionsFor, tryProtections, type ProtectionTrial } from './link-tls';
import type { ReplicationLogin } from './login';
import type { TrialOptions, TrialServer } from './trial-login';

/**
 * Tries the link that an old primary will follow its successor by, from the old primary: timed as the link of today, and protected as
 * `linkProtections` says, by the CA file under the same path or by the one that the old primary has itself.
 */
export async function tryWayBack(
  old: TrialServer, successor: Pick<Instance, 'admin' | 'replication' | 'tls'>, shape: LinkShape, login: ReplicationLogin, options: TrialOptions,
): Promise<ProtectionTrial> {
  const ways = await protectionsFor(old, successor, { encrypted: shape.tls, model: shape });
  return tryProtections(old, ways, (way) => settingsFor(successor, { ...shape, ...way }, login), options);
}
