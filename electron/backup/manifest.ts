// What a folder of a backup says of itself. Written last, read before anything of the folder is believed.
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { scope as scopeSchema } from '../../shared/contract/inputs';
import { objectKinds } from '../../shared/domain/scope/named-objects';
import { parseServerVersion, type ServerVersion } from '../../shared/domain/fleet/version';
import { evaluatingModes } from '../copy/snapshot/sessions';
import { kdfSchema } from '../storage/vault-crypto';

/** The version of the form of a folder. A reader refuses what is newer than itself. */
export const manifestVersion = 1;
export const manifestName = 'manifest.json';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const name = v.pipe(v.string(), v.maxLength(1024));
const text = v.pipe(v.string(), v.maxLength(4_000_000));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** No piece is larger, whatever a manifest says: it is held in memory. */
const mostPiece = 16 * 1024 * 1024;
const piece = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostPiece));

/** A path within the folder: no way out of it. */
const filePath = v.pipe(v.string(), v.maxLength(200), v.regex(/^(?:[A-Za-z0-9_-]+\/)?[A-Za-z0-9_-]+(?:\.[a-z]+)+$/));

const file = v.object({
  path: filePath,
  plainBytes: count,
  storedBytes: count,
  /** Of the plain bytes. */
  sha256,
  /** Its pieces, each [bytes in the file, plain bytes]; a piece is a frame of its own. */
  frames: v.array(v.tuple([piece, piece])),
});

const column = v.object({
  name, type: name, autoIncrement: v.exactOptional(v.boolean()), notNull: v.exactOptional(v.boolean()),
  asksZone: v.exactOptional(v.boolean()), places: v.exactOptional(v.array(text)),
});

const table = v.object({
  database: name,
  table: name,
  columns: v.array(column),
  stored: v.array(column),
  checksInZone: v.exactOptional(v.boolean()),
  holdsRows: v.boolean(),
  key: v.nullable(v.object({ name, isInteger: v.boolean() })),
  rows: count,
  bytes: count,
  /** Sum of the hashes of all rows, decimal: see the README of a backup. Null: the table keeps its rows elsewhere. */
  content: v.nullable(v.pipe(v.string(), v.regex(/^\d{1,60}$/))),
  files: v.array(v.object({ path: filePath, kind: v.picklist(['lines', 'statements']), rows: count })),
});

const object = v.object({ kind: v.picklist(objectKinds), database: name, name });

const sealed = v.object({ algorithm: v.literal('aes-256-gcm'), kdf: kdfSchema });

const manifestSchema = v.object({
  format: v.literal('antipode-backup'),
  version: v.literal(manifestVersion),
  id: name,
  madeBy: name,
  server: v.object({ instanceId: name, name, uuid: name, version: name, lowerCaseTableNames: v.pipe(count, v.maxValue(2)) }),
  startedAt: count,
  endedAt: count,
  gtidSet: text,
  lockedMs: v.number(),
  /** The server's own time zone as an offset: columns that it computes from a TIMESTAMP hold what that moment was called there. */
  zone: v.pipe(v.string(), v.regex(/^[+-]\d{2}:\d{2}$/)),
  /** Under what columns that are computed were so; absent where there are none, and in older ones: as the server does to which they are restored. */
  evaluation: v.exactOptional(v.object({
    modes: v.array(v.picklist(evaluatingModes)), division: v.pipe(count, v.maxValue(30)), week: v.pipe(count, v.maxValue(7)),
    names: v.pipe(v.string(), v.maxLength(32)), encryption: v.exactOptional(v.pipe(v.string(), v.maxLength(32))), pads: v.exactOptional(v.boolean()),
  })),
  /** Moments of tables whose stored columns are computed from some are written in that zone; absent: in UTC, or there are none. */
  momentsIn: v.exactOptional(v.literal('zone')),
  scope: scopeSchema,
  encryption: v.nullable(sealed),
  databases: v.array(name),
  /** Those among them that nobody may write to; there only where some are. */
  readOnly: v.exactOptional(v.array(name)),
  tables: v.array(table),
  programs: v.array(object),
  accounts: v.array(name),
  leftOut: v.array(v.object({ object, why: text })),
  files: v.array(file),
  /** HMAC-SHA-256 of the manifest without this, under the key of the backup; empty where it is not encrypted. */
  seal: v.string(),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ManifestTable = Manifest['tables'][number];
export type ManifestFile = Manifest['files'][number];

/** The text of a manifest: its lines can be read by people, and by `jq`. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

/** What proves that a manifest is the one that was written. */
export function sealOf(manifest: Omit<Manifest, 'seal'>, key: Buffer): string {
  // Read as a reader will: its members are in the order of the form then, whoever put them together.
  return createHmac('sha256', key).update(JSON.stringify(v.parse(manifestSchema, { ...manifest, seal: '' }))).digest('hex');
}

export function isSealedBy(manifest: Manifest, key: Buffer): boolean {
  const [expected, found] = [Buffer.from(sealOf(manifest, key)), Buffer.from(manifest.seal)];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

export type ManifestReading = { readonly manifest: Manifest } | { readonly state: 'damaged' | 'newer'; readonly detail: string };

/** Reads the text of a manifest. One of a later version is not guessed at. */
export function readManifest(json: string): ManifestReading {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (thrown) {
    return { state: 'damaged', detail: thrown instanceof Error ? thrown.message : 'no JSON' };
  }
  const head = v.safeParse(v.object({ format: v.literal('antipode-backup'), version: count }), value);
  if (!head.success) return { state: 'damaged', detail: 'no manifest of a backup' };
  if (head.output.version > manifestVersion) return { state: 'newer', detail: String(head.output.version) };
  const parsed = v.safeParse(manifestSchema, value);
  if (!parsed.success) return { state: 'damaged', detail: `${v.getDotPath(parsed.issues[0]) ?? ''}: ${parsed.issues[0].message}` };
  const paths = new Set(parsed.output.files.map(({ path }) => path));
  const missing = parsed.output.tables.flatMap(({ files }) => files).find(({ path }) => !paths.has(path));
  if (missing !== undefined) return { state: 'damaged', detail: `a file that is not listed: ${missing.path}` };
  return { manifest: parsed.output };
}

/** What the text of a manifest says of where it is from, though it is of a later version, cut, or changed; empty where it does not. */
export function whereFrom(text: string): { readonly instanceId: string; readonly instanceName: string; readonly uuid: string; readonly startedAt: number } {
  const head = text.slice(0, longestHead);
  const server = /"server"\s*:\s*\{([^{}]*)/.exec(head)?.[1] ?? '';
  const of = (member: string): string => {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), name), new RegExp(`"${member}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(server)?.[1] ?? '');
    return parsed.success ? parsed.output : '';
  };
  return { instanceId: of('instanceId'), instanceName: of('name'), uuid: of('uuid'), startedAt: Number(/"startedAt"\s*:\s*(\d{1,15})/.exec(head)?.[1] ?? 0) };
}

/** It begins with what is looked for. */
const longestHead = 8_192;

/** The version of the server that a backup is of. */
export function versionIn({ server }: Manifest): ServerVersion {
  return parseServerVersion(server.version);
}
