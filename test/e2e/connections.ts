import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Somewhere that a process of the app turned to over the network, as `address:port`. */
export interface Contact {
  readonly to: string;
  readonly by: string;
}

/** Records where the app's processes turn to. */
export interface Recorder {
  readonly method: 'traced' | 'sampled';
  /** The program to start instead, so that it is recorded. */
  wrap(program: string): string;
  /** For the sampling recorder: the process whose tree is watched. */
  watch(pid: number): void;
  finish(): readonly Contact[];
}

/**
 * The most rigorous recorder that works here. With strace every call of every process and thread of the app by which
 * something can leave the machine (connect, sendto, sendmsg, sendmmsg to an internet address) is written down by the
 * kernel's own tracing, none is missed. Where strace is not to be had, the sockets of the whole process tree are
 * sampled every few milliseconds from /proc: weaker, as a contact shorter than that may go unseen.
 */
export function recordConnections(): Recorder {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-trace-'));
  return canTrace() ? tracing(folder) : sampling(folder);
}

function canTrace(): boolean {
  const trial = spawnSync('strace', ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=connect', 'true'], { stdio: 'ignore' });
  return trial.status === 0;
}

function tracing(folder: string): Recorder {
  const output = join(folder, 'trace');
  return {
    method: 'traced',
    wrap(program) {
      const wrapper = join(folder, 'traced');
      const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
      writeFileSync(wrapper, `#!/bin/sh\nexec strace -f --seccomp-bpf -qq -s 0 -o ${quoted(output)} -e trace=connect,sendto,sendmsg,sendmmsg -e signal=none ${quoted(program)} "$@"\n`);
      chmodSync(wrapper, 0o755);
      return wrapper;
    },
    watch: () => undefined,
    finish() {
      const lines = readFileSync(output, 'latin1').split('\n');
      rmSync(folder, { recursive: true, force: true });
      return lines.flatMap(contactsOf);
    },
  };
}

/** The internet addresses in one line of a trace. */
export function contactsOf(line: string): Contact[] {
  const by = line.slice(0, 120);
  const four = [...line.matchAll(/sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/g)].map(([, port, address]) => ({ to: `${address}:${port}`, by }));
  const six = [...line.matchAll(/sin6_port=htons\((\d+)\)[^}]*?inet_pton\(AF_INET6, "([^"]+)"/g)].map(([, port, address]) => ({ to: `[${address}]:${port}`, by }));
  return [...four, ...six];
}

function sampling(folder: string): Recorder {
  const seen = new Map<string, Socket>();
  /** Ports the app ever listened at: what comes in there (the test driver) is not the app turning to somebody. */
  const own = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  return {
    method: 'sampled',
    wrap: (program) => program,
    watch(root) {
      timer = setInterval(() => {
        const inodes = new Set(processTree(root).flatMap(socketInodes));
        for (const socket of sockets()) {
          if (!inodes.has(socket.inode)) continue;
          if (socket.listens) own.add(portOf(socket.local));
          else if (portOf(socket.remote) !== '0') seen.set(`${socket.local} ${socket.remote}`, socket);
        }
      }, 3);
    },
    finish() {
      clearInterval(timer);
      rmSync(folder, { recursive: true, force: true });
      return [...seen.values()].filter(({ local }) => !own.has(portOf(local))).map(({ remote, inode }) => ({ to: remote, by: `socket ${inode}` }));
    },
  };
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

interface Socket {
  readonly inode: string;
  readonly local: string;
  readonly remote: string;
  readonly listens: boolean;
}

function sockets(): Socket[] {
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'latin1')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const fields = line.trim().split(/\s+/);
        const [, local, remote, state] = fields;
        const inode = fields[9];
        if (local === undefined || remote === undefined || inode === undefined) return [];
        return [{ inode, local: address(local), remote: address(remote), listens: kind.startsWith('tcp') && state === '0A' }];
      }),
  );
}

/** `0100007F:0CEA` → `127.0.0.1:3306`; the words of an address are in the machine's own byte order. */
function address(text: string): string {
  const [host = '', port = ''] = text.split(':');
  const words = host.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  const number = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.map((byte) => Number.parseInt(byte, 16)).join('.')}:${number}`;
  return `[${(bytes.join('').match(/.{4}/g) ?? []).join(':')}]:${number}`;
}
