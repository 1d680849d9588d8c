import { errorOf, Failure, failure } from '../shared/errors/codes';
import { message } from '../shared/i18n/message';
import type { Message } from '../shared/i18n/message';
import type { LabStatus } from '../shared/domain/settings';
import { LabInventory } from './engine-lab-inventory';
import type { FleetGroups, FleetInventory, FleetRegistration } from './fleet/types';
import { Lab, LabError } from './lab/lab';
import type { LabEndpoint, LabProgress } from './lab/lab';
import { inspectProgram } from './lab/runtimes';
import type { LabService } from './lab/types';
import type { Vault } from './storage/types';

export interface LabServiceOptions {
  readonly dataFolder: string;
  readonly fleet: FleetInventory & FleetGroups & FleetRegistration;
  readonly vault: Pick<Vault, 'provide'>;
  /** Told while something is done, and when it has ended. */
  readonly changed: (status: LabStatus) => void;
}

/** The practice lab together with the inventory: what it starts is registered, what it removes is taken off. */
export function createLabService(options: LabServiceOptions): LabService {
  return new RegisteredLab(options);
}

class RegisteredLab implements LabService {
  readonly #lab: Lab;
  readonly #inventory: LabInventory;
  readonly #changed: (status: LabStatus) => void;
  #busy: Message | null = null;

  constructor({ dataFolder, fleet, vault, changed }: LabServiceOptions) {
    this.#lab = new Lab(dataFolder);
    this.#inventory = new LabInventory(dataFolder, fleet);
    this.#changed = changed;
    // The lab keeps its servers' passwords itself: a vault that keeps nothing is given them anew in every run.
    try {
      this.#inventory.givePasswords(vault, this.#lab.status());
    } catch {
      // A broken record of the lab keeps nobody from starting; its status says what is wrong.
    }
  }

  async status(): Promise<LabStatus> {
    const runtimes = await this.#lab.runtimes(this.#inventory.program);
    return {
      available: runtimes.length > 0,
      runtimes: runtimes.map(({ id, version, program }) => ({ id, version, path: program })),
      servers: this.#recorded().map(({ name, region, port, version, running }) => ({
        name, region, port, version, running, instanceId: this.#inventory.instanceOf(name)?.id ?? null,
      })),
      busy: this.#busy,
    };
  }

  up({ servers, runtimeId, sample, series }: Parameters<LabService['up']>[0]): Promise<LabStatus> {
    return this.#during(message('lab.busy.starting'), async () => {
      const { program } = this.#inventory;
      await this.#lab.up({ servers, runtimeId, series: series ?? null, program, sample, onProgress: (progress) => this.#tellProgress(progress) });
      for (const endpoint of this.#lab.status()) await this.#inventory.register(endpoint);
    });
  }

  down(): Promise<LabStatus> {
    return this.#during(message('lab.busy.stopping'), async () => void (await this.#lab.down((progress) => this.#tellProgress(progress))));
  }

  start(name: string): Promise<LabStatus> {
    return this.#during(message('lab.busy.starting-one', { name }), async () => void (await this.#lab.start(name)));
  }

  stop(name: string): Promise<LabStatus> {
    return this.#during(message('lab.busy.stopping-one', { name }), async () => void (await this.#lab.stop(name)));
  }

  lose(name: string): Promise<LabStatus> {
    return this.#during(message('lab.busy.losing-one', { name }), async () => void (await this.#lab.lose(name)));
  }

  remove(): Promise<LabStatus> {
    return this.#during(message('lab.busy.removing'), async () => {
      await this.#lab.remove();
      await this.#inventory.unregisterAll();
    });
  }

  async useProgram(path: string): Promise<LabStatus> {
    const found = await inspectProgram(path);
    if (!found.ok) {
      const { problem } = found;
      throw failure('invalid-input', { field: problem.path, reason: problem.reason }, 'detail' in problem ? { detail: problem.detail } : {});
    }
    this.#inventory.useProgram(found.runtime.program);
    const now = await this.status();
    this.#changed(now);
    return now;
  }

  /** Throws `lab-failed` where the lab's record is broken. */
  #recorded(): readonly LabEndpoint[] {
    try {
      return this.#lab.status();
    } catch (thrown) {
      throw labFailure(thrown);
    }
  }

  /** One thing at a time, told while it lasts. */
  async #during(what: Message, work: () => Promise<void>): Promise<LabStatus> {
    if (this.#busy !== null) throw failure('task-state', { name: 'lab', state: 'busy', action: what.key });
    try {
      await this.#tell(what);
      await work();
    } catch (thrown) {
      throw labFailure(thrown);
    } finally {
      await this.#tell(null);
    }
    return this.status();
  }

  async #tell(what: Message | null): Promise<void> {
    this.#busy = what;
    // The end of the work, or its failure, is the answer; that a view of it could not be made is told by the next one.
    await this.status().then(this.#changed, () => undefined);
  }

  #tellProgress(progress: LabProgress): void {
    void this.#tell(progressText(progress));
  }
}

function progressText(progress: LabProgress): Message {
  const { step, name, done, total } = progress;
  switch (step) {
    case 'create':
      return message('lab.progress.create', { name, done, total });
    case 'start':
      return message('lab.progress.start', { name, done, total });
    case 'stop':
      return message('lab.progress.stop', { name, done, total });
    case 'sample':
      return message('lab.progress.sample', { name, table: progress.table, done, total });
    default:
      return step satisfies never;
  }
}

function labFailure(thrown: unknown): unknown {
  if (thrown instanceof Failure) return thrown;
  if (!(thrown instanceof LabError)) return failure('lab-failed', { detail: errorOf(thrown).detail ?? String(thrown) }, { cause: thrown });
  switch (thrown.reason) {
    case 'no-runtime':
    case 'runtime-gone':
      return failure('runtime-missing', { what: thrown.message }, { cause: thrown });
    case 'unsupported-platform':
    case 'bad-number':
    case 'no-server':
      return failure('lab-failed', { detail: thrown.message }, { cause: thrown });
    default:
      return thrown.reason satisfies never;
  }
}
