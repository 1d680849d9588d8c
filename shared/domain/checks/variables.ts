import { message, type Message } from '../../i18n/message';
import type { Remedy } from './check';
import { atLeast, type ServerVersion } from '../fleet/version';
import type { ServerReading } from './facts';

/** The value of the first of these variables that exists; undefined: the server has none of them. */
export function variable(server: ServerReading, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = server.variables[name];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** As `variable`, with an em dash for one that does not exist there: for texts. */
export function shown(server: ServerReading, ...names: readonly string[]): string {
  const found = variable(server, ...names);
  if (found === undefined) return '—';
  return found === '' ? "''" : found;
}

/** True for `ON`, `1` and `YES`. */
export function isOn(text: string | undefined): boolean {
  return text !== undefined && /^(on|1|yes|true)$/i.test(text);
}

/** A number variable; null where it does not exist or is no number. */
export function numberOf(server: ServerReading, ...names: readonly string[]): number | null {
  const found = variable(server, ...names);
  if (found === undefined || !/^-?\d+(\.\d+)?$/.test(found)) return null;
  return Number(found);
}

/** The renamed variables of 8.0.26: the new name where the server has it. */
export function logUpdatesName(server: ServerReading): string {
  return server.variables['log_replica_updates'] === undefined ? 'log_slave_updates' : 'log_replica_updates';
}

/** From 8.0 a variable can be set so that it survives a restart. */
function canPersist(version: ServerVersion): boolean {
  return atLeast(version, 8, 0, 0);
}

/**
 * How to set dynamic variables on a server: SET PERSIST where it exists, else SET GLOBAL together with the lines of the
 * option file without which a restart forgets them. `text` overrides the plain instruction.
 */
export function setVariables(
  on: 'source' | 'standby',
  version: ServerVersion,
  settings: readonly (readonly [name: string, literal: string])[],
  text?: Message,
): Remedy {
  const persist = canPersist(version);
  const word = persist ? 'PERSIST' : 'GLOBAL';
  const sql = settings.map(([name, literal]) => `SET ${word} ${name} = ${literal}`);
  const plain = message(persist ? 'checks.remedy.persist' : 'checks.remedy.global');
  return persist ? { on, sql, text: text ?? plain } : { on, sql, config: configLines(settings), text: text ?? plain };
}

/** Lines of the option file for variables that only a restart changes. */
export function configure(on: 'source' | 'standby', settings: readonly (readonly [name: string, literal: string])[], text?: Message): Remedy {
  return { on, config: configLines(settings), text: text ?? message('checks.remedy.config') };
}

function configLines(settings: readonly (readonly [name: string, literal: string])[]): string[] {
  return ['[mysqld]', ...settings.map(([name, literal]) => `${name} = ${literal}`)];
}
