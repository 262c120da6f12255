import { show } from './escape.ts';
import type { Format } from './members.ts';
import type { Paint } from './style.ts';

/** A warning on standard error: a line for people, or of JSON for scripts. */
export const warningText = (message: string, format: Format, paint: Paint): string =>
  format === 'table'
    ? `${paint.warn('warning:')} ${show(message)}\n`
    : `${JSON.stringify({ type: 'warning', message })}\n`;

/** The same for what is no trouble but must be known. `members`: what scripts would have to cut out of the sentence. */
export const noticeText = (message: string, format: Format, paint: Paint, members: object = {}): string =>
  format === 'table'
    ? `${paint.dim(show(message))}\n`
    : `${JSON.stringify({ type: 'notice', message, ...members })}\n`;
