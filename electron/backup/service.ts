import { randomBytes, randomUUID } from 'node:crypto';
import { access, constants, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { BackupDetail, BackupOrder, BackupPlace, BackupView, RestoreOrder, RestorePlan } from '../../shared/domain/backup/backup';
import { letGo, proofDue, type BackupPolicy, type PlacedBackup } from '../../shared/domain/backup/policy';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { endedStates, type TaskKind, type TaskView } from '../../shared/domain/tasks/task';
import { errorOf, failure, Failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { audited } from '../fleet/audited';
import { writeFailure } from '../copy/files/failures';
import { makeFolder } from '../storage/make-folder';
import { deriveKey, newKdf } from '../storage/vault-crypto';
import { planLifeMs } from '../tasks/plan-drafts';
import { BackupBook } from './book';
import { createHandler, createRun } from './create/task';
import { backupsIn, freeBytes, removeFolder, type FoundBackup } from './folder';
import { SchedulePassphrases } from './passphrases';
import { proveRun } from './prove';
import { isLater } from './restore/later/apply';
import { sweepFolders } from './restore/later/folder';
import { RestoreBeside } from './restore/beside';
import { openBackup, type OpenBackup } from './restore/open';
import { planRestore } from './restore/plan';
import { restoreHandler, restoreRun } from './restore/task';
import type { BackupDeps, BackupParts, BackupService, Expiry } from './types';
import { backupKey } from './uses';
import { lookInput, verifyRun, type Found, type LookInput } from './verify';
import { detailOf, viewOf } from './views';

interface Draft {
  readonly plan: RestorePlan;
  readonly backup: OpenBackup;
}

/** Backups, their folders, and the tasks that make, look at and restore them. */
export class Backups implements BackupService {
  readonly #book: BackupBook;
  readonly #listeners = new Set<() => void>();
  readonly #drafts = new Map<string, Draft>();
  readonly #parts: BackupParts;
  readonly #ownPlace: string;
  readonly #passphrases: SchedulePassphrases;
  /** Tables of backups beside their originals, for rollbacks. */
  readonly beside: RestoreBeside;

  constructor(private readonly deps: BackupDeps) {
    const { dataFolder, tasks } = deps;
    this.#book = new BackupBook(dataFolder);
    sweepFolders(dataFolder);
    this.#ownPlace = join(dataFolder, 'backups');
    this.#parts = { ...deps, changed: () => this.#changed() };
    this.#passphrases = new SchedulePassphrases(deps.secrets);
    this.beside = new RestoreBeside(this.#parts, () => this.#all(), (found) => this.#keptPassphrase(found));
    deps.fleet.onChange(({ removedInstanceIds = [] }) => {
      if (removedInstanceIds.length === 0) return;
      this.#book.forgetPolicies(removedInstanceIds);
      // Its schedule, which goes too, tells where that cannot be done.
      for (const id of removedInstanceIds) void this.#passphrases.forget(id).catch(() => undefined);
    });
    tasks.register(createHandler(this.#parts));
    tasks.register(restoreHandler(this.#parts));
    // One that was interrupted has found nothing; it is begun again, from the start.
    const [parts, note] = [this.#parts, (what: 'verified' | 'proven'): Found => this.#note(what)];
    for (const kind of ['backup-verify', 'backup-prove'] as const) {
      tasks.register<LookInput>({
        kind, input: lookInput,
        async rebuild(input) {
          return kind === 'backup-verify' ? verifyRun(input, null, deps.clock, note('verified')) : proveRun(parts, input, null, note('proven'));
        },
        judge: async () => ({ verdict: 'can-undo', text: message('backup.recover.look') }),
      });
    }
  }

  async list(): Promise<readonly BackupView[]> {
    const found = await this.#all();
    return found.map((one) => this.#view(one)).sort((a, b) => b.startedAt - a.startedAt);
  }

  async show(id: string): Promise<BackupDetail> {
    const found = await this.#find(id);
    return detailOf(found, this.#view(found));
  }

  async places(): Promise<readonly BackupPlace[]> {
    return Promise.all(this.#paths().map(async (path) => ({ path, isDefault: path === this.#ownPlace, freeBytes: await freeBytes(path) })));
  }

  async addPlace(path: string): Promise<readonly BackupPlace[]> {
    const whole = resolve(path);
    if (!isAbsolute(path)) throw failure('invalid-input', { field: 'path', reason: 'not absolute' });
    await audited(this.deps.audit, 'backup.add-place', whole, {}, async () => {
      try {
        await makeFolder(whole);
        if (!(await stat(whole)).isDirectory()) throw new Error('not a folder');
        await access(whole, constants.R_OK);
      } catch (thrown) {
        throw writeFailure(thrown, join(whole, '.'));
      }
      if (whole !== this.#ownPlace) this.#book.addPlace(whole);
    });
    this.#changed();
    return this.places();
  }

  async removePlace(path: string): Promise<readonly BackupPlace[]> {
    if (path === this.#ownPlace) throw failure('invalid-input', { field: 'path', reason: path });
    await audited(this.deps.audit, 'backup.remove-place', path, {}, async () => this.#book.removePlace(path));
    this.#changed();
    return this.places();
  }

  async create({ instanceId, scope, place, passphrase }: BackupOrder): Promise<TaskView> {
    const { audit, clock, fleet, tasks } = this.deps;
    const instance = fleet.instance(instanceId);
    const startedAt = clock();
    return audited(audit, 'backup.create', instance.name, { place: place ?? this.#ownPlace, encrypted: passphrase !== null }, async () => {
      const path = place ?? this.#ownPlace;
      if (!this.#paths().includes(path)) throw failure('not-found', { kind: 'place', name: path });
      const kdf = passphrase === null ? null : newKdf();
      const key = kdf === null || passphrase === null ? null : await deriveKey(passphrase, kdf);
      return tasks.start(createRun(this.#parts, { id: idFor(instance.name, startedAt), instanceId, place: path, scope, startedAt, kdf }, key));
    });
  }

  backupOf(taskId: string): string | null {
    return this.deps.tasks.memory(taskId).recall(backupKey) ?? null;
  }

  async verify(id: string, passphrase: string | null): Promise<TaskView> {
    return this.#look(id, passphrase, 'backup.verify', (input, backup) => verifyRun(input, backup, this.deps.clock, this.#note('verified')));
  }

  async prove(id: string, passphrase: string | null): Promise<TaskView> {
    return this.#look(id, passphrase, 'backup.prove', (input, backup) => proveRun(this.#parts, input, backup, this.#note('proven')));
  }

  async planRestore(order: RestoreOrder, passphrase: string | null): Promise<RestorePlan> {
    const { clock } = this.deps;
    for (const [id, draft] of this.#drafts) if (draft.plan.expiresAt <= clock()) this.#drafts.delete(id);
    const backup = await openBackup(await this.#find(order.backupId), passphrase);
    const plan = await planRestore(this.deps, backup, order, { id: randomUUID(), clock, readsLog: true });
    this.#drafts.set(plan.id, { plan, backup });
    return plan;
  }

  async restore(planId: string, phrase: string): Promise<TaskView> {
    const { audit, clock, tasks } = this.deps;
    const shown = this.#drafts.get(planId);
    if (shown === undefined) throw failure('not-found', { kind: 'plan', name: planId });
    const { order, targetName } = shown.plan;
    return audited(audit, 'backup.restore', targetName, { backup: order.backupId, replace: order.replace, ...untilOf(order) }, async () => {
      if (phrase !== shown.plan.phrase) throw failure('confirm-mismatch', { expected: shown.plan.phrase });
      if (shown.plan.expiresAt <= clock()) throw failure('plan-expired', { seconds: planLifeMs / 1000 });
      // The servers are the truth: what was shown is made once more; a log, which takes its time, in the task before anything is touched.
      const now = await planRestore(this.deps, shown.backup, order, { id: planId, clock, readsLog: false });
      const [obstacle] = [...now.obstacles, ...(isLater(order) ? shown.plan.obstacles : [])];
      if (obstacle !== undefined) throw new Failure(obstacle);
      if (JSON.stringify(now.inTheWay) !== JSON.stringify(shown.plan.inTheWay)) throw failure('plan-outdated', { what: targetName });
      this.#drafts.delete(planId);
      return tasks.start(restoreRun(this.#parts, { folder: shown.backup.folder, order }, shown.backup));
    });
  }

  async remove(id: string, phrase: string): Promise<void> {
    const found = await this.#find(id);
    await audited(this.deps.audit, 'backup.remove', id, { folder: found.folder }, async () => {
      if (phrase !== id) throw failure('confirm-mismatch', { expected: id });
      await this.#delete(found);
    });
    this.#changed();
  }

  policy(instanceId: string): BackupPolicy {
    return this.#book.policy(this.deps.fleet.instance(instanceId).id);
  }

  async setPolicy({ place, ...order }: BackupPolicy, passphrase: string | null): Promise<BackupPolicy> {
    const { audit, fleet } = this.deps;
    const { id, name } = fleet.instance(order.instanceId);
    const policy = { ...order, place: place === this.#ownPlace ? null : place };
    const { keepCount, keepDays, encrypted, proveDays } = order;
    await audited(audit, 'backup.set-policy', name, { place: place ?? this.#ownPlace, keepCount, keepDays, encrypted, proveDays }, async () => {
      if (policy.place !== null && !this.#book.places.includes(policy.place)) throw failure('not-found', { kind: 'place', name: policy.place });
      if (encrypted && passphrase === null && !this.#passphrases.isKnown(id) && !this.#book.policy(id).encrypted) throw failure('passphrase-missing', { name });
      if (encrypted && passphrase !== null) await this.#passphrases.keep(id, passphrase);
      this.#book.setPolicy(policy);
      if (!encrypted) await this.#passphrases.forget(id);
    });
    this.#changed();
    return policy;
  }

  async takeScheduled(instanceId: string): Promise<TaskView> {
    const { place, encrypted } = this.policy(instanceId);
    const passphrase = encrypted ? await this.#passphrases.of(instanceId, this.deps.fleet.instance(instanceId).name) : null;
    return this.create({ instanceId, scope: wholeInstance, place, passphrase });
  }

  async proveDue(instanceId: string): Promise<TaskView | null> {
    const { clock, fleet, tasks } = this.deps;
    const policy = this.policy(instanceId);
    const isProving = tasks.list().some((one) => one.kind === 'backup-prove' && one.instanceIds.includes(instanceId) && isUnderWay(one));
    const due = proofDue(this.#placedOf(await this.#all()), policy, policy.place ?? this.#ownPlace, clock());
    if (due === null || isProving) return null;
    return this.prove(due.id, due.encrypted ? await this.#passphrases.of(instanceId, fleet.instance(instanceId).name) : null);
  }

  async forgetSchedule(instanceId: string): Promise<void> {
    const policy = this.#book.policy(instanceId);
    if (policy.encrypted) this.#book.setPolicy({ ...policy, encrypted: false });
    await this.#passphrases.forget(instanceId);
    this.#changed();
  }

  async expire(instanceId: string): Promise<Expiry> {
    const { audit, clock } = this.deps;
    const policy = this.policy(instanceId);
    const all = await this.#all();
    const found = new Map(all.map((one) => [one.folder, one]));
    const placed = this.#placedOf(all);
    const [removed, failed]: [string[], { id: string; error: ReturnType<typeof errorOf> }[]] = [[], []];
    for (const { id, folder } of letGo(placed, policy, policy.place ?? this.#ownPlace, clock())) {
      const one = found.get(folder);
      if (one === undefined || this.#usedBy(id) !== null) continue;
      try {
        await audited(audit, 'backup.expire', id, { folder, keepCount: policy.keepCount, keepDays: policy.keepDays }, () => this.#delete(one));
        removed.push(id);
      } catch (thrown) {
        failed.push({ id, error: errorOf(thrown) });
      }
    }
    if (removed.length > 0 || failed.length > 0) this.#changed();
    return { removed, failed };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #placedOf(all: readonly FoundBackup[]): readonly PlacedBackup[] {
    return all.flatMap((one) => (
      one.state === 'whole' ? [{ view: this.#view(one), takenFrom: one.manifest.server.instanceId, place: dirname(one.folder) }] : []));
  }

  async #delete({ id, folder }: FoundBackup): Promise<void> {
    if (this.#usedBy(id) !== null) throw failure('backup-in-use', { name: id });
    await removeFolder(folder);
    this.#book.forget(id);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #note(what: 'verified' | 'proven'): Found {
    return (id, finding) => {
      this.#book.note(id, what, finding);
      this.#changed();
    };
  }

  #paths(): readonly string[] {
    return [this.#ownPlace, ...this.#book.places];
  }

  async #all(): Promise<readonly FoundBackup[]> {
    return (await Promise.all(this.#paths().map(backupsIn))).flat();
  }

  async #find(id: string): Promise<FoundBackup> {
    const found = (await this.#all()).find((one) => one.id === id);
    if (found === undefined) throw failure('not-found', { kind: 'backup', name: id });
    return found;
  }

  #view(found: FoundBackup): BackupView {
    const { fleet } = this.deps;
    const instances = fleet.instances();
    const instanceOf = (instanceId: string, uuid: string): string | null =>
      (instances.find((one) => one.id === instanceId) ?? instances.find((one) => uuid !== '' && one.serverUuid === uuid))?.id ?? null;
    return viewOf(found, { ...this.#book.findings(found.id), isRunning: this.#usedBy(found.id)?.kind === 'backup', instanceOf });
  }

  /** Of an encrypted backup the passphrase of the schedule of its instance, where one is kept; null: none is. */
  async #keptPassphrase(found: FoundBackup): Promise<string | null> {
    const { encrypted, instanceId } = this.#view(found);
    if (!encrypted || instanceId === null || !this.#passphrases.isKnown(instanceId)) return null;
    return this.#passphrases.of(instanceId, this.deps.fleet.instance(instanceId).name);
  }

  /** The task that writes, reads or restores a backup now; null: none does. */
  #usedBy(id: string): TaskView | null {
    const { tasks } = this.deps;
    return tasks.list().find((task) => backupKinds.has(task.kind) && isUnderWay(task) && tasks.memory(task.id).recall(backupKey) === id) ?? null;
  }

  async #look(
    id: string, passphrase: string | null, action: string, run: (input: LookInput, backup: OpenBackup) => Parameters<BackupDeps['tasks']['start']>[0],
  ): Promise<TaskView> {
    const found = await this.#find(id);
    return audited(this.deps.audit, action, id, {}, async () => {
      const backup = await openBackup(found, passphrase);
      const { instanceId, instanceName } = this.#view(found);
      return this.deps.tasks.start(run({ id, folder: found.folder, instanceId: instanceId ?? '', instanceName }, backup));
    });
  }
}

/** For the record: whose log is followed, and to where. */
function untilOf({ until }: RestoreOrder): Readonly<Record<string, string>> {
  return until === undefined || until === null ? {} : { logOf: until.instanceId, before: until.before ?? 'latest' };
}

const isUnderWay = ({ state }: TaskView): boolean => !endedStates.includes(state) && state !== 'interrupted';

const backupKinds: ReadonlySet<TaskKind> = new Set<TaskKind>(['backup', 'backup-verify', 'backup-prove', 'restore', 'rollback']);

/** The name of a new backup's folder: whose it is and when, as far as every file system takes it, and something that no other one has. */
function idFor(name: string, at: number): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 48);
  const when = new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${safe === '' ? 'backup' : safe}-${when}-${randomBytes(2).toString('hex')}`;
}
