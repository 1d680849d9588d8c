import * as v from 'valibot';
import { fleetColumns, fleetFilters, listGroupings, mostSavedFilters } from '../domain/fleet/saved-filter';
import { id, name } from './inputs';

/** A list of instances under a name. */
export const savedFilter = v.strictObject({
  name, filter: v.picklist(fleetFilters), regionId: v.nullable(id), search: v.pipe(v.string(), v.maxLength(200)), column: v.picklist(fleetColumns),
  down: v.boolean(), grouping: v.picklist(listGroupings),
});

export const settingsChange = v.partial(
  v.strictObject({
    language: v.picklist(['system', 'zh-CN', 'en']),
    theme: v.picklist(['system', 'light', 'dark']),
    timeZone: v.picklist(['local', 'utc']),
    pollSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(60)),
    lagWarningSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(86_400)),
    tasksAtOnce: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
    notices: v.boolean(),
    savedFilters: v.pipe(v.array(savedFilter), v.maxLength(mostSavedFilters), v.readonly()),
  }),
);
