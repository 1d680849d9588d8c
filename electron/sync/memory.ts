import * as v from 'valibot';
import { memoryKey } from '../tasks/memory';

/** What the runs of a sync task keep durably and several of their steps read; the rest stands beside the step that keeps it. */
export const memory = {
  /** The seed that was proposed or chosen for this run. */
  seed: memoryKey('seed', v.picklist(['copy', 'clone', 'adopt'])),
  /** The GTID set of the snapshot that was copied. */
  position: memoryKey('position', v.string()),
  /** A clone was ordered: from then on nothing is left of what the standby held. */
  cloneBegun: memoryKey('cloneBegun', v.boolean()),
  /** The source's replication account was given what a donor's needs. */
  cloneGranted: memoryKey('cloneGranted', v.boolean()),
  /** The check found that the standby verifies the source as the user chose: link and clone are made so. Otherwise its warning was accepted. */
  linkVerifies: memoryKey('linkVerifies', v.boolean()),
};
