import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems hand out the local ends of outgoing connections: a server that is down for a moment
// must find its port free again.
const FIRST = 20_000;
const LAST = 31_999;

/** True when a server could listen on this port now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A free port, chosen at random so that several test runs side by side do not meet. */
export async function choosePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free port between ${FIRST} and ${LAST}.`);
}
