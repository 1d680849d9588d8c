import { atLeast, type ServerVersion } from '../../shared/domain/fleet/version';
import { quoteString } from '../mysql/quote';

/**
 * SQL: a text that differs where two documents differ in what they hold or in a type (1.5 as DECIMAL or DOUBLE, a date or a string, 5 signed or
 * unsigned), which their text does not tell. NULL for NULL. Not the size that a server keeps a document in, which tells of earlier changes.
 *
 * @param version the older of the two servers that are compared: both are asked in the same words
 * @param places paths of everything whose type the text leaves open, where these are known: each is asked, which costs least. Else the types of all
 *   that is in the document are gone through, from 8.0.4 on by JSON_TABLE, in the order of the document; before, strings are told from what only
 *   prints like one, and numbers by their text.
 */
export function jsonTyped(expression: string, version: ServerVersion, places?: readonly string[]): string {
  const text = `CONVERT(${expression} USING utf8mb4)`;
  const compared = atLeast(version, 8, 0) ? text : inOneForm(text);
  return `CONCAT(SHA2(${compared},256),':',${typesIn(expression, version, places)})`;
}

/**
 * Before 8.0 a server prints a DOUBLE of a whole value without its `.0`, and line ends in the text of bytes as they are. Of bytes it keeps more
 * kinds than its SQL makes.
 */
function inOneForm(text: string): string {
  const kinds = ['13', '249', '250', '251', '253', '254'].reduce(
    (inner, kind) => `REPLACE(${inner},'base64:type${kind}:','base64:type15:')`,
    `REPLACE(${text},'\n','\\n')`,
  );
  const bytes = `IF(LOCATE('base64:type',${text})>0,${kinds},${text})`;
  return `TRIM(TRAILING '.0' FROM ${[',', '}', ']'].reduce((inner, mark) => `REPLACE(${inner},'.0${mark}','${mark}')`, bytes)})`;
}

function typesIn(document: string, version: ServerVersion, places: readonly string[] | undefined): string {
  if (places !== undefined) {
    if (places.length === 0) return "''";
    const types = `CONCAT_WS(',',${places.map((path) => `JSON_TYPE(JSON_EXTRACT(${document},${quoteString(path)}))`).join(',')})`;
    return `SHA2(${atLeast(version, 8, 0, 4) ? types : `REPLACE(REPLACE(${types},'TIMESTAMP','DATETIME'),'OPAQUE','BLOB')`},256)`;
  }
  if (!atLeast(version, 8, 0, 4)) return `IFNULL(SHA2(JSON_SEARCH(${document},'all','%'),256),'')`;
  return (
    `CONCAT(JSON_TYPE(${document}),(SELECT IFNULL(SUM(CRC32(CONCAT(n,JSON_TYPE(v)))),'') ` +
    `FROM JSON_TABLE(JSON_EXTRACT(${document},'$**.*','$**[*]'),'$[*]' COLUMNS (n FOR ORDINALITY, v JSON PATH '$')) AS walked))`
  );
}
