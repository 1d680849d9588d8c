import { createHash, randomUUID } from 'node:crypto';
import type { Divergence, FailbackStage, FailbackView, RejoinWay } from '../../../shared/domain/promotion/failback/failback';
import { executedOf } from '../../../shared/domain/analysis/input';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { readingOf, type FailbackReading } from '../../../shared/domain/promotion/failback/reading';
import { isDecided, isHome, provenSince, stageOf } from '../../../shared/domain/promotion/failback/stage';
import type { Proof } from '../../../shared/domain/verification/result';
import { isOtherServer, wayOf, waysOf } from '../../../shared/domain/promotion/failback/ways';
import type { UndoIntent } from '../../../shared/domain/promotion/failback/undo';
import type { SeedProposal } from '../../../shared/domain/sync/sync';
import { endedStates, type TaskView } from '../../../shared/domain/tasks/task';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import { message, type Message } from '../../../shared/i18n/message';
import { audited } from '../../fleet/audited';
import { readWatched } from '../../fleet/read-watched';
import { isUnreachable } from '../../mysql/errors';
import { failbackDefinition, failbackHandler } from './definition';
import { defaultProofMinutes, FailbackRecords, reaching, type FailbackRecord } from './records';
import { sawOf } from './saw';
import { shownSql } from './shown-sql';
import type { FailbackDeps, FailbackOrder, FailbackService } from './types';
import type { FailbackInput } from './work';

/** Which two servers a failback is about, with what is kept of it; null: it has not begun. */
interface Subject {
  readonly oldId: string;
  readonly successorId: string;
  readonly record: FailbackRecord | null;
}

/** What was read of it just now. */
interface Seen extends Subject {
  readonly reading: FailbackReading;
  readonly proof: Proof | null;
  readonly stage: FailbackStage;
}

/** The failback service. It keeps the user's decisions; where a failback stands it asks the servers each time. */
export function createFailback(deps: FailbackDeps): FailbackService {
  return new Failback(deps);
}

class Failback implements FailbackService {
  readonly #records: FailbackRecords;
  readonly #run;

  constructor(private readonly deps: FailbackDeps) {
    this.#records = new FailbackRecords(deps.dataFolder);
    this.#run = {
      fleet: deps.fleet, clock: deps.clock, dataFolder: deps.dataFolder, joined: (input: FailbackInput) => this.joined(input),
      parted: (input: FailbackInput, since: number) => this.parted(input, since),
      undoOf: (id: string) => this.#records.list().find((record) => record.id === id)?.undo ?? null,
      noteUndo: (id: string, undo: UndoIntent) => this.noteUndo(id, undo),
    };
    deps.tasks.register(failbackHandler(this.#run));
  }

  async show(oldId: string): Promise<FailbackView> {
    return this.viewOf(await this.look(oldId));
  }

  async start(order: FailbackOrder): Promise<FailbackView> {
    const { oldId, phrase, way, proofMinutes } = order;
    const { name } = this.deps.fleet.instance(oldId);
    await audited(this.deps.audit, 'failback.start', name, { way: way ?? 'auto' }, async () => {
      refuseOtherWord(name, phrase);
      if (this.#records.open(oldId) !== null) throw failure('failback-stage', { name, stage: 'begun' });
      const { successorId } = this.subject(oldId);
      const { instance } = this.deps.fleet.view(oldId);
      this.#records.add({
        id: randomUUID(), oldId, oldName: name, successorId, successorName: this.deps.fleet.instance(successorId).name, formerUuid: instance.serverUuid,
        startedAt: this.deps.clock(), givenUp: '', way,
        logSeconds: null, common: null, rejoinedAt: null, returnedAt: null, proofMinutes, undo: null, reached: [], outcome: null,
      });
    });
    const seen = await this.look(oldId);
    return seen.stage === 'secure' ? this.goOn(oldId, phrase) : this.viewOf(seen);
  }

  async giveUp(oldId: string, word: string): Promise<FailbackView> {
    const seen = await this.look(oldId);
    const record = this.begun(seen);
    const divergence = divergenceOf(seen);
    if (divergence === null || divergence.count === 0) throw failure('failback-stage', { name: record.oldName, stage: stageWord(seen.stage) });
    await audited(this.deps.audit, 'failback.give-up', record.oldName, { count: divergence.count, set: divergence.set }, () => {
      refuseOtherWord(divergence.word, word);
      this.#records.change(record.id, (one) => ({ ...one, givenUp: divergence.set }));
    });
    return this.show(oldId);
  }

  async choose(oldId: string, way: RejoinWay): Promise<FailbackView> {
    const record = this.begun(this.subject(oldId));
    this.refuseAtWork(record);
    await audited(this.deps.audit, 'failback.choose', record.oldName, { way }, () => {
      this.#records.change(record.id, (one) => ({ ...one, way }));
    });
    return this.show(oldId);
  }

  async goOn(oldId: string, phrase: string | null): Promise<FailbackView> {
    const seen = await this.look(oldId);
    const record = this.begun(seen);
    this.refuseAtWork(record);
    await audited(this.deps.audit, 'failback.go-on', record.oldName, { stage: seen.stage }, () => this.act(seen, record, phrase));
    return this.show(oldId);
  }

  /** What the stage asks for; a stage that waits for the user, or for time, has nothing to be done by the program. */
  private async act(seen: Seen, record: FailbackRecord, phrase: string | null): Promise<void> {
    switch (seen.stage) {
      case 'secure': {
        this.refuseForeign(seen, record, phrase);
        const logSeconds = this.deps.fleet.view(record.oldId).facts?.server.binlogExpireSeconds ?? null;
        this.#records.change(record.id, (one) => ({ ...one, logSeconds: one.logSeconds ?? logSeconds }));
        return this.runTask(record, 'secure');
      }
      case 'rejoin':
        return this.rejoin(seen, record, phrase);
      case 'verify':
        await this.letLogGo(record);
        return this.verify(record.oldId, record.common);
      case 'verify-forward':
        return this.verify(record.successorId, null);
      case 'away':
      case 'unwatched':
      case 'divergent':
      case 'catch-up':
      case 'switch-back':
      case 'done':
        throw failure('failback-stage', { name: record.oldName, stage: stageWord(seen.stage) });
      default:
        seen.stage satisfies never;
    }
  }

  isUnproven(standbyId: string): boolean {
    const record = this.#records.open(standbyId);
    if (record === null || record.rejoinedAt === null) return false;
    const proof = this.deps.links.proof(record.successorId, record.oldId);
    return !provenSince(proof, record.rejoinedAt, { now: this.deps.clock(), proofMinutes: record.proofMinutes });
  }

  async planSwitchBack(oldId: string, phrase: string | null, acceptPartial: boolean) {
    const seen = await this.look(oldId);
    const record = this.begun(seen);
    this.refuseAtWork(record);
    const unproven = seen.stage === 'verify';
    if (seen.stage !== 'switch-back' && !unproven) throw failure('failback-stage', { name: record.oldName, stage: stageWord(seen.stage) });
    if (unproven && phrase !== unprovenWord(record.oldName)) throw failure('failback-unproven', { name: record.oldName, word: unprovenWord(record.oldName) });
    if (unproven) this.deps.audit.append({ action: 'failback.unproven', target: record.oldName, outcome: 'done', detail: { successor: record.successorName } });
    return this.deps.planSwitchover({ standbyId: oldId, kind: 'planned', timeoutSeconds: 30, discardReceived: false, acceptPartial });
  }

  async cancel(oldId: string, phrase: string): Promise<FailbackView> {
    const record = this.begun(this.subject(oldId));
    await audited(this.deps.audit, 'failback.cancel', record.oldName, {}, async () => {
      refuseOtherWord(record.oldName, phrase);
      this.refuseAtWork(record);
      // One that is away goes on keeping its log, which harms nobody; it is told by the readings of that server.
      const { health, paused } = this.deps.fleet.view(oldId);
      if (health.state === 'reachable') await this.letLogGo(record);
      // One that is not watched may answer.
      else if (paused !== null) await this.letLogGo(record).catch((thrown: unknown) => { if (!isUnreachable(thrown)) throw thrown; });
      this.#records.change(record.id, (one) => ({ ...one, outcome: 'cancelled' }));
    });
    return this.show(oldId);
  }

  /** Another server at the old address: one that others replicate from is somebody's, and any is closed only on the name once more. */
  private refuseForeign({ reading: { servers } }: Seen, { oldName, formerUuid }: FailbackRecord, phrase: string | null): void {
    if (servers === null || !isOtherServer(servers, formerUuid)) return;
    if (servers.replicas > 0) throw failure('failback-foreign', { name: oldName, count: servers.replicas });
    refuseOtherWord(oldName, phrase ?? '');
  }

  private async rejoin(seen: Seen, record: FailbackRecord, phrase: string | null): Promise<void> {
    const { ways, way } = await this.waysFor(seen);
    const { setBack = 0 } = seen.reading.servers ?? {};
    // What it wrote under numbers that it had before is nowhere else, and no set shows it: nobody erases it who did not choose to.
    if (way === null && setBack > 0) throw failure('failback-set-back', { name: record.oldName, successor: record.successorName, count: setBack });
    const verdict = ways.find((one) => one.way === way);
    if (way === null || verdict?.possible !== true) throw failure('failback-no-way', { name: record.oldName, way: way ?? '' });
    if (way === 'follow') return this.runTask(record, 'follow');
    // What is undone, or erased, is gone there: its name is typed for that.
    refuseOtherWord(record.oldName, phrase ?? '');
    if (way === 'undo') return this.runTask(record, 'undo');
    const scope = this.scopeOf(record);
    this.#records.change(record.id, (one) => ({ ...one, common: null }));
    await this.deps.links.seed({ sourceId: record.successorId, standbyId: record.oldId, scope, seed: way, phrase: record.oldName });
  }

  private async runTask(record: FailbackRecord, act: FailbackInput['act']): Promise<void> {
    const { id, oldId, oldName, successorId, successorName } = record;
    if (act !== 'secure') this.#records.change(id, (one) => ({ ...one, common: this.common(record) }));
    await this.deps.tasks.start(failbackDefinition(
      this.#run,
      { id, act, oldId, oldName, successorId, successorName, scope: this.scopeOf(record), ...(act === 'undo' ? { givenUp: record.givenUp } : {}) },
    ));
  }

  /** What both have by what was read last; null where one of them does not number its transactions. */
  private common({ oldId, successorId }: FailbackRecord): string | null {
    const [own, other] = [oldId, successorId].map((one) => {
      const { facts } = this.deps.fleet.view(one);
      return facts === null ? null : executedOf(facts);
    });
    return own == null || other == null ? null : own.intersect(other).toLine();
  }

  /** The transaction that undoes is on the old primary alone as well, until its numbers are reset: the word that gave up the others holds for it. */
  private noteUndo(id: string, undo: UndoIntent): void {
    this.#records.change(id, (one) => ({ ...one, undo, givenUp: parseGtidSet(one.givenUp).union(parseGtidSet(undo.gtid)).toLine() }));
  }

  private async verify(standbyId: string, first: string | null): Promise<void> {
    const link = this.deps.links.linkOf(standbyId);
    if (link === null) throw failure('not-found', { kind: 'sync', name: this.deps.fleet.instance(standbyId).name });
    await this.deps.links.verify(link.id, first);
  }

  private async joined({ id, oldId, successorId }: FailbackInput): Promise<void> {
    await this.deps.fleet.setIntent(oldId, { kind: 'replica', sourceId: successorId });
    await this.deps.links.adopt(oldId, successorId);
    this.#records.change(id, (one) => ({ ...one, rejoinedAt: one.rejoinedAt ?? this.deps.clock() }));
  }

  /** It follows nobody any more: it is not trusted until compared, and no task owns a link to it. */
  private async parted({ id, oldId, successorId }: FailbackInput, since: number): Promise<void> {
    if (this.deps.links.linkOf(oldId)?.spec.sourceId === successorId) this.deps.links.supersede(oldId);
    await this.deps.fleet.setIntent(oldId, { kind: 'fenced', since, successorId });
    this.#records.change(id, (one) => ({ ...one, rejoinedAt: null }));
  }

  /** Binary logs are kept as long as they were before; nothing of them is needed any more. */
  private async letLogGo({ id, oldId, logSeconds }: FailbackRecord): Promise<void> {
    if (logSeconds === null) return;
    await this.deps.fleet.withSession(oldId, async (session) => {
      for (const statement of session.dialect.setBinlogExpire(logSeconds).statements) await session.run(statement);
    });
    this.#records.change(id, (one) => ({ ...one, logSeconds: null }));
  }

  private scopeOf({ oldId, successorId }: Pick<FailbackRecord, 'oldId' | 'successorId'>) {
    return this.deps.links.scopeBefore(oldId, successorId);
  }

  /** The failback of an old primary: one that is kept, or the one that its fence asks for. */
  private subject(oldId: string): Subject {
    const { intent, name } = this.deps.fleet.instance(oldId);
    const open = this.#records.open(oldId);
    if (open !== null) return { oldId, successorId: open.successorId, record: open };
    if (intent.kind === 'fenced') return { oldId, successorId: intent.successorId, record: null };
    const last = this.#records.last(oldId);
    if (last === null) throw failure('not-found', { kind: 'failback', name });
    return { oldId, successorId: last.successorId, record: last };
  }

  private begun({ oldId, record }: Subject): FailbackRecord {
    if (record === null || record.outcome !== null) throw failure('failback-stage', { name: this.deps.fleet.instance(oldId).name, stage: 'notbegun' });
    return record;
  }

  private refuseAtWork(record: FailbackRecord): void {
    const task = this.taskOf(record);
    if (task !== null) throw failure('has-task', { name: record.oldName, task: task.name });
  }

  private taskOf({ oldId }: Pick<FailbackRecord, 'oldId'>) {
    return this.deps.tasks.list().find((task) => task.instanceIds.includes(oldId) && !endedStates.includes(task.state)) ?? null;
  }

  /** What the newest task on the old primary failed with, of those since the failback began. */
  private failureOf(oldId: string, startedAt: number | null): AppError | null {
    if (startedAt === null) return null;
    const since = this.deps.tasks.list().filter((task) => task.instanceIds.includes(oldId) && task.createdAt >= startedAt);
    return since.reduce<TaskView | null>((newest, task) => (newest === null || task.createdAt >= newest.createdAt ? task : newest), null)?.error ?? null;
  }

  /** Reads both servers as far as they are watched, the old primary first, and notes what was seen for the first time. */
  private async look(oldId: string): Promise<Seen> {
    const subject = this.subject(oldId);
    const { fleet } = this.deps;
    const old = await readWatched(fleet, oldId);
    const reading = readingOf(old, await readWatched(fleet, subject.successorId));
    const record = subject.record === null ? null : await this.noted(subject.record, reading);
    const proof = this.proofOf(subject, reading);
    const stage = this.stage(record, reading, proof);
    if (record !== null && record.outcome === null) this.reached(record, stage);
    return { ...subject, record: record === null ? null : this.#records.last(oldId), reading, proof, stage };
  }

  /** Notes a stage the first time; a look that shows nothing new writes nothing. */
  private reached(record: FailbackRecord, stage: FailbackStage): void {
    const next = { ...reaching(record, stage, this.deps.clock()), outcome: stage === 'done' ? ('done' as const) : null };
    if (next.reached !== record.reached || next.outcome !== record.outcome) this.#records.change(record.id, () => next);
  }

  private stage(record: FailbackRecord | null, reading: FailbackReading, proof: Proof | null): FailbackStage {
    const memory = {
      givenUp: record?.givenUp ?? '', rejoinedAt: record?.rejoinedAt ?? null, returnedAt: record?.returnedAt ?? null,
      ended: record !== null && record.outcome !== null,
    };
    return stageOf(reading, memory, proof, { now: this.deps.clock(), proofMinutes: record?.proofMinutes ?? defaultProofMinutes });
  }

  private async noted(record: FailbackRecord, { servers }: FailbackReading): Promise<FailbackRecord> {
    if (servers === null || record.outcome !== null) return record;
    const { intent } = this.deps.fleet.instance(record.oldId);
    const now = this.deps.clock();
    const rejoined = record.rejoinedAt === null && servers.oldFollows !== 'no' && intent.kind === 'replica' && intent.sourceId === record.successorId;
    const returned = record.returnedAt === null && record.rejoinedAt !== null && isHome(servers);
    // Whoever had it re-seeded in the place of the one that burnt meant it to be that instance from then on.
    const isBack = (rejoined || record.rejoinedAt !== null) && servers.oldFollows !== 'no';
    if (isBack && isOtherServer(servers, record.formerUuid)) await this.deps.fleet.acceptIdentity(record.oldId, servers.oldUuid);
    if (!rejoined && !returned) return record;
    return this.#records.change(record.id, (one) => ({ ...one, ...(rejoined ? { rejoinedAt: now } : {}), ...(returned ? { returnedAt: now } : {}) }));
  }

  /** The freshest proof of the link that stands now: of the old primary as the standby, or of its successor once the roles are back. */
  private proofOf({ oldId, successorId }: Subject, { servers }: FailbackReading): Proof | null {
    if (servers === null) return null;
    return isHome(servers) ? this.deps.links.proof(oldId, successorId) : this.deps.links.proof(successorId, oldId);
  }

  private async waysFor({ oldId, successorId, record, reading: { servers } }: Seen) {
    if (servers === null) return { ways: [], way: null };
    const proposal = await this.proposal(oldId, successorId);
    const ways = waysOf({
      servers, formerUuid: record?.formerUuid ?? this.deps.fleet.instance(oldId).serverUuid, proposal,
      isWhole: this.scopeOf({ oldId, successorId }).kind === 'instance', undo: record?.undo?.state ?? null,
    });
    const seed = proposal === null || proposal.seed === 'adopt' ? 'copy' : proposal.seed;
    const isLeftToUser = servers.setBack > 0 && (record?.way ?? null) === null;
    return { ways, way: isLeftToUser ? null : wayOf(ways, record?.way ?? null, seed) };
  }

  private async proposal(oldId: string, successorId: string): Promise<SeedProposal | null> {
    try {
      return await this.deps.links.propose(successorId, oldId, this.scopeOf({ oldId, successorId }));
    } catch (thrown) {
      // A proposal is a forecast: whatever keeps it from being made is met again, and told, by the seed itself.
      if (errorOf(thrown).code === 'internal') throw thrown;
      return null;
    }
  }

  /** Which of both is not watched, on whose word. */
  private pausedOf(...ids: readonly string[]): readonly Message[] {
    return ids.map((id) => this.deps.fleet.view(id)).flatMap(({ instance: { name }, paused }) =>
      (paused === null ? [] : [message('failback.saw.unwatched', { name, by: paused.by })]));
  }

  private async viewOf(seen: Seen): Promise<FailbackView> {
    const { oldId, successorId, record, reading, proof, stage } = seen;
    const { fleet } = this.deps;
    const { ways, way } = stage === 'rejoin' || stage === 'divergent' ? await this.waysFor(seen) : { ways: [], way: null };
    const proofMinutes = record?.proofMinutes ?? defaultProofMinutes;
    const since = stage === 'verify-forward' || stage === 'done' ? record?.returnedAt : record?.rejoinedAt;
    const fresh = provenSince(proof, since ?? null, { now: this.deps.clock(), proofMinutes });
    const names = { old: fleet.instance(oldId).name, successor: fleet.instance(successorId).name };
    return {
      oldId, oldName: names.old, successorId, successorName: names.successor, stage, startedAt: record?.startedAt ?? null,
      saw: sawOf({ reading, stage, formerUuid: record?.formerUuid ?? null }, names, this.pausedOf(oldId, successorId)),
      next: message(`failback.next.${stage}`, { ...names, way: way ?? 'none' }),
      sql: shownSql(fleet, { oldId, successorId, scope: this.scopeOf({ oldId, successorId }) }, stage, way),
      isOther: reading.servers !== null && isOtherServer(reading.servers, record?.formerUuid ?? fleet.instance(oldId).serverUuid),
      oldFollows: reading.servers?.oldFollows ?? null, unsecured: reading.servers?.unsecured ?? [],
      divergence: divergenceOf(seen), ways, way, proven: fresh ? proof : null, proofMinutes,
      taskId: this.taskOf({ oldId })?.id ?? null, syncId: this.deps.links.linkOf(
        stage === 'verify-forward' || stage === 'done' ? successorId : oldId,
      )?.id ?? null,
      error: this.failureOf(oldId, record?.startedAt ?? null), reached: record?.reached ?? [], outcome: record?.outcome ?? null,
    };
  }
}

/** Short enough to be typed, and of no other set: the count, and the beginning of the set's SHA-256. */
function wordOf(count: number, set: string): string {
  return `${count}-${createHash('sha256').update(set).digest('hex').slice(0, 8)}`;
}

function divergenceOf({ reading: { servers }, record }: Seen): Divergence | null {
  if (servers?.divergence == null) return null;
  const { count, set } = servers.divergence;
  return { count, set, word: wordOf(count, set), givenUp: count > 0 && isDecided(servers, { givenUp: record?.givenUp ?? '' }) };
}

/** A stage as the texts of errors choose by it: without dashes. */
function stageWord(stage: FailbackStage): string {
  return stage.replaceAll('-', '');
}

/** What is typed for a switch back that no comparison speaks for. */
const unprovenWord = (name: string): string => `${name} unproven`;

function refuseOtherWord(expected: string, phrase: string): void {
  if (phrase !== expected) throw failure('confirm-mismatch', { expected });
}
