// What the practice lab remembers about its servers between two starts of the app: lab.json in the lab's folder. It holds
// the servers' generated passwords, so only its owner may read it. The servers listen on this machine alone.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';

const member = v.object({
  region: v.string(),
  runtimeId: v.string(),
  program: v.string(),
  version: v.string(),
  sample: v.picklist(['none', 'loading', 'ready']),
  server: v.object({
    name: v.string(),
    folder: v.string(),
    host: v.literal('127.0.0.1'),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
    serverId: v.pipe(v.number(), v.integer(), v.minValue(1)),
    user: v.string(),
    password: v.string(),
    gtid: v.boolean(),
    durability: v.picklist(['full', 'relaxed']),
    bufferPoolMb: v.number(),
    extraArgs: v.array(v.string()),
    detached: v.boolean(),
    pid: v.nullable(v.pipe(v.number(), v.integer())),
  }),
});

const document = v.object({ format: v.literal(1), members: v.array(member) });

export type LabMember = v.InferOutput<typeof member>;

/** The file is there and cannot be understood; nothing is done until the user decides. */
export class LabFileError extends Error {
  constructor(readonly file: string, cause: unknown) {
    super(`The practice lab's record ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
    this.name = 'LabFileError';
  }
}

export function readLabFile(file: string): LabMember[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LabFileError(file, error);
  }
  try {
    return v.parse(document, JSON.parse(text)).members;
  } catch (error) {
    throw new LabFileError(file, error);
  }
}

/** Written aside and put in place in one step: a crash leaves the old record or the new one. */
export function writeLabFile(file: string, members: readonly LabMember[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.new`;
  writeFileSync(aside, `${JSON.stringify({ format: 1, members }, null, 2)}\n`, { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, file);
}
