import * as v from 'valibot';
import { memoryKey } from '../tasks/memory';

/** The backup that a task writes, reads or restores: nobody deletes it meanwhile, in whatever process. */
export const backupKey = memoryKey('backup', v.string());
