// Links that stand on the user's word go on standing over a restart of their server: it would start them by itself, and apply what waits.
import * as v from 'valibot';
import { formatVersion } from '../../shared/domain/fleet/version';
import { startingOf, type RestartOutlook, type StartSetting } from '../../shared/domain/operations/read-only/restart';
import { isRefusal } from '../mysql/reading';
import { startSetting } from '../mysql/status/start-kept';
import type { Session, Statement } from '../mysql/types';
import { openDocument, type OpenDocument } from '../storage/document';

const kept = v.object({ instanceId: v.string(), before: v.nullable(v.picklist(['ON', 'OFF'])) });
const schema = v.object({ links: v.array(kept) });
type Kept = v.InferOutput<typeof kept>;

type Do = (statement: Statement) => Promise<unknown>;

/** What keeps a link standing over a restart, as the server is now, and the statement that is still to run for it; null: none. */
export interface Standing {
  readonly outlook: RestartOutlook;
  readonly statement: Statement | null;
}

/**
 * skip_replica_start of servers whose link stands on the user's word, and what it was before: in `standing-links.json`, so that a start takes
 * back what was set here, and nothing that somebody else wants. Manual: "skip_replica_start", "Persisted System Variables".
 */
export class StandingLinks {
  readonly #document: OpenDocument<v.InferOutput<typeof schema>>;

  /** See `openDocument` for what it throws. */
  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'standing-links', version: 1, schema, empty: { links: [] } });
  }

  /** Whether a restart was kept from starting the link, as far as is known here; the server is not asked. */
  isKept(instanceId: string): boolean {
    return this.#of(instanceId) !== null;
  }

  /** Keeps it standing over a restart. The link stands already: nothing here is waited for before that. What is kept already stays. */
  async keep(session: Session, instanceId: string, run: Do): Promise<RestartOutlook> {
    const setting = await readSetting(session);
    const { outlook, statement } = standingOf(session, setting);
    if (!outlook.stands) return outlook;
    const known = this.#of(instanceId);
    const mark = known ?? { instanceId, before: statement === null ? 'ON' : setting.persisted };
    try {
      if (known === null) this.#put(instanceId, mark);
    } finally {
      // What protects does not wait for a disk that is full.
      if (statement !== null && !(await isTaken(run(statement)))) this.#put(instanceId, null);
    }
    return this.isKept(instanceId) ? outlook : { stands: false, why: 'refused', ...told(session) };
  }

  /** The link was started again: what was set here is taken back. */
  async release(session: Session, instanceId: string, run: Do): Promise<void> {
    const mark = this.#of(instanceId);
    if (mark === null) return;
    const { dialect } = session;
    if (mark.before === null) await run(dialect.resetPersist('skip_replica_start'));
    if (mark.before === 'OFF') for (const statement of dialect.setSkipReplicaStart(false).statements) await run(statement);
    this.#put(instanceId, null);
  }

  /** Nothing is taken back for it any more: its link is gone, or its start is kept off for a reason of its own. */
  forget(instanceId: string): void {
    if (this.isKept(instanceId)) this.#put(instanceId, null);
  }

  #of(instanceId: string): Kept | null {
    return this.#document.get().links.find((one) => one.instanceId === instanceId) ?? null;
  }

  #put(instanceId: string, mark: Kept | null): void {
    this.#document.update(({ links }) => ({ links: [...links.filter((one) => one.instanceId !== instanceId), ...(mark === null ? [] : [mark])] }));
  }
}

/** What a restart would do to a link that stands, and what `StandingLinks.keep` would run. Changes nothing. */
export async function readStanding(session: Session): Promise<Standing> {
  return standingOf(session, await readSetting(session));
}

function standingOf(session: Session, setting: StartSetting): Standing {
  const starting = startingOf(setting);
  switch (starting) {
    case 'kept':
      return { outlook: { stands: true }, statement: null };
    case 'set':
      return { outlook: { stands: true }, statement: session.dialect.setSkipReplicaStart(true).statements[0] ?? null };
    case 'version':
    case 'unloaded':
      return { outlook: { stands: false, why: starting, ...told(session) }, statement: null };
    default:
      return starting satisfies never;
  }
}

const told = ({ version, dialect }: Session): { readonly version: string; readonly optionLines: readonly string[] } =>
  ({ version: formatVersion(version), optionLines: [dialect.variableName('skip_replica_start')] });

async function readSetting(session: Session): Promise<StartSetting> {
  return startSetting(session, (sql) => session.query(sql));
}

/** Whether a server took a statement, or refused it. */
async function isTaken(done: Promise<unknown>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (thrown) {
    if (isRefusal(thrown)) return false;
    throw thrown;
  }
}
