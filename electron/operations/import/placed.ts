// What is told of a line: of a folder with the file that the line is of.
import type { DumpPart } from '../../../shared/domain/operations/import/parts';
import type { MessageParams } from '../../../shared/i18n/message';

/** A text that tells a line. */
export type PlacedKey =
  | 'import.log.stopped' | 'import.log.stopped-unknown' | 'import.log.again' | 'import.log.lost' | 'import.log.depends' | 'import.judge.under-way';

/** A text with what fills it; where there is a file of a folder, the text that names it too. */
export function placed(
  key: PlacedKey, params: MessageParams, part: DumpPart | null | undefined,
): readonly [PlacedKey | `${PlacedKey}.part`, MessageParams] {
  return part == null ? [key, params] : [`${key}.part`, { ...params, part: part.name }];
}
