import { formatEndpoint } from '../../../../shared/domain/fleet/instance';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { SyncLink, UnregisteredServer } from '../../../../shared/domain/fleet/topology';
import type { FleetState } from '../../../stores/fleet';
import type { GraphColumn, GraphEdge, GraphNode } from './dependency-layout';

/** The column of servers that replicate and are not registered. */
export const unregisteredColumn = 'unregistered';

export interface DependencyModel {
  readonly columns: readonly GraphColumn[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly instances: ReadonlyMap<string, InstanceView>;
  readonly links: ReadonlyMap<string, SyncLink>;
  readonly unregistered: ReadonlyMap<string, UnregisteredServer>;
}

type Facts = Pick<FleetState, 'regions' | 'instances' | 'byId' | 'topology'>;

const nodeId = (server: UnregisteredServer): string => `unregistered:${server.key}`;

/** Instance ids reached from some by links in either direction, themselves included. */
export function connectedTo(starts: string | readonly string[], links: readonly SyncLink[]): ReadonlySet<string> {
  const near = new Map<string, string[]>();
  const join = (a: string, b: string): void => {
    const known = near.get(a);
    if (known === undefined) near.set(a, [b]);
    else known.push(b);
  };
  for (const { sourceId, replicaId } of links) {
    if (sourceId === null) continue;
    join(sourceId, replicaId);
    join(replicaId, sourceId);
  }
  const open = typeof starts === 'string' ? [starts] : [...starts];
  const seen = new Set(open);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of near.get(id) ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen;
}

/**
 * The graph of who replicates from whom: the whole fleet, or with `focusId` only what is connected to one instance.
 * Servers that replicate and are not registered are part of it; columns without a server are left out. With `regionId` only what
 * has a server there, with all that is connected to it.
 */
export function dependencyModel(
  { regions, instances, byId, topology }: Facts, focusId: string | null, unregisteredName: string, regionId: string | null = null,
): DependencyModel {
  const inRegion = (): string[] => instances.filter((view) => view.instance.regionId === regionId).map((view) => view.instance.id);
  const starts = focusId !== null ? [focusId] : regionId === null ? null : inRegion();
  const within = starts === null ? null : connectedTo(starts, topology.links);
  const shown = instances.filter((view) => within === null || within.has(view.instance.id));
  const shownIds = new Set(shown.map((view) => view.instance.id));
  const strangers = topology.unregistered.filter((server) => server.seenFrom.some((id) => shownIds.has(id)));
  const nodes: GraphNode[] = [
    ...shown.map(({ instance }) => ({ id: instance.id, column: instance.regionId, name: instance.name })),
    ...strangers.map((server) => ({ id: nodeId(server), column: unregisteredColumn, name: server.host })),
  ];
  const links = topology.links.filter((link) => shownIds.has(link.replicaId) && (link.sourceId === null || shownIds.has(link.sourceId)));
  const edges: GraphEdge[] = [];
  for (const link of links) if (link.sourceId !== null) edges.push({ id: link.id, from: link.sourceId, to: link.replicaId });
  for (const server of strangers) {
    for (const id of server.seenFrom) {
      if (!shownIds.has(id)) continue;
      const stranger = nodeId(server);
      // The link an instance has from an unregistered source keeps its own id, so that its lag and state are shown.
      const link = server.relation === 'source' ? links.find(({ replicaId, sourceId, sourceHost, sourcePort }) => replicaId === id && sourceId === null && sourceHost === server.host && sourcePort === server.port) : undefined;
      edges.push(server.relation === 'source' ? { id: link?.id ?? `${stranger}>${id}`, from: stranger, to: id } : { id: `${id}>${stranger}`, from: id, to: stranger });
    }
  }
  const used = new Set(nodes.map((node) => node.column));
  const columns = [
    ...regions.filter((region) => used.has(region.id)),
    ...(used.has(unregisteredColumn) ? [{ id: unregisteredColumn, name: unregisteredName, last: true }] : []),
  ];
  return {
    columns, nodes, edges, instances: byId, links: new Map(links.map((link) => [link.id, link])),
    unregistered: new Map(strangers.map((server) => [nodeId(server), server])),
  };
}

/**
 * What the names of all nodes begin with, up to a separator: where there is room for a few letters, those are not spent on what tells nothing
 * apart. Pure.
 */
export function sharedPrefix(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined || names.length < 2) return '';
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length).replace(/[^-_. ]*$/, '');
}

/** Where a server that is not registered was seen; without a port where that is not known. */
export function addressOf({ host, port }: UnregisteredServer): string {
  return port === null ? host : formatEndpoint({ host, port });
}

/** A server in the table: `unregistered` where it is not registered. */
export interface ServerCell {
  readonly id: string;
  readonly name: string;
  readonly region: string | undefined;
  readonly unregistered: UnregisteredServer | undefined;
}

/** `link` undefined: seen from one side only. */
export interface LinkRow {
  readonly id: string;
  readonly source: ServerCell;
  readonly replica: ServerCell;
  readonly link: SyncLink | undefined;
}

/** The same graph in lines: one per link, then the servers that have none. */
export function dependencyRows(model: DependencyModel): { readonly links: readonly LinkRow[]; readonly alone: readonly ServerCell[] } {
  const regionNames = new Map(model.columns.map((column) => [column.id, column.name]));
  const nodes = new Map(model.nodes.map((node) => [node.id, node]));
  const cell = (id: string): ServerCell => {
    const node = nodes.get(id);
    const unregistered = model.unregistered.get(id);
    return { id, name: unregistered === undefined ? (node?.name ?? id) : addressOf(unregistered), region: regionNames.get(node?.column ?? ''), unregistered };
  };
  const linked = new Set(model.edges.flatMap((edge) => [edge.from, edge.to]));
  return {
    links: model.edges.map((edge) => ({ id: edge.id, source: cell(edge.from), replica: cell(edge.to), link: model.links.get(edge.id) })),
    alone: model.nodes.filter(({ id }) => !linked.has(id)).map(({ id }) => cell(id)),
  };
}
