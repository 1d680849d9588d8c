// Whether a link that stands goes on standing over a restart of its server, which else starts it by itself.
import { message, type Message } from '../../../i18n/message';
import { endedStates, isUnresolved, type TaskView } from '../../tasks/task';

/** What a restart of a server does to its link that stands. */
export type RestartOutlook =
  | { readonly stands: true }
  | {
    readonly stands: false;
    /** `version`: it cannot be set while the server runs; `unloaded`: persisted_globals_load is OFF; `refused`: the server refused it. */
    readonly why: 'version' | 'unloaded' | 'refused';
    readonly version: string;
    /** What keeps it standing, for section [mysqld] of the option file. */
    readonly optionLines: readonly string[];
  };

/** skip_replica_start as a server has it. */
export interface StartSetting {
  /** From 8.0.24 on it is a variable, and can be persisted. */
  readonly isVariable: boolean;
  /** What is persisted is read at its start. */
  readonly loads: boolean;
  readonly running: boolean;
  /** null: nothing is persisted. */
  readonly persisted: 'ON' | 'OFF' | null;
  /** Its option file or command line says so: performance_schema.variables_info. False where that may not be read. */
  readonly fromOptions: boolean;
}

/** Whether a restart starts the link: `kept`: not, as it is set; `set`: not, once it is persisted. */
export function startingOf({ isVariable, loads, running, persisted, fromOptions }: StartSetting): 'kept' | 'set' | 'version' | 'unloaded' {
  if (!isVariable) return 'version';
  // Where nothing persisted is read, it is on from the option file or the command line, and will be again.
  if (!loads) return running ? 'kept' : 'unloaded';
  if (persisted !== null) return persisted === 'ON' ? 'kept' : 'set';
  // Nor does it change elsewhere where its lines say so. Else what runs says nothing: it stays on after what was persisted was taken back.
  return running && fromOptions ? 'kept' : 'set';
}

/** What the user has to know and to do where a restart starts the link; null: it does not. */
export function restartWarning(server: string, outlook: RestartOutlook): Message | null {
  if (outlook.stands) return null;
  const { why, version, optionLines } = outlook;
  return message('readonly.restart.starts', { server, why, version, lines: optionLines.join('; ') });
}

/** The task that has the link of an instance in its hands: one under way, or one left half-way; null: none. What only reads is none once it is dead. */
export function taskInTheWay(tasks: readonly TaskView[], instanceId: string): TaskView | null {
  return tasks.find((task) => task.instanceIds.includes(instanceId) && (endedStates.includes(task.state) || task.state === 'interrupted'
    ? isUnresolved(task) && !task.kind.startsWith('backup')
    : true)) ?? null;
}
