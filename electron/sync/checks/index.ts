export { fixCheck } from './fix';
export { runCheck, runChecks, type CheckRun } from './run';
