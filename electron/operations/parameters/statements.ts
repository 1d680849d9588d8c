import { wholeOf } from '../../../shared/domain/operations/parameters/compare';
import type { OptionLine, ParameterStatement } from '../../../shared/domain/operations/parameters/change';
import { configLine } from '../../mysql/dialect/config-line';
import type { Dialect } from '../../mysql/dialect/dialect';
import type { Statement } from '../../mysql/types';

/** A value as statements have it. */
export function literalOf({ value, kind }: Pick<ParameterStatement, 'value' | 'kind'>): boolean | bigint | number | string {
  return kind === 'switch' ? value === 'ON' : kind === 'number' ? (wholeOf(value) ?? Number(value)) : value;
}

/** A statement in the words of a server. */
export function statementFor(dialect: Dialect, { verb, name, value, kind }: ParameterStatement): Statement {
  const literal = literalOf({ value, kind });
  switch (verb) {
    case 'persist':
      return dialect.setPersist(name, literal);
    case 'persist-only':
      return dialect.setPersistOnly(name, literal);
    case 'global':
      return dialect.setGlobal(name, literal);
    case 'reset-persist':
      return dialect.resetPersist(name);
  }
}

/** Lines for section [mysqld] of an option file. */
export function optionLines(lines: readonly OptionLine[]): readonly string[] {
  return lines.map(({ name, value }) => configLine(name, value));
}
