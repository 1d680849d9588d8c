import { runTerminal } from './cli/program';

// The terminal front. Exit codes are part of its grammar: scripts depend on them.
process.exitCode = await runTerminal(process.argv.slice(2));
// Sockets that a dead server holds must not keep the terminal from ending.
process.exit();
