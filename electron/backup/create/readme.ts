// What lies in a folder of a backup for whoever has not this program.
import type { Manifest } from '../manifest';

const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/**
 * README.txt: what the backup holds, and how it is restored with `zstd` and `mysql` alone. In English, as the manifest's names are. `isZoned`: some
 * statements are to be run in the time zone of the server.
 */
export function readmeText(manifest: Manifest, isZoned: boolean): string {
  const { server, startedAt, gtidSet, tables, encryption, readOnly = [] } = manifest;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `Backup of ${server.name} (MySQL ${server.version}), begun ${utc(startedAt)}
${tables.length} tables, ${rows} rows, ${manifest.programs.length} views and programs, ${manifest.accounts.length} accounts
It holds exactly the transactions ${gtidSet === '' ? '(none)' : gtidSet}

WHAT IS HERE
  manifest.json   everything that is in this folder: server, GTID set, tables, and of each file the SHA-256 of its plain bytes. It was written
                  last: a folder without it is no whole backup.
  schema.sql      databases and tables
  rows/*.zst      their rows: .tsv lines for LOAD DATA (tab between values, \\N is NULL, a backslash before tab, newline and backslash),
                  .sql statements
  rows.sql        loads the lines
  programs.sql    views, routines, triggers, events
  accounts.sql    accounts, with hashes of their passwords: keep it as you keep a password. Only in a backup of a whole instance.
${isZoned ? zoneWhat : ''}${readOnly.length === 0 ? '' : readOnlyWhat}${encryption === null ? '' : decryptText}
RESTORE BY HAND
  In this folder, on a server that has none of these databases (mysql 5.6 or newer, zstd):

    zstd -d --rm rows/*.zst          (or keep them: leave --rm out)
    mysql --default-character-set=utf8mb4 -u root -p < schema.sql
    ${rowsByHand(manifest, isZoned)}
    mysql --default-character-set=utf8mb4 -u root -p < programs.sql
    mysql --default-character-set=utf8mb4 -u root -p < accounts.sql      (whole instance; accounts that exist are refused: add --force)
${readOnly.length === 0 ? '' : `    ${readOnlyByHand}\n`}
  The server must have local_infile=ON for rows.sql (SET GLOBAL local_infile = 1). Enabled events run as soon as they are there: SET GLOBAL
  event_scheduler = OFF before programs.sql, if that is not wanted.
  To let such a server follow as a replica from here, on one without any transaction of its own:
    RESET MASTER (8.4 and newer: RESET BINARY LOGS AND GTIDS);  SET GLOBAL gtid_purged = '<gtidSet of manifest.json>';

CHECK BY HAND
  zstd -dc rows/000001.tsv.zst | sha256sum     is the sha256 of that file in manifest.json.
`;
}

const zoneWhat = `  zone.sql        the time zone in which the statements of zone.txt are run: their moments are written in it,
                  and columns are computed from them
`;

const readOnlyWhat = `  read-only.sql   makes the databases read only again that were so
`;

const readOnlyByHand = `mysql --default-character-set=utf8mb4 -u root -p < read-only.sql     (last of all, 8.0.22 or newer:
                                                                 nothing can be written to these databases afterwards)`;

/** read-only.sql: run when all else is there. */
export function readOnlySql(statements: readonly string[]): string {
  return `-- Databases that are read only: run it last, on MySQL 8.0.22 or newer\nSET NAMES utf8mb4;\n${statements.map((one) => `${one};\n`).join('')}`;
}

const decryptText = `
THIS BACKUP IS ENCRYPTED
  Files end in .enc. With Node.js 20 or newer and the passphrase in the environment variable PASSPHRASE,

    PASSPHRASE=… node decrypt.mjs

  writes each file beside its encrypted form. decrypt.mjs is the description of the format, too: AES-256-GCM per piece, a key per file by HKDF-SHA-256
  from a key that scrypt makes of the passphrase. Without the passphrase nobody restores anything of it.

`;

/** Clients of late run no other file at the word of one: statements go through the same session, behind the lines. */
function rowsByHand({ tables }: Manifest, isZoned: boolean): string {
  const client = 'mysql --default-character-set=utf8mb4 --local-infile=1 -u root -p';
  const hasStatements = tables.some(({ files }) => files.some(({ kind }) => kind === 'statements'));
  const others = 'cat rows.sql $(ls rows/*.sql | grep -vxFf zone.txt)';
  if (isZoned) return `${others} | ${client}\n    cat zone.sql $(cat zone.txt) | ${client}`;
  return hasStatements ? `cat rows.sql rows/*.sql | ${client}` : `${client} < rows.sql`;
}

/** rows.sql: loads the lines that `zstd -d` unpacked, and opens the session for the statements beside them. */
export function rowsSql(loads: readonly string[], opening: readonly string[]): string {
  return `-- Rows: run it in this folder, after schema.sql\n${[...opening, ...loads].map((one) => `${one};\n`).join('')}`;
}

/** zone.sql: opens the session for statements whose moments are in a time zone. */
export function zoneSql(zone: string, opening: readonly string[]): string {
  return `-- Before the statements of zone.txt\n${[...opening, `SET SESSION time_zone = '${zone}'`].map((one) => `${one};\n`).join('')}`;
}

/** decrypt.mjs: opens the files of an encrypted backup without this program. */
export const decryptScript = `// Opens an encrypted backup: PASSPHRASE=… node decrypt.mjs
// manifest.json names scrypt's parameters. A file: "ANTIENC1", 8 random bytes, then records of [4 bytes length, big endian][AES-256-GCM text][16 bytes tag].
// Nonce: the 8 random bytes and the number of the record (4 bytes, big endian); authenticated with it: one byte, 1 for the last (empty) record, else 0.
// The key of a file: HKDF-SHA-256(key, no salt, info = its path with /, 32 bytes).
import { createDecipheriv, hkdfSync, scryptSync } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
const manifest = JSON.parse(readFileSync('manifest.json', 'utf8'));
const { n, r, p, salt } = manifest.encryption.kdf;
const key = scryptSync((process.env.PASSPHRASE ?? '').normalize('NFKC'), Buffer.from(salt, 'base64'), 32, { N: n, r, p, maxmem: 129 * n * r * p + 1048576 });
for (const { path } of manifest.files) {
  const fileKey = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), Buffer.from(path), 32));
  const [from, to] = [openSync(path, 'r'), openSync(path.replace(/\\.enc$/, ''), 'w', 0o600)];
  const take = (length) => {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; ) {
      const count = readSync(from, bytes, at, length - at, null);
      if (count === 0) throw new Error(path + ' is cut');
      at += count;
    }
    return bytes;
  };
  const head = take(16);
  for (let number = 0, last = false; !last; number++) {
    const body = take(take(4).readUInt32BE());
    last = body.length === 16;
    const nonce = Buffer.alloc(12);
    head.copy(nonce, 0, 8);
    nonce.writeUInt32BE(number, 8);
    const decipher = createDecipheriv('aes-256-gcm', fileKey, nonce);
    decipher.setAAD(Buffer.from([last ? 1 : 0]));
    decipher.setAuthTag(body.subarray(-16));
    const plain = Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
    writeSync(to, plain);
  }
  closeSync(from);
  closeSync(to);
  console.log(path);
}
`;
