export { fixCheck } from './fix';
export { findMissing, runCheck, runChecks, type CheckRun } from './run';
