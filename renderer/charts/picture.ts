import { drawChart, type ChartModel, type Ink } from './draw';

/** One chart of a picture, with its lines in words. */
export interface PicturePart {
  readonly title: string;
  readonly legend: string;
  readonly model: ChartModel;
}

const part = { width: 460, height: 170, head: 36, gap: 16, columns: 3, margin: 20, top: 44 } as const;
/** Sharp on paper too. */
const ratio = 2;

/** Charts as one picture, as base64 of a PNG. @throws Error where the system gives no canvas */
export function pictureOf(title: string, parts: readonly PicturePart[], ink: Ink & { readonly ground: string; readonly strong: string }): string {
  const lines = Math.ceil(parts.length / part.columns);
  const width = part.margin * 2 + part.columns * part.width + (part.columns - 1) * part.gap;
  const height = part.margin + part.top + lines * (part.height + part.head + part.gap);
  const canvas = document.createElement('canvas');
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext('2d');
  const single = document.createElement('canvas');
  single.width = part.width * ratio;
  single.height = part.height * ratio;
  const one = single.getContext('2d');
  if (pen === null || one === null) throw new Error('no canvas');
  one.scale(ratio, ratio);
  pen.scale(ratio, ratio);
  pen.fillStyle = ink.ground;
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = 'top';
  pen.fillStyle = ink.strong;
  pen.font = `600 16px ${ink.font}`;
  pen.fillText(title, part.margin, part.margin, width - 2 * part.margin);
  for (const [at, { title: name, legend, model }] of parts.entries()) {
    const x = part.margin + (at % part.columns) * (part.width + part.gap);
    const y = part.margin + part.top + Math.floor(at / part.columns) * (part.height + part.head + part.gap);
    pen.fillStyle = ink.strong;
    pen.font = `600 12px ${ink.font}`;
    pen.fillText(name, x, y, part.width);
    pen.fillStyle = ink.text;
    pen.font = `11px ${ink.font}`;
    pen.fillText(legend, x, y + 16, part.width);
    drawChart(one, part.width, part.height, model, ink);
    pen.drawImage(single, x, y + part.head, part.width, part.height);
  }
  return canvas.toDataURL('image/png').split(',')[1] ?? '';
}
