/** Whether a grant's pattern stands for more than one name. */
export function hasWildcard(pattern: string): boolean {
  return /[%_]/.test(pattern.replaceAll(/\\[%_]/g, ''));
}

/** Whether a grant's pattern takes in this database. */
export function matches(pattern: string, database: string): boolean {
  const source = pattern.replaceAll(/\\[%_]|[%_]|[.*+?^${}()|[\]\\]/g, (part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return part.startsWith('\\') && part.length === 2 ? part.slice(1) : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 'su').test(database);
}
