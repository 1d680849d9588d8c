import { sizes, type Point } from './dependency-layout';

/** Where the keys lead in a drawing. */
export type Way = 'up' | 'down' | 'left' | 'right' | 'first' | 'last';

const ways: ReadonlyMap<string, Way> = new Map([
  ['ArrowUp', 'up'], ['ArrowDown', 'down'], ['ArrowLeft', 'left'], ['ArrowRight', 'right'], ['Home', 'first'], ['End', 'last'],
]);

/** The way that a key means; null: it means none. */
export function wayOf(key: string): Way | null {
  return ways.get(key) ?? null;
}

type Places = ReadonlyMap<string, Point>;
type Links = readonly { readonly from: string; readonly to: string }[];

/** In the order in which a drawing is read: from top to bottom, and from left to right. Pure. */
export function readingOrder(places: Places): readonly string[] {
  return [...places].sort(([, a], [, b]) => a.y - b.y || a.x - b.x).map(([id]) => id);
}

/**
 * The server that a key leads to: up and down within a column, left and right into the next column that has any, there to one that it is
 * linked with where there is one, else to the one that stands nearest. Itself where there is none that way. Pure.
 */
export function neighbourOf(places: Places, links: Links, from: string, way: Way): string {
  const order = readingOrder(places);
  if (way === 'first') return order[0] ?? from;
  if (way === 'last') return order.at(-1) ?? from;
  const here = places.get(from);
  if (here === undefined) return from;
  const others = order.flatMap((id) => {
    const place = places.get(id);
    return place === undefined || id === from ? [] : [{ id, dx: place.x - here.x, dy: place.y - here.y }];
  });
  // What stands beneath its source is moved in a little, and in the same column.
  const isBeside = (dx: number): boolean => Math.abs(dx) >= sizes.node.width;
  if (way === 'up' || way === 'down') {
    const sign = way === 'down' ? 1 : -1;
    const column = others.filter(({ dx, dy }) => !isBeside(dx) && dy * sign > 0);
    return nearest(column, ({ dy }) => Math.abs(dy))?.id ?? from;
  }
  const sign = way === 'right' ? 1 : -1;
  const side = others.filter(({ dx }) => isBeside(dx) && dx * sign > 0);
  const first = nearest(side, ({ dx }) => Math.abs(dx));
  if (first === undefined) return from;
  const column = side.filter(({ dx }) => !isBeside(dx - first.dx));
  const linked = new Set(links.flatMap((link) => (link.from === from ? [link.to] : link.to === from ? [link.from] : [])));
  const wanted = column.filter(({ id }) => linked.has(id));
  return nearest(wanted.length > 0 ? wanted : column, ({ dy }) => Math.abs(dy))?.id ?? from;
}

function nearest<Item>(items: readonly Item[], far: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>((best, item) => (best === undefined || far(item) < far(best) ? item : best), undefined);
}
