/** What is noted at an account: the server keeps both in one object of JSON, the comment as its `comment`. */
export interface AccountNote {
  /** '': none. */
  readonly comment: string;
  /** An object of JSON; '': nothing. */
  readonly attributes: string;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON whose keys stand in one order; '': nothing is there. */
export function canonicalJson(value: unknown): string {
  if (value === undefined || value === null) return '';
  const ordered = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(ordered);
    if (!isFields(one)) return one;
    return Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, ordered(inner)]));
  };
  return JSON.stringify(ordered(value));
}

const orNothing = (text: string): string => (text === '{}' ? '' : text);

function fieldsIn(text: string): Fields {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isFields(value) ? value : {};
}

/** What stands in an account's attribute; a comment that is no text is an attribute like others. */
export function noteOf(attribute: string): AccountNote {
  const { comment, ...others } = fieldsIn(attribute);
  if (comment === undefined || typeof comment === 'string') return { comment: comment ?? '', attributes: orNothing(canonicalJson(others)) };
  return { comment: '', attributes: canonicalJson({ comment, ...others }) };
}

/** The attribute as the server keeps it; null of a part: as it is. */
export function noted(attribute: string, { comment, attributes }: { readonly comment: string | null; readonly attributes: string | null }): string {
  const { comment: before, ...others } = fieldsIn(attribute);
  const kept = before === undefined ? {} : { comment: before };
  const note = comment === null ? kept : comment === '' ? {} : { comment };
  return orNothing(canonicalJson({ ...(attributes === null ? others : fieldsIn(attributes)), ...note }));
}

/** Why a text cannot be the attributes of an account: the server merges what it is given, and a null takes a field away. null: it can. */
export function attributesProblem(text: string): 'syntax' | 'object' | 'comment' | 'null' | null {
  if (text === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'syntax';
  }
  if (!isFields(value)) return 'object';
  if ('comment' in value) return 'comment';
  return holdsNull(value) ? 'null' : null;
}

function holdsNull(fields: Fields): boolean {
  return Object.values(fields).some((value) => value === null || (isFields(value) && holdsNull(value)));
}

/**
 * What ALTER USER … ATTRIBUTE, which merges, has to be given: RFC 7396, as JSON_MERGE_PATCH does it.
 * https://dev.mysql.com/doc/refman/8.0/en/alter-user.html#alter-user-comments-attributes
 */
export function patchOf(here: string, there: string): unknown {
  const patch = (from: unknown, to: unknown): unknown => {
    if (!isFields(from) || !isFields(to)) return to;
    const gone = Object.keys(from).filter((name) => !(name in to)).map((name) => [name, null] as const);
    const changed = Object.entries(to).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(from[name]));
    return Object.fromEntries([...gone, ...changed.map(([name, value]) => [name, patch(from[name], value)] as const)]);
  };
  const read = (text: string): unknown => (text === '' ? {} : JSON.parse(text));
  return patch(read(here), read(there));
}

/** The clause that makes one attribute of another; '': nothing differs. */
export function noteClause(here: string, there: string): string {
  if (here === there) return '';
  const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const patch = patchOf(here, there);
  const { comment, ...others } = isFields(patch) ? patch : {};
  if (typeof comment === 'string' && Object.keys(others).length === 0) return `COMMENT ${literal(comment)}`;
  return `ATTRIBUTE ${literal(JSON.stringify(patch))}`;
}
