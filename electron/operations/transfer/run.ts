import * as v from 'valibot';
import { id } from '../../../shared/contract/inputs';
import { failure } from '../../../shared/errors/codes';
import type { TransferOrder } from './types';

const schema = v.object({
  projectId: v.nullable(id),
  /** More instances to move along with the one it is run on. */
  instanceIds: v.optional(v.pipe(v.array(id), v.maxLength(1000)), []),
});

/** The order to move an instance, or a selection it is in, as `operations.run` is given it. Throws `invalid-input` on input of another form. */
export function transferOrderOf(instanceId: string, input: Record<string, unknown>): TransferOrder {
  const parsed = v.safeParse(schema, input);
  if (!parsed.success) throw failure('invalid-input', { field: v.getDotPath(parsed.issues[0]) ?? 'input', reason: parsed.issues[0].message });
  return { projectId: parsed.output.projectId, instanceIds: [...new Set([instanceId, ...parsed.output.instanceIds])] };
}
