import * as v from 'valibot';
import type { Instance, Region, TlsSettings } from '../shared/domain/fleet/instance';
import { passwordRecord } from './fleet/passwords';
import { instanceSecretKey } from './fleet/secret-keys';
import type { FleetGroups, FleetInventory, FleetRegistration } from './fleet/types';
import type { LabEndpoint } from './lab/lab';
import { openDocument } from './storage/document';
import type { Document, Vault } from './storage/types';

const remembered = v.object({
  /** The server program that the user chose. */
  program: v.nullable(v.string()),
  /** Instances of the inventory that stand for servers of the lab: server name → instance id. */
  registered: v.record(v.string(), v.string()),
});

/** A server of the lab has a certificate that it made for itself. */
const labTls: TlsSettings = { mode: 'preferred', ca: null };

/** Which instances of the inventory stand for servers of the practice lab, kept in `lab-inventory.json`. */
export class LabInventory {
  readonly #document: Document<v.InferOutput<typeof remembered>>;
  readonly #fleet: FleetInventory & FleetGroups & FleetRegistration;

  constructor(dataFolder: string, fleet: FleetInventory & FleetGroups & FleetRegistration) {
    this.#document = openDocument({ dataFolder, name: 'lab-inventory', version: 1, schema: remembered, empty: { program: null, registered: {} } });
    this.#fleet = fleet;
  }

  /** The server program that the user chose; null: none. */
  get program(): string | null {
    return this.#document.get().program;
  }

  useProgram(program: string): void {
    this.#document.update((value) => ({ ...value, program }));
  }

  /** The instance that stands for a server; null: it is not registered, or was taken off. */
  instanceOf(name: string): Instance | null {
    const id = this.#document.get().registered[name];
    return this.#fleet.instances().find((instance) => instance.id === id) ?? null;
  }

  givePasswords(vault: Pick<Vault, 'provide'>, endpoints: readonly LabEndpoint[]): void {
    const { registered } = this.#document.get();
    for (const endpoint of endpoints) {
      const id = registered[endpoint.name];
      if (id !== undefined) vault.provide(instanceSecretKey(id), passwordRecord({ admin: endpoint, tls: labTls }, endpoint.password));
    }
  }

  async register(endpoint: LabEndpoint): Promise<void> {
    const known = this.instanceOf(endpoint.name);
    if (known !== null) {
      // A vault that keeps nothing has lost the password since the last run.
      await this.#fleet.setPassword(known.id, endpoint.password);
      return;
    }
    const region = await this.#regionNamed(endpoint.region);
    const { instance } = await this.#fleet.addInstance(
      {
        name: this.#freeName(endpoint.name),
        regionId: region.id,
        projectId: null,
        admin: { host: endpoint.host, port: endpoint.port },
        replication: null,
        user: endpoint.user,
        tls: labTls,
        note: { owner: '', hourlyCost: '', text: '' },
      },
      endpoint.password,
    );
    this.#document.update((value) => ({ ...value, registered: { ...value.registered, [endpoint.name]: instance.id } }));
  }

  async unregisterAll(): Promise<void> {
    for (const name of Object.keys(this.#document.get().registered)) await this.#unregister(name);
  }

  async #unregister(name: string): Promise<void> {
    const instance = this.instanceOf(name);
    if (instance !== null) await this.#fleet.removeInstance(instance.id, instance.name, true);
    this.#document.update((value) => ({ ...value, registered: Object.fromEntries(Object.entries(value.registered).filter(([key]) => key !== name)) }));
  }

  async #regionNamed(name: string): Promise<Region> {
    return this.#fleet.regions().find((region) => region.name === name) ?? this.#fleet.addRegion(name);
  }

  /** An instance of the user's own may have the name already. */
  #freeName(wanted: string): string {
    const taken = new Set(this.#fleet.instances().map((instance) => instance.name));
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
    return name;
  }
}
