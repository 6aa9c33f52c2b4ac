/** Colours and signs; none where the output is no terminal or NO_COLOR is set. */
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

const paint =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { stream: process.stdout });

export const bold = paint('bold');
export const dim = paint('dim');
export const green = paint('green');
export const red = paint('red');
export const yellow = paint('yellow');
