import { randomBytes } from 'node:crypto';
import { type ProbeReading } from '../../shared/domain/checks';
import { trialName } from '../../shared/domain/checks/trial';
import type { Endpoint } from '../../shared/domain/fleet/instance';
import type { Session, Statement } from '../mysql/types';
import type { ReplicationLogin } from '../replication/login';
import { trialLogin, type TrialServer } from '../replication/trial-login';
import { pairs, read } from './rows';
import type { Side } from './sides';

/** How long a receiver may take to come to a verdict, milliseconds. */
const verdictMs = 6_000;
const undoTimeoutMs = 8_000;

export interface Probe {
  /** Where the server is to connect. */
  readonly endpoint: Endpoint;
  /** The real replication account; null: a login that does not exist, whose refusal proves the way just as well. */
  readonly login: ReplicationLogin | null;
  readonly encrypted: boolean;
  /** What the server is to verify of the other one, by this CA file of its own disk. */
  readonly verify?: { readonly caFile: string; readonly identity: boolean };
}

/** Lets the server itself try to reach another one's replication endpoint. Never on a server that replicates. */
export function probe(side: Side, { endpoint, login, encrypted, verify }: Probe, signal: AbortSignal | undefined): Promise<ProbeReading> {
  return side.use('probe', async (session) => {
    const { gtid_mode: gtidMode } = pairs(await read(session, "SHOW GLOBAL VARIABLES LIKE 'gtid\\_mode'"));
    const settings = {
      host: endpoint.host,
      port: endpoint.port,
      user: login?.user ?? trialName,
      password: login?.password ?? randomBytes(12).toString('base64url'),
      autoPosition: gtidMode === 'ON',
      tls: { enabled: encrypted, ...(verify === undefined ? {} : { caFile: verify.caFile, verifyCertificate: verify.identity }) },
      getPublicKey: !encrypted,
    };
    return trialLogin(trialServerOf(side, session), settings, { limitMs: verdictMs, besideLinks: false, signal });
  });
}

function trialServerOf(side: Side, session: Session): TrialServer {
  return {
    dialect: session.dialect,
    query: (statement, params, options) => session.query(statement, params, options),
    run: (statement) => session.run(statement),
    // On its session, or, where that is gone, on a new one that no cancellation reaches.
    async always(statement: Statement) {
      try {
        await session.run(statement, [], { timeoutMs: undoTimeoutMs });
      } catch {
        const fresh = await side.connect(false);
        try {
          await fresh.run(statement, [], { timeoutMs: undoTimeoutMs });
        } finally {
          await fresh.close();
        }
      }
    },
  };
}
