import type * as v from 'valibot';

/** One method of the contract: what it takes, what it gives, and how it is guarded. */
export interface Method<Schema extends v.GenericSchema = v.GenericSchema, Output = unknown> {
  readonly kind: 'query' | 'command';
  readonly danger: 'none' | 'changes' | 'destroys';
  readonly input: Schema;
  /** Only its type is used: outputs come from our own engine and are typed by the compiler. */
  readonly output?: Output;
}

export const query = <Output>() => <Schema extends v.GenericSchema>(schema: Schema): Method<Schema, Output> => ({
  kind: 'query', danger: 'none', input: schema,
});
export const command = <Output>(danger: Method['danger'] = 'none') => <Schema extends v.GenericSchema>(schema: Schema): Method<Schema, Output> => ({
  kind: 'command', danger, input: schema,
});
