import { show } from './escape.ts';
import type { Format } from './members.ts';
import type { Paint } from './style.ts';

/** A warning for standard error: a line for people, or JSON for scripts. */
export const warningText = (message: string, format: Format, paint: Paint): string =>
  format === 'table'
    ? `${paint.warn('warning:')} ${show(message)}\n`
    : `${JSON.stringify({ type: 'warning', message })}\n`;

/** The same for information that is not a problem. `members`: facts that scripts would otherwise have to parse. */
export const noticeText = (message: string, format: Format, paint: Paint, members: object = {}): string =>
  format === 'table'
    ? `${paint.dim(show(message))}\n`
    : `${JSON.stringify({ type: 'notice', message, ...members })}\n`;
