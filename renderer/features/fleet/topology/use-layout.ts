import { useMemo } from 'react';
import { layoutDependencies, type Graph, type Layout } from './dependency-layout';

/** Where the servers of a graph stand. A reading changes what is shown of them, four times a second of a large fleet, and seldom who replicates from whom. */
export function useLayout({ columns, nodes, edges }: Graph): Layout {
  const shape = useMemo(() => JSON.stringify({
    columns: columns.map(({ id, name, last = false }) => ({ id, name, last })),
    nodes: nodes.map(({ id, column, name }) => ({ id, column, name })),
    edges: edges.map(({ id, from, to }) => ({ id, from, to })),
  } satisfies Graph), [columns, nodes, edges]);
  return useMemo(() => layoutDependencies(JSON.parse(shape) as Graph), [shape]);
}
