import * as v from 'valibot';
import { errorOf, Failure, failure } from '../shared/errors/codes';
import { message } from '../shared/i18n/message';
import type { Message } from '../shared/i18n/message';
import type { LabStatus } from '../shared/domain/settings';
import type { Region } from '../shared/domain/fleet/instance';
import type { LabService } from './lab/types';
import { instanceSecretKey } from './fleet/secret-keys';
import type { Fleet } from './fleet/types';
import { Lab, LabError } from './lab/lab';
import type { LabEndpoint, LabProgress } from './lab/lab';
import { inspectProgram } from './lab/runtimes';
import { openDocument } from './storage/document';
import type { Vault } from './storage/types';

const remembered = v.object({
  /** The server program that the user chose. */
  program: v.nullable(v.string()),
  /** Instances of the inventory that stand for servers of the lab: server name → instance id. */
  registered: v.record(v.string(), v.string()),
});

/** The practice lab together with the inventory: what it starts is registered, what it removes is taken off. */
export function createLabService(options: { readonly dataFolder: string; readonly fleet: Fleet; readonly vault: Pick<Vault, 'provide'>; readonly changed: (status: LabStatus) => void }): LabService {
  const { fleet } = options;
  const lab = new Lab(options.dataFolder);
  const document = openDocument({ dataFolder: options.dataFolder, name: 'lab-inventory', version: 1, schema: remembered, empty: { program: null, registered: {} } });
  let busy: Message | null = null;
  // The lab keeps its servers' passwords itself: a vault that keeps nothing is given them anew in every run.
  try {
    for (const { name, password } of lab.status()) {
      const id = document.get().registered[name];
      if (id !== undefined) options.vault.provide(instanceSecretKey(id), password);
    }
  } catch {
    // A broken record of the lab keeps nobody from starting; its status says what is wrong.
  }

  async function status(): Promise<LabStatus> {
    const runtimes = await lab.runtimes(document.get().program);
    const { registered } = document.get();
    const known = new Set(fleet.instances().map((instance) => instance.id));
    return {
      available: runtimes.length > 0,
      runtimes: runtimes.map(({ id, version, program }) => ({ id, version, path: program })),
      servers: recorded().map(({ name, region, port, version, running }) => {
        const instanceId = registered[name];
        return { name, region, port, version, running, instanceId: instanceId !== undefined && known.has(instanceId) ? instanceId : null };
      }),
      busy,
    };
  }

  /** Throws `lab-failed` where the lab's record is broken. */
  function recorded(): readonly LabEndpoint[] {
    try {
      return lab.status();
    } catch (thrown) {
      throw labFailure(thrown);
    }
  }

  /** One thing at a time, told while it lasts. */
  async function during(what: Message, work: () => Promise<void>): Promise<LabStatus> {
    if (busy !== null) throw failure('task-state', { name: 'lab', state: 'busy', action: what.key });
    try {
      await tell(what);
      await work();
    } catch (thrown) {
      throw labFailure(thrown);
    } finally {
      await tell(null);
    }
    return status();
  }

  async function tell(what: Message | null): Promise<void> {
    busy = what;
    // The end of the work, or its failure, is the answer; that a view of it could not be made is told by the next one.
    await status().then(options.changed, () => undefined);
  }

  const onProgress = (progress: LabProgress): void => void tell(progressText(progress));

  return {
    status,

    up: ({ servers, runtimeId, sample, series }) =>
      during(message('lab.busy.starting'), async () => {
        await lab.up({ servers, runtimeId, series: series ?? null, program: document.get().program, sample, onProgress });
        for (const endpoint of lab.status()) await register(endpoint);
      }),

    down: () => during(message('lab.busy.stopping'), async () => void (await lab.down(onProgress))),

    remove: () =>
      during(message('lab.busy.removing'), async () => {
        const { registered } = document.get();
        await lab.remove();
        for (const [name, id] of Object.entries(registered)) await unregister(name, id);
      }),

    async useProgram(path) {
      const found = await inspectProgram(path);
      if (!found.ok) {
        const { problem } = found;
        throw failure('invalid-input', { field: problem.path, reason: problem.reason }, 'detail' in problem ? { detail: problem.detail } : {});
      }
      document.update((value) => ({ ...value, program: found.runtime.program }));
      const now = await status();
      options.changed(now);
      return now;
    },
  };

  async function register(endpoint: LabEndpoint): Promise<void> {
    const known = document.get().registered[endpoint.name];
    if (known !== undefined && fleet.instances().some((instance) => instance.id === known)) {
      // A vault that keeps nothing has lost the password since the last run.
      await fleet.setPassword(known, endpoint.password);
      return;
    }
    const region = await regionNamed(endpoint.region);
    const view = await fleet.addInstance(
      {
        name: freeName(endpoint.name),
        regionId: region.id,
        projectId: null,
        admin: { host: endpoint.host, port: endpoint.port },
        replication: null,
        user: endpoint.user,
        // Its certificate is one the server made for itself.
        tls: { mode: 'preferred', ca: null },
        note: { owner: '', hourlyCost: '', text: '' },
      },
      endpoint.password,
    );
    document.update((value) => ({ ...value, registered: { ...value.registered, [endpoint.name]: view.instance.id } }));
  }

  async function unregister(name: string, id: string): Promise<void> {
    const instance = fleet.instances().find((one) => one.id === id);
    if (instance !== undefined) await fleet.removeInstance(id, instance.name, true);
    document.update((value) => ({ ...value, registered: Object.fromEntries(Object.entries(value.registered).filter(([key]) => key !== name)) }));
  }

  async function regionNamed(name: string): Promise<Region> {
    return fleet.regions().find((region) => region.name === name) ?? fleet.addRegion(name);
  }

  /** An instance of the user's own may have the name already. */
  function freeName(wanted: string): string {
    const taken = new Set(fleet.instances().map((instance) => instance.name));
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
    return name;
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
      return failure('lab-failed', { detail: thrown.message }, { cause: thrown });
    default:
      return thrown.reason satisfies never;
  }
}
