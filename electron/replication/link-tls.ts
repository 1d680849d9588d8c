// The one place that decides how a link is protected; what a replica can prove of its source is tried from the replica itself.
import type { ProbeReading } from '../../shared/domain/checks';
import { certificateRefused, linkProtections, verifies, type LinkProtection } from '../../shared/domain/fleet/link-protection';
import type { Instance } from '../../shared/domain/fleet/instance';
import { verifiedBy } from '../../shared/domain/fleet/trust';
import { atLeast } from '../../shared/domain/fleet/version';
import type { SourceSettings } from '../mysql/dialect/replication';
import type { StatusServer } from '../mysql/status/replica-status';
import { globalVariable } from '../mysql/reading';
import type { Session } from '../mysql/types';
import { trialLogin, type TrialOptions, type TrialServer } from './trial-login';

const MAIN_CHANNEL =
  "SELECT VALUE AS value FROM performance_schema.tls_channel_status WHERE CHANNEL = 'mysql_main' AND PROPERTY = 'Enabled'";

/** Whether a server offers TLS in a version that other servers accept: where both ends of a link do, it is encrypted. */
export async function offersTls(session: Session): Promise<boolean> {
  // Before 5.7.28 the usual builds speak TLS 1.0 and 1.1 only, which nobody else accepts any more.
  if (!atLeast(session.version, 5, 7, 28)) return false;
  if (session.tls !== null) return true;
  if (atLeast(session.version, 8, 0, 21)) {
    const rows = await session.query<{ value: string }>(MAIN_CHANNEL);
    return rows.some((row) => row.value === 'Yes');
  }
  return (await globalVariable(session, 'have_ssl')) === 'YES';
}

/** The ways to protect a link from `replica` to `source`, the best first; see `linkProtections`. */
export async function protectionsFor(
  replica: Pick<StatusServer, 'query'>, source: Pick<Instance, 'tls'>, link: { readonly encrypted: boolean; readonly model: LinkProtection | null },
): Promise<readonly [LinkProtection, ...LinkProtection[]]> {
  const [row] = await replica.query<{ Value: string }>("SHOW GLOBAL VARIABLES LIKE 'ssl\\_ca'");
  return linkProtections({ ...link, chosen: verifiedBy(source.tls), ownFile: row?.Value ?? '' });
}

/** What the trials of the ways came to. */
export interface ProtectionTrial {
  /** The way that was tried last: the one to take where the reading says that it connected. */
  readonly protection: LinkProtection;
  readonly reading: ProbeReading;
  /** What the replica said of the source's certificate where a way that proves it was given up for one that does not; null: nothing was given up. */
  readonly givenUp: string | null;
}

/** Logs in from the replica in one way after the other, until one is not refused for the source's certificate. */
export async function tryProtections(
  replica: TrialServer, ways: readonly [LinkProtection, ...LinkProtection[]], settings: (protection: LinkProtection) => SourceSettings, options: TrialOptions,
): Promise<ProtectionTrial> {
  let [protection] = ways;
  let refused: string | null = null;
  for (const [index, way] of ways.entries()) {
    protection = way;
    const reading = await trialLogin(replica, settings(way), options);
    const again = index < ways.length - 1 && reading.result === 'answered' && reading.errno === certificateRefused;
    if (!again) return { protection, reading, givenUp: verifies(way) ? null : refused };
    refused = reading.text;
  }
  throw new RangeError('No way to protect the link');
}
