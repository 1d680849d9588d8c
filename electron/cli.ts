import { UncaughtFault, untilFault, untilWritten } from './cli/last-resort';
import { runTerminal, tellFault } from './cli/program';

// A reader that goes away early (`| head`) ends nothing but the reading.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const argv = process.argv.slice(2);
const tell = (thrown: unknown): number => tellFault(argv, thrown instanceof UncaughtFault ? thrown : new UncaughtFault(thrown));

// The terminal front. Exit codes are part of its grammar: scripts depend on them.
process.exitCode = await untilFault(() => runTerminal(argv), ({ trace }) => process.stderr.write(`${trace}\n`)).catch(tell);
// A slow reader gets the whole object, too.
await untilWritten(process.stdout, process.stderr);
// Sockets that a dead server holds must not keep the terminal from ending.
process.exit();
