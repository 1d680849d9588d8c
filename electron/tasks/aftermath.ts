import { memoryKey } from './memory';
import { appError } from './records';

/**
 * What a task has done to a server that none of its undos brings back, in words of an error: what, what is still safe, what to do. Kept before
 * it is done; every front shows it where the task does not end well, after a crash too.
 */
export const aftermathKey = memoryKey('aftermath', appError);
