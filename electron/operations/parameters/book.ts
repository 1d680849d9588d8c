import * as v from 'valibot';
import { changeOutcomes, entryStates, type ParameterEntry } from '../../../shared/domain/operations/parameters/history';
import { keepings } from '../../../shared/domain/operations/parameters/change';
import { mostTemplates, type ParameterTemplate } from '../../../shared/domain/operations/parameters/template';
import type { AppError } from '../../../shared/errors/codes';
import { failure } from '../../../shared/errors/codes';
import { openDocument, type OpenDocument } from '../../storage/document';

const standing = v.object({ value: v.string(), persisted: v.nullable(v.string()) });
const error: v.GenericSchema<unknown, AppError> = v.custom<AppError>(
  (value) => typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' && 'params' in value,
);

const schema = v.object({
  history: v.array(v.object({
    id: v.string(),
    instanceId: v.string(),
    name: v.string(),
    at: v.number(),
    actor: v.string(),
    state: v.picklist(entryStates),
    changes: v.array(v.object({
      name: v.string(), keep: v.picklist(keepings), value: v.string(), before: standing, after: v.nullable(standing), outcome: v.picklist(changeOutcomes),
    })),
    optionLines: v.array(v.string()),
    undoes: v.nullable(v.string()),
    error: v.nullable(error),
  })),
  templates: v.array(v.object({
    id: v.string(), name: v.string(), settings: v.array(v.object({ name: v.string(), value: v.string() })), savedAt: v.number(), from: v.string(),
  })),
});
type BookFile = v.InferOutput<typeof schema>;

/** Most entries that are kept, of all servers together. */
const mostEntries = 2000;

/** What was changed, and templates, kept in `parameters.json`. An entry is on the disk before its first statement runs. */
export class ParameterBook {
  readonly #document: OpenDocument<BookFile>;

  /** See `openDocument` for what it throws. */
  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'parameters', version: 1, schema, empty: { history: [], templates: [] } });
  }

  /** Newest first. */
  history(instanceId: string): readonly ParameterEntry[] {
    return this.#document.get().history.filter((one) => one.instanceId === instanceId).reverse();
  }

  entry(id: string): ParameterEntry {
    const found = this.#document.get().history.find((one) => one.id === id);
    if (found === undefined) throw failure('not-found', { kind: 'change', name: id });
    return found;
  }

  /** Adds an entry, or takes the place of the one with its id. */
  note(entry: ParameterEntry): void {
    const line = { ...entry, changes: [...entry.changes], optionLines: [...entry.optionLines] };
    this.#document.update((old) => {
      const at = old.history.findIndex(({ id }) => id === entry.id);
      return { ...old, history: at === -1 ? [...old.history, line].slice(-mostEntries) : old.history.with(at, line) };
    });
  }

  templates(): readonly ParameterTemplate[] {
    return this.#document.get().templates;
  }

  template(id: string): ParameterTemplate {
    const found = this.templates().find((one) => one.id === id);
    if (found === undefined) throw failure('not-found', { kind: 'template', name: id });
    return found;
  }

  saveTemplate(template: ParameterTemplate): void {
    const { templates } = this.#document.get();
    const others = templates.filter(({ name }) => name !== template.name);
    if (others.length >= mostTemplates) throw failure('invalid-input', { field: 'templates', reason: `${mostTemplates}` });
    this.#document.update((old) => ({
      ...old, templates: [...old.templates.filter(({ name }) => name !== template.name), { ...template, settings: [...template.settings] }],
    }));
  }

  removeTemplate(id: string): void {
    this.template(id);
    this.#document.update((old) => ({ ...old, templates: old.templates.filter((one) => one.id !== id) }));
  }
}

