import * as v from 'valibot';
import { failure } from '../../../shared/errors/codes';
import type { ParametersService } from './types';

const scalar = v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean()]);
const schema = v.pipe(v.record(v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_.]{0,127}$/i)), scalar), v.minEntries(1));

/** Sets variables by name, to last, in one go: for callers without a preview. What a rule warns of is refused. */
export async function setParameters(parameters: ParametersService, instanceId: string, input: Record<string, unknown>): Promise<void> {
  const parsed = v.safeParse(schema, input);
  if (!parsed.success) throw failure('invalid-input', { field: v.getDotPath(parsed.issues[0]) ?? 'input', reason: parsed.issues[0].message });
  const plan = await parameters.plan(instanceId, Object.entries(parsed.output).map(([name, value]) => ({
    name, value: typeof value === 'boolean' ? (value ? 'ON' : 'OFF') : String(value), keep: 'lasting' as const,
  })));
  const { entry } = await parameters.execute(plan.id, false);
  const failed = entry.changes.find(({ outcome }) => outcome === 'failed' || outcome === 'stuck');
  if (entry.error !== null) throw failure('parameters-not-set', { name: entry.name, variable: failed?.name ?? '' });
}
