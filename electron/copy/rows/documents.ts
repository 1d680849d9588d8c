import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import type { Transferred } from '../../mysql/rows/bulk';
import type { StepContext } from '../../tasks/types';
import type { TableToCopy } from './chunks';
import type { Column } from './columns';
import type { RowSession } from './pump';
import { lossStatement, type JsonPlace } from './typed-json';

/** A part of a table whose rows have gone by. */
interface PartOfDocuments {
  readonly reader: RowSession;
  /** The version of the target. */
  readonly target: ServerVersion;
  readonly table: TableToCopy;
  /** SQL of all rows of the part. */
  readonly part: string;
  /** As `lostIn` gave it before the rows went by. */
  readonly leftOut: readonly JsonPlace[];
}

/** What a copy knows of the documents of one table. */
interface Known {
  /** By column; null: more places than can be told. */
  readonly places: Map<string, Set<string> | null>;
  readonly lost: JsonPlace[];
  described?: TableToCopy;
}

/** What a copy has seen of its documents: where the text leaves a type open, and where a type would be lost by it. */
export class Documents {
  readonly #tables = new Map<TableToCopy, Known>();

  constructor(private readonly step: Pick<StepContext, 'signal' | 'log'>) {}

  /** Places that are known to lose a type, in any part of the table. */
  lostIn(table: TableToCopy): readonly JsonPlace[] {
    return [...(this.#tables.get(table)?.lost ?? [])];
  }

  /**
   * Learns the places of what has gone by and asks the source, in its snapshot, what is lost at them. False where more was lost than
   * was left out: these rows have to go another way.
   */
  async areAllFound(
    { reader, target, table, part, leftOut }: PartOfDocuments, { places }: Transferred,
  ): Promise<boolean> {
    if (!table.columns.some(({ type }) => type === 'json')) return true;
    const known = this.#knownOf(table);
    table.columns.forEach(({ name, type }, at) => {
      if (type !== 'json') return;
      const seen = toldIn(places[at], reader.version);
      if (seen === null) {
        if (known.places.get(name) !== null) this.step.log('warning', 'sync.log.jsonPlaces', { column: `${table.database}.${table.table}.${name}` });
        known.places.set(name, null);
      } else if (known.places.get(name) !== null) known.places.set(name, new Set([...(known.places.get(name) ?? []), ...seen]));
    });
    const open = this.#openIn(table, places.map((told) => toldIn(told, reader.version)), leftOut);
    if (open.length === 0) return true;
    const statement = lossStatement(part, open, reader.version, target);
    const [row] = await reader.query<Record<string, string | number | null>>(statement, [], { signal: this.step.signal });
    const lossOf = (at: number): number => Number(row?.[`c${at}`] ?? 0);
    const lost = open.filter((_place, at) => lossOf(at) > 0);
    for (const { column, path } of open.filter((place, at) => lossOf(at) > 1 && !isAmong(known.lost, place))) {
      this.step.log('warning', 'sync.log.jsonNearest', { column: `${table.database}.${table.table}.${column}`, path });
    }
    // Another part of the table may have found the same meanwhile.
    known.lost.push(...lost.filter((place) => !isAmong(known.lost, place)));
    return lost.length === 0;
  }

  /** The table, its columns with their places: what its comparison needs, once all of it is copied. */
  described(table: TableToCopy): TableToCopy {
    const known = this.#tables.get(table);
    if (known === undefined) return table;
    const withPlaces = (column: Column): Column => {
      const places = known.places.get(column.name);
      return places === undefined || places === null ? column : { ...column, places: [...places].sort() };
    };
    known.described ??= { ...table, columns: table.columns.map(withPlaces) };
    return known.described;
  }

  #knownOf(table: TableToCopy): Known {
    const known = this.#tables.get(table) ?? { places: new Map<string, Set<string> | null>(), lost: [] };
    this.#tables.set(table, known);
    return known;
  }

  /** Places that went by, less those whose loss is known. */
  #openIn({ columns }: TableToCopy, places: Transferred['places'], lost: readonly JsonPlace[]): readonly JsonPlace[] {
    return columns.flatMap(({ name }, at) => (places[at] ?? []).map((path) => ({ column: name, path }))).filter((place) => !isAmong(lost, place));
  }
}

/** Paths that the server can be asked for: before 8.0 it takes none with an empty key. null: not all of them, or too many. */
function toldIn(paths: readonly string[] | null | undefined, version: ServerVersion): readonly string[] | null {
  if (paths === null || paths === undefined) return null;
  return !atLeast(version, 8, 0) && paths.some((path) => path.includes('.""')) ? null : paths;
}

function isAmong(places: readonly JsonPlace[], { column, path }: JsonPlace): boolean {
  return places.some((place) => place.column === column && place.path === path);
}
