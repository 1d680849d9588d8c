import { compareNames } from '../../../../shared/domain/fleet/names';

/** Sizes in CSS pixels. */
export const sizes = { node: { width: 178, height: 48 }, indent: 20, gutter: 128, rowGap: 22, clusterGap: 34, top: 52, side: 20, bottom: 24 } as const;

export interface GraphNode {
  readonly id: string;
  /** Column it stands in. */
  readonly column: string;
  readonly name: string;
}

export interface GraphEdge {
  readonly id: string;
  /** The source. */
  readonly from: string;
  /** The replica. */
  readonly to: string;
}

export interface GraphColumn {
  readonly id: string;
  readonly name: string;
  /** Stands after all others, whatever flows. */
  readonly last?: boolean;
}

export interface PlacedColumn extends GraphColumn {
  readonly x: number;
  readonly width: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface PlacedNode extends Point {
  readonly id: string;
}

interface PlacedEdge {
  readonly id: string;
  /** SVG path from the source to the replica. */
  readonly path: string;
  /** Middle of the free stretch before the replica; null within a column, where there is no room. */
  readonly label: Point | null;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly PlacedColumn[];
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  readonly edges: ReadonlyMap<string, PlacedEdge>;
}

export interface Graph {
  readonly columns: readonly GraphColumn[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Columns in the order of the flow: what sends to other columns comes before what receives; equals by name; `last` ones last. */
export function orderColumns({ columns, nodes, edges }: Graph): readonly GraphColumn[] {
  const columnOf = new Map(nodes.map((node) => [node.id, node.column]));
  const surplus = new Map<string, number>();
  for (const { from, to } of edges) {
    const a = columnOf.get(from);
    const b = columnOf.get(to);
    if (a === undefined || b === undefined || a === b) continue;
    surplus.set(a, (surplus.get(a) ?? 0) + 1);
    surplus.set(b, (surplus.get(b) ?? 0) - 1);
  }
  return [...columns].sort(
    (a, b) =>
      Number(a.last ?? false) - Number(b.last ?? false) || (surplus.get(b.id) ?? 0) - (surplus.get(a.id) ?? 0) || compareNames(a.name, b.name),
  );
}

/** Nodes of each connected part, sources before their replicas, breadth first; parts by the name of their first source. */
export function clusters(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly (readonly GraphNode[])[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const near = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  const replicas = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  const fed = new Set<string>();
  for (const { from, to } of edges) {
    if (!byId.has(from) || !byId.has(to) || from === to) continue;
    near.get(from)?.push(to);
    near.get(to)?.push(from);
    replicas.get(from)?.push(to);
    fed.add(to);
  }
  const byName = (a: GraphNode, b: GraphNode): number => compareNames(a.name, b.name) || compareNames(a.id, b.id);
  const sorted = [...nodes].sort(byName);
  const seen = new Set<string>();
  const parts: GraphNode[][] = [];
  for (const start of sorted) {
    if (seen.has(start.id)) continue;
    const part: GraphNode[] = [];
    const open = [start.id];
    seen.add(start.id);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const node = byId.get(id);
      if (node !== undefined) part.push(node);
      for (const other of near.get(id) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    parts.push(inFlowOrder(part.sort(byName), replicas, fed));
  }
  return parts.sort((a, b) => {
    const [first] = a;
    const [second] = b;
    return (b.length > 1 ? 1 : 0) - (a.length > 1 ? 1 : 0) || (first !== undefined && second !== undefined ? byName(first, second) : 0);
  });
}

/** Breadth first from the nodes that nothing feeds; a ring without such a node starts at its first by name. */
function inFlowOrder(part: readonly GraphNode[], replicas: ReadonlyMap<string, readonly string[]>, fed: ReadonlySet<string>): GraphNode[] {
  const byId = new Map(part.map((node) => [node.id, node]));
  const order: GraphNode[] = [];
  const taken = new Set<string>();
  const follow = (roots: readonly GraphNode[]): void => {
    const queue = [...roots];
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      if (taken.has(node.id)) continue;
      taken.add(node.id);
      order.push(node);
      for (const id of replicas.get(node.id) ?? []) {
        const next = byId.get(id);
        if (next !== undefined) queue.push(next);
      }
    }
  };
  follow(part.filter((node) => !fed.has(node.id)));
  for (const node of part) follow([node]);
  return order;
}

/**
 * Places servers in columns (regions), replication from source to replica. Every connected part has its own band of
 * rows; a replica takes the first row of its column that is free on the way from its source, so that lines never run
 * behind a server. Replicas in their source's own column stand beneath it, indented. Deterministic.
 */
export function layoutDependencies(graph: Graph): Layout {
  const columns = orderColumns(graph);
  const indexOf = new Map(columns.map((column, index) => [column.id, index]));
  const columnWidth = sizes.node.width + sizes.indent;
  const xOf = (index: number): number => sizes.side + index * (columnWidth + sizes.gutter);
  const sourceOf = new Map<string, string>();
  for (const { from, to } of graph.edges) if (!sourceOf.has(to) && from !== to) sourceOf.set(to, from);
  const nodeById = new Map(graph.nodes.map((node) => [node.id, node]));

  const placed = new Map<string, PlacedNode>();
  let top: number = sizes.top;
  for (const part of clusters(graph.nodes, graph.edges)) {
    const used = new Set<string>();
    let rows = 0;
    for (const node of part) {
      const column = indexOf.get(node.column) ?? 0;
      const source = nodeById.get(sourceOf.get(node.id) ?? '');
      const sourceColumn = source === undefined ? column : (indexOf.get(source.column) ?? column);
      const way: number[] = [column];
      for (let between = Math.min(column, sourceColumn) + 1; between < Math.max(column, sourceColumn); between += 1) way.push(between);
      let row = 0;
      while (way.some((place) => used.has(`${place}/${row}`))) row += 1;
      for (const place of way) used.add(`${place}/${row}`);
      rows = Math.max(rows, row + 1);
      const indented = source !== undefined && placed.has(source.id) && sourceColumn === column;
      placed.set(node.id, { id: node.id, x: xOf(column) + (indented ? sizes.indent : 0), y: top + row * (sizes.node.height + sizes.rowGap) });
    }
    top += rows * (sizes.node.height + sizes.rowGap) - sizes.rowGap + sizes.clusterGap;
  }

  const edges = new Map<string, PlacedEdge>();
  for (const edge of graph.edges) {
    const from = placed.get(edge.from);
    const to = placed.get(edge.to);
    if (from !== undefined && to !== undefined && edge.from !== edge.to) edges.set(edge.id, route(edge.id, from, to));
  }
  return {
    width: sizes.side * 2 + columns.length * columnWidth + Math.max(0, columns.length - 1) * sizes.gutter,
    height: Math.max(sizes.top, top - sizes.clusterGap) + sizes.bottom,
    columns: columns.map((column, index) => ({ ...column, x: xOf(index), width: columnWidth })),
    nodes: placed,
    edges,
  };
}

/** From a server to the middle of the room between its column and the one before it. */
const labelAway = sizes.gutter / 2;

function route(id: string, from: PlacedNode, to: PlacedNode): PlacedEdge {
  const { width, height } = sizes.node;
  const y1 = from.y + height / 2;
  const y2 = to.y + height / 2;
  if (Math.abs(from.x - to.x) < width) {
    // One column: down along the left, then in. A ring inside a column goes up the same way.
    const x = Math.min(from.x, to.x) + 12;
    const start = to.y > from.y ? from.y + height : from.y;
    return { id, path: `M ${x} ${start} V ${y2} H ${to.x}`, label: null };
  }
  const right = to.x > from.x;
  const x1 = right ? from.x + width : from.x;
  const x2 = right ? to.x : to.x + width;
  const bend = right ? Math.min(x1 + 56, x2) : Math.max(x1 - 56, x2);
  const middle = (x1 + bend) / 2;
  const path = y1 === y2 ? `M ${x1} ${y1} H ${x2}` : `M ${x1} ${y1} C ${middle} ${y1}, ${middle} ${y2}, ${bend} ${y2} H ${x2}`;
  return { id, path, label: { x: right ? x2 - labelAway : x2 + labelAway, y: y2 } };
}
