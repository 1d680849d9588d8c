// Tables of a backup made again beside what is there, as they were just before a transaction: the backup, and the log behind it. For rollbacks.
import type { RestoreOrder } from '../../../shared/domain/backup/backup';
import { parseGtid, parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import type { ForwardBackup, ForwardReading, ForwardTables } from '../../../shared/domain/operations/rollback/forward';
import { Failure, failure } from '../../../shared/errors/codes';
import { removeCreated } from '../../copy/created-objects';
import { endOf } from '../../copy/job';
import { writerSession, type WriteJob } from '../../copy/snapshot/sessions';
import type { StepContext } from '../../tasks/types';
import type { FoundBackup } from '../folder';
import { readOnlyDatabases } from '../read-only';
import type { BackupParts } from '../types';
import { backupKey } from '../uses';
import { checkFiles } from '../verify';
import { chosenTables, type RestoreChoice } from './choice';
import { tableKey } from './table-names';
import { checkLater, followLog } from './later/apply';
import { planLater } from './later/plan';
import { oldMoments, refuseOldMoments } from './old-moments';
import { openBackup, type OpenBackup } from './open';
import { choiceOf, mostNamed } from './plan';
import { compareAll } from './rows';
import { restoreAll } from './run';
import { closeLocalInfile, openLocalInfile } from './task';

/** Says the passphrase of a backup where it is kept; null: of one in the clear. */
export type PassphraseOf = (found: FoundBackup) => Promise<string | null>;

export class RestoreBeside {
  constructor(private readonly parts: BackupParts, private readonly all: () => Promise<readonly FoundBackup[]>, private readonly passphraseOf: PassphraseOf) {}

  /**
   * Whole backups that hold a moment before a transaction, of a server that has executed all that is in them (others are of other data), newest first.
   */
  async earlier(gtid: string, executed: GtidSet): Promise<readonly ForwardBackup[]> {
    const wanted = parseGtid(gtid);
    return (await this.all())
      .flatMap((one) => (one.state === 'whole' ? [one] : []))
      .filter(({ manifest }) => {
        const held = parseGtidSet(manifest.gtidSet);
        return !held.isEmpty() && !held.contains(wanted) && held.isSubsetOf(executed);
      })
      .map(({ id, manifest: { startedAt, tables } }) => ({ id, at: startedAt, tables }))
      .sort((a, b) => b.at - a.at);
  }

  /** Reads the log from a backup to the moment. Changes nothing. */
  async plan(backupId: string, wanted: ForwardTables, planId: string, signal?: AbortSignal): Promise<ForwardReading> {
    try {
      const backup = await this.#open(backupId);
      const [order, choice] = [orderOf(backupId, wanted), choiceFor(backupId, wanted)];
      const old = oldMoments(backup.manifest, choice);
      if (old !== null) return { transactions: 0, changes: 0, obstacles: [old.error] };
      await this.#refuseReadOnly(wanted, signal);
      const { later, obstacles } = await planLater(this.parts, backup, order, choice, `beside-${planId}`, signal);
      return { transactions: later?.transactions ?? 0, changes: later?.changes ?? 0, obstacles };
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.error.code === 'cancelled') throw thrown;
      return { transactions: 0, changes: 0, obstacles: [thrown.error] };
    }
  }

  /** Tries everything that can fail: files of the backup that are damaged, a log that leads there no more. Writes nothing. */
  async check(step: StepContext, backupId: string, wanted: ForwardTables): Promise<void> {
    await step.remember(backupKey, backupId);
    const backup = await this.#open(backupId);
    const choice = choiceFor(backupId, wanted);
    refuseOldMoments(backup.manifest, choice);
    await this.#refuseReadOnly(wanted, step.signal);
    await checkFiles(backup, step);
    await checkLater(this.parts, step, backup, orderOf(backupId, wanted), choice);
  }

  /** Makes the tables, compares them with the backup, and follows the log; answers how many changes that were. */
  async restore(step: StepContext, backupId: string, wanted: ForwardTables): Promise<number> {
    const job = this.#job(step, wanted);
    const backup = await this.#open(backupId);
    const [order, choice] = [orderOf(backupId, wanted), choiceFor(backupId, wanted)];
    let rows = 0;
    await openLocalInfile(job);
    await restoreAll(job, backup, choice, async () => {
      await compareAll(job, backup, chosenTables(backup.manifest, choice));
      rows = await followLog(this.parts, job, backup, order, { instanceId: wanted.instanceId, before: wanted.gtid }, choice);
    });
    await closeLocalInfile(job);
    return rows;
  }

  /** Takes away what was made, and nothing else. */
  async remove(step: StepContext, wanted: ForwardTables): Promise<void> {
    const job = this.#job(step, wanted);
    const writer = await writerSession(job.target, step.signal, { logged: true });
    try {
      await removeCreated(job, writer);
    } finally {
      await writer.close();
    }
    await closeLocalInfile(job);
  }

  /** Nothing is made in a database that nobody may write to, and it is not opened for it. */
  async #refuseReadOnly({ instanceId, tables }: ForwardTables, signal?: AbortSignal): Promise<void> {
    const { fleet } = this.parts;
    const { name } = fleet.instance(instanceId);
    const closed = new Set(await fleet.withSession(instanceId, readOnlyDatabases, signal === undefined ? {} : { signal }));
    const found = [...new Set(tables.map(({ as }) => as.database))].filter((database) => closed.has(database));
    if (found.length > 0) throw failure('restore-read-only', { name, databases: found.slice(0, mostNamed).join(', ') }, { server: name });
  }

  #job(step: StepContext, { instanceId }: ForwardTables): WriteJob {
    const { fleet } = this.parts;
    return { step, target: endOf(fleet, fleet.instance(instanceId)) };
  }

  async #open(backupId: string): Promise<OpenBackup> {
    const found = (await this.all()).find(({ id }) => id === backupId);
    if (found === undefined) throw failure('not-found', { kind: 'backup', name: backupId });
    return openBackup(found, await this.passphraseOf(found));
  }
}

function orderOf(backupId: string, { instanceId, gtid, tables }: ForwardTables): RestoreOrder {
  const databases = [...new Set(tables.map(({ of }) => of.database))].map((database) => ({
    database, tables: tables.filter(({ of }) => of.database === database).map(({ of }) => of.table),
  }));
  return {
    backupId, targetId: instanceId, scope: { kind: 'partial', databases }, renamings: [],
    accounts: 'none', asStandby: false, replace: false, until: { instanceId, before: gtid },
  };
}

function choiceFor(backupId: string, wanted: ForwardTables): RestoreChoice {
  return { ...choiceOf(orderOf(backupId, wanted), null), beside: new Map(wanted.tables.map(({ of, as }) => [tableKey(of), as])) };
}
