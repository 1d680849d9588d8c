// The rooms of the house, from what the linter of directions found. Pure: nothing here reads a file.

/**
 * @typedef {object} Import one file needs another
 * @property {string} resolved
 *
 * @typedef {object} Module
 * @property {string} source path from the checkout, with `/`
 * @property {readonly Import[]} dependencies
 *
 * @typedef {object} Violation of a rule of dependency-cruiser.config.cjs
 * @property {{ name: string, severity: string }} rule
 * @property {string} from
 * @property {string} to
 * @property {readonly { name: string }[]} [cycle]
 *
 * @typedef {object} Cruised what dependency-cruiser answers, as far as it is used here
 * @property {readonly Module[]} modules
 * @property {{ violations: readonly Violation[] }} summary
 *
 * @typedef {object} Inner a folder inside of a room
 * @property {string} name path from the room
 * @property {number} files
 * @property {number} lines
 *
 * @typedef {object} Room
 * @property {string} name
 * @property {number} files with those of its folders
 * @property {number} lines
 * @property {Inner[]} inner widest first; none: all files lie in the room itself
 *
 * @typedef {object} Arrow
 * @property {string} from
 * @property {string} to
 * @property {number} imports
 *
 * @typedef {object} Breach
 * @property {string} rule
 * @property {string[]} path the two files, or the whole circle
 *
 * @typedef {object} House
 * @property {Room[]} rooms widest first
 * @property {Arrow[]} arrows between rooms
 * @property {Arrow[]} innerArrows between two folders of one room
 * @property {Breach[]} breaches
 */

/** Folders that hold rooms and are none. */
const corridors = ['electron', 'shared', 'renderer', 'shared/domain', 'renderer/features'];

/** @param {string} file */
const folderOf = (file) => file.slice(0, Math.max(0, file.lastIndexOf('/')));

/**
 * The room of a file: the folder below the last corridor. A file of a corridor itself is in a room of that name.
 * @param {string} file
 * @returns {string}
 */
export function roomOf(file) {
  return roomOfFolder(folderOf(file));
}

/**
 * @param {string} folder
 * @returns {string}
 */
export function roomOfFolder(folder) {
  const parts = folder.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const name = parts.slice(0, length).join('/');
    if (!corridors.includes(name)) return name;
  }
  return parts.join('/');
}

/**
 * Widest first; of the same width by name.
 * @param {{ name: string, lines: number }} a
 * @param {{ name: string, lines: number }} b
 */
const byWidth = (a, b) => b.lines - a.lines || a.name.localeCompare(b.name);

/**
 * @param {Cruised} cruised
 * @param {ReadonlyMap<string, number>} lines of every file that belongs to the house
 * @returns {House}
 */
export function surveyRooms({ modules, summary }, lines) {
  /** @type {Map<string, Room>} */
  const rooms = new Map();
  /** @type {Map<string, Inner>} */
  const inner = new Map();
  for (const [file, count] of lines) {
    const name = roomOf(file);
    const room = entry(rooms, name, { name, files: 0, lines: 0, inner: [] });
    const folder = folderOf(file);
    const part = entry(inner, folder, { name: folder.slice(name.length + 1), files: 0, lines: 0 });
    if (part.files === 0) room.inner.push(part);
    for (const counted of [room, part]) {
      counted.files += 1;
      counted.lines += count;
    }
  }
  for (const room of rooms.values()) room.inner = room.inner.length === 1 ? [] : room.inner.sort(byWidth);

  const [arrows, innerArrows] = [new Arrows(), new Arrows()];
  for (const { source, dependencies } of modules) {
    if (!lines.has(source)) continue;
    for (const { resolved } of dependencies) {
      if (!lines.has(resolved)) continue;
      if (roomOf(source) !== roomOf(resolved)) arrows.add(roomOf(source), roomOf(resolved));
      else if (folderOf(source) !== folderOf(resolved)) innerArrows.add(folderOf(source), folderOf(resolved));
    }
  }
  return {
    rooms: [...rooms.values()].sort(byWidth),
    arrows: arrows.list(),
    innerArrows: innerArrows.list(),
    breaches: summary.violations.map(({ rule, from, to, cycle }) => ({
      rule: rule.name,
      path: cycle === undefined ? [from, to] : [from, ...cycle.map(({ name }) => name)],
    })),
  };
}

class Arrows {
  /** @type {Map<string, Arrow>} */
  #known = new Map();

  /** @param {string} from @param {string} to */
  add(from, to) {
    entry(this.#known, `${from} ${to}`, { from, to, imports: 0 }).imports += 1;
  }

  /** By name of the room they begin in, the thickest first. */
  list() {
    return [...this.#known.values()].sort((a, b) => a.from.localeCompare(b.from) || b.imports - a.imports || a.to.localeCompare(b.to));
  }
}

/**
 * @template Value
 * @param {Map<string, Value>} map
 * @param {string} key
 * @param {Value} fresh
 * @returns {Value}
 */
function entry(map, key, fresh) {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, fresh);
  return fresh;
}
