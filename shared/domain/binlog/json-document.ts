/** A document with its numbers as they were written: none is rounded. */
type Node =
  | { readonly kind: 'object'; readonly members: Map<string, Node> }
  | { readonly kind: 'array'; readonly items: Node[] }
  | { readonly kind: 'value'; readonly text: string };

/** A text that is no document of the form a server prints. */
class NotJson extends Error {}

const maxDepth = 200;
const token = /\s*(?:([{}[\]:,])|("(?:[^"\\]|\\[^])*")|(-?\d[\d.eE+-]*)|(true|false|null))/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): Node {
    const node = this.value(0);
    if (this.text.slice(this.at).trim() !== '') throw new NotJson('more than one document');
    return node;
  }

  private next(): string {
    token.lastIndex = this.at;
    const found = token.exec(this.text);
    if (found === null) throw new NotJson('no token');
    this.at = token.lastIndex;
    return found[1] ?? found[2] ?? found[3] ?? (found[4] as string);
  }

  private peek(): string {
    const { at } = this;
    const found = this.next();
    this.at = at;
    return found;
  }

  private value(depth: number): Node {
    if (depth > maxDepth) throw new NotJson('too deep');
    const first = this.next();
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if ('}],:'.includes(first)) throw new NotJson('no value');
    return { kind: 'value', text: first };
  }

  private object(depth: number): Node {
    const members = new Map<string, Node>();
    if (this.ends('}')) return { kind: 'object', members };
    for (;;) {
      const key = textOf(this.next());
      this.expect(':');
      members.set(key, this.value(depth + 1));
      if (this.ends('}')) return { kind: 'object', members };
      this.expect(',');
    }
  }

  private array(depth: number): Node {
    const items: Node[] = [];
    if (this.ends(']')) return { kind: 'array', items };
    for (;;) {
      items.push(this.value(depth + 1));
      if (this.ends(']')) return { kind: 'array', items };
      this.expect(',');
    }
  }

  private ends(mark: string): boolean {
    if (this.peek() !== mark) return false;
    this.next();
    return true;
  }

  private expect(mark: string): void {
    if (this.next() !== mark) throw new NotJson(`no ${mark}`);
  }
}

function textOf(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new NotJson('no text');
  }
}

/** Keys as a server sorts them: by the length of their bytes, then by the bytes, which is the order of code points. */
function sorted(members: ReadonlyMap<string, Node>): readonly (readonly [string, Node])[] {
  return [...members].map(([key, node]) => ({ key, node, points: [...key].map((character) => character.codePointAt(0) as number) }))
    .sort((a, b) => utf8Length(a.points) - utf8Length(b.points) || order(a.points, b.points))
    .map(({ key, node }) => [key, node] as const);
}

function utf8Length(points: readonly number[]): number {
  return points.reduce((sum, point) => sum + (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4), 0);
}

function order(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((point, i) => point !== b[i]);
  return at === -1 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}

function print(node: Node, scalar: (text: string) => string): string {
  if (node.kind === 'value') return scalar(node.text);
  if (node.kind === 'array') return `[${node.items.map((item) => print(item, scalar)).join(', ')}]`;
  return `{${sorted(node.members).map(([key, item]) => `${JSON.stringify(key)}: ${print(item, scalar)}`).join(', ')}}`;
}

/** 5.7 prints the DOUBLE 1.0 as 1 and other escapes: one text for one value. */
function plainScalar(text: string): string {
  if (text.startsWith('"')) return JSON.stringify(textOf(text));
  const number = /^(-?\d+)\.0$/.exec(text);
  return number?.[1] ?? text;
}

/** One text for all texts of one document: order of keys, spaces, escapes and the point of a whole DOUBLE aside. A text that is none stays. */
export function canonicalJson(text: string): string {
  try {
    return print(new Reader(text).document(), plainScalar);
  } catch (thrown) {
    if (thrown instanceof NotJson) return text;
    throw thrown;
  }
}

/** How a document is put together again, with some of its values made one by one; `whole`: a part without such. */
interface DocumentParts {
  readonly whole: (text: string) => string;
  readonly object: (members: readonly (readonly [key: string, part: string])[]) => string;
  readonly array: (items: readonly string[]) => string;
  /** The value at a path, without its quotes. */
  readonly value: (text: string, path: string) => string;
}

/** A document put together from its parts, where values stand at some paths that are made one by one; null: the text is none. */
export function assembled(text: string, paths: ReadonlySet<string>, parts: DocumentParts): string | null {
  const part = (node: Node, path: string): { readonly text: string; readonly isMade: boolean } => {
    if (node.kind === 'value') {
      if (!paths.has(path)) return { text: parts.whole(node.text), isMade: false };
      return { text: parts.value(node.text.startsWith('"') ? textOf(node.text) : node.text, path), isMade: true };
    }
    const below = node.kind === 'array' ? node.items.map((item, at) => part(item, `${path}[${String(at)}]`))
      : [...node.members].map(([key, item]) => part(item, `${path}.${JSON.stringify(key)}`));
    if (!below.some(({ isMade }) => isMade)) return { text: parts.whole(print(node, (scalar) => scalar)), isMade: false };
    const texts = below.map((one) => one.text);
    const keys = node.kind === 'array' ? [] : [...node.members.keys()];
    return { text: node.kind === 'array' ? parts.array(texts) : parts.object(keys.map((key, at) => [key, texts[at] as string])), isMade: true };
  };
  try {
    return part(new Reader(text).document(), '$').text;
  } catch (thrown) {
    if (thrown instanceof NotJson) return null;
    throw thrown;
  }
}

/** The numbers of a document, with the paths at which they stand, as `assembled` writes those; null: the text is none. */
export function numbersIn(text: string): readonly { readonly path: string; readonly text: string }[] | null {
  const found: { path: string; text: string }[] = [];
  const look = (node: Node, path: string): void => {
    if (node.kind === 'value') {
      if (/^-?\d/.test(node.text)) found.push({ path, text: node.text });
    } else if (node.kind === 'array') node.items.forEach((item, at) => look(item, `${path}[${String(at)}]`));
    else for (const [key, item] of node.members) look(item, `${path}.${JSON.stringify(key)}`);
  };
  try {
    look(new Reader(text).document(), '$');
    return found;
  } catch (thrown) {
    if (thrown instanceof NotJson) return null;
    throw thrown;
  }
}

/** One change that PARTIAL_JSON logs of a document. */
export interface JsonChange {
  readonly operation: 'REPLACE' | 'INSERT' | 'REMOVE';
  /** `$.a[3]."b c"` */
  readonly path: string;
  /** Of REMOVE: null. */
  readonly value: string | null;
  /** It holds values of types that its text does not tell. */
  readonly isTyped?: true;
}

type Leg = { readonly key: string } | { readonly index: number };

const leg = /\.(?:"((?:[^"\\]|\\[^])*)"|([^.[\]"]+))|\[(\d+)\]/y;

function legsOf(path: string): readonly Leg[] {
  const legs: Leg[] = [];
  let at = 1;
  while (at < path.length) {
    leg.lastIndex = at;
    const found = leg.exec(path);
    if (found === null) throw new NotJson('no path');
    at = leg.lastIndex;
    legs.push(found[3] !== undefined ? { index: Number(found[3]) } : { key: found[1] !== undefined ? textOf(`"${found[1]}"`) : (found[2] as string) });
  }
  return legs;
}

/**
 * A document after its logged changes, as a server prints it; null where they do not fit it. Reference: `Json_diff` in the server's
 * `json_diff.h`.
 */
export function withJsonChanges(text: string, changes: readonly JsonChange[]): string | null {
  try {
    let root = new Reader(text).document();
    for (const change of changes) root = changed(root, legsOf(change.path), change);
    return print(root, (scalar) => scalar);
  } catch (thrown) {
    if (thrown instanceof NotJson) return null;
    throw thrown;
  }
}

function changed(root: Node, legs: readonly Leg[], { operation, value }: JsonChange): Node {
  const last = legs.at(-1);
  if (last === undefined) {
    if (operation !== 'REPLACE' || value === null) throw new NotJson('no change of a whole document');
    return new Reader(value).document();
  }
  const parent = legs.slice(0, -1).reduce(childOf, root);
  const node = value === null ? null : new Reader(value).document();
  if ('key' in last) changeMember(parent, last.key, operation, node);
  else changeItem(parent, last.index, operation, node);
  return root;
}

function childOf(node: Node, at: Leg): Node {
  const child = 'key' in at ? (node.kind === 'object' ? node.members.get(at.key) : undefined) : node.kind === 'array' ? node.items[at.index] : undefined;
  // The first element of what is no array is the value itself.
  if (child === undefined && 'index' in at && at.index === 0 && node.kind !== 'array') return node;
  if (child === undefined) throw new NotJson('a path that leads nowhere');
  return child;
}

function changeMember(parent: Node, key: string, operation: JsonChange['operation'], node: Node | null): void {
  if (parent.kind !== 'object' || parent.members.has(key) === (operation === 'INSERT')) throw new NotJson('no such member');
  if (node === null) parent.members.delete(key);
  else parent.members.set(key, node);
}

function changeItem(parent: Node, index: number, operation: JsonChange['operation'], node: Node | null): void {
  if (parent.kind !== 'array') throw new NotJson('no array');
  if (operation !== 'INSERT' && index >= parent.items.length) throw new NotJson('no such element');
  if (operation === 'INSERT') parent.items.splice(index, 0, ...(node === null ? [] : [node]));
  else if (node === null) parent.items.splice(index, 1);
  else parent.items[index] = node;
}
