import type { ConnectionStage, ConnectionTest } from '../../shared/domain/fleet/view';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { message, type Message } from '../../shared/i18n/message';
import { ConnectError, connectStages } from '../mysql/errors';
import { connect } from '../mysql/session/session';
import type { ConnectTarget, Session } from '../mysql/types';

const LIMIT_MS = 10_000;

/**
 * Tries a connection stage by stage — name, TCP, TLS, login, facts — and says which one failed and why. The role is left
 * to the caller, who knows the rest of the fleet. Never throws.
 */
export async function testStages(
  target: ConnectTarget, label: string, readFacts: (session: Session) => Promise<InstanceFacts>,
): Promise<Omit<ConnectionTest, 'role'>> {
  const times = new Map<string, number>();
  let session: Session;
  try {
    session = await connect(target, { timeoutMs: LIMIT_MS, label, onStage: (stage, ms) => times.set(stage, ms) });
  } catch (thrown) {
    const failed = thrown instanceof ConnectError ? thrown.stage : 'login';
    return { stages: stagesOf(target, times, failed, errorOf(thrown), null), facts: null };
  }
  const since = performance.now();
  try {
    const facts = await readFacts(session);
    times.set('facts', performance.now() - since);
    return { stages: stagesOf(target, times, null, null, session), facts };
  } catch (thrown) {
    return { stages: stagesOf(target, times, 'facts', errorOf(thrown), session), facts: null };
  } finally {
    await session.close().catch(() => session.destroy());
  }
}

const stages = [...connectStages, 'facts'] as const;
type Stage = (typeof stages)[number];

function stagesOf(
  target: ConnectTarget,
  times: ReadonlyMap<string, number>,
  failed: Stage | null,
  error: AppError | null,
  session: Session | null,
): ConnectionStage[] {
  return stages.map((stage, index) => {
    if (stage === failed) return { stage, status: 'fail', ms: null, text: null, error };
    const ms = times.get(stage) ?? null;
    const reached = failed === null || index < stages.indexOf(failed);
    return { stage, status: reached && ms !== null ? 'pass' : 'skipped', ms: reached ? ms : null, text: textOf(stage, target, session, reached), error: null };
  });
}

function textOf(stage: Stage, target: ConnectTarget, session: Session | null, reached: boolean): Message | null {
  if (stage === 'tls' && target.tls.mode === 'off') return message('fleet.test.tls-off');
  if (stage === 'tls' && reached && session !== null) {
    return session.tls === null ? message('fleet.test.tls-none') : message('fleet.test.tls', { protocol: session.tls.protocol, cipher: session.tls.cipher });
  }
  if (stage === 'login' && session !== null) return message('fleet.test.version', { version: session.version.raw });
  return null;
}
