import { SetupError } from '../setup/report.mjs';

/** Runs a script's body: failures end with a readable message and the exit code. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    const known = error instanceof SetupError || !(error instanceof TypeError || error instanceof ReferenceError);
    process.stderr.write(`${known ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}

/** Calls `stop` once when the user or the system asks for the end; a second request ends at once. */
export function onStop(stop) {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      stop(signal);
    });
  }
}
