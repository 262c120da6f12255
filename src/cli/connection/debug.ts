import type { WireEvent } from '../../metering/trace.ts';
import { show } from '../../render/text/escape.ts';
import type { Paint } from '../../render/text/style.ts';

/** A longer body is truncated; 25 ordinary records are shorter. Characters. */
const MAX_BODY_LENGTH = 8_000;

/** What `--debug` prints of an event. */
export const debugText = (event: WireEvent, paint: Paint): string =>
  linesOf(event)
    .map(line => `${paint.dim('debug:')} ${line}\n`)
    .join('');

const linesOf = (event: WireEvent): string[] => {
  switch (event.kind) {
    case 'request':
      return [
        `> ${event.operation}, attempt ${event.attempt}: ${event.method ?? 'POST'} ${show(event.url)}`,
        ...headerLines('>', event.headers),
        `> ${bodyText(event.body)}`,
      ];
    case 'reply':
      return [
        `< ${event.operation}: HTTP ${event.status} after ${Math.round(event.ms)} ms`,
        ...headerLines('<', event.headers),
        `< ${bodyText(event.body)}`,
      ];
    case 'no-reply':
      return [`< ${event.operation}: ${event.code} after ${Math.round(event.ms)} ms: ${show(event.message)}`];
    case 'retry':
      return [`! ${event.operation}: ${show(event.because)}; retrying in ${Math.round(event.delayMs)} ms`];
    default:
      return event satisfies never;
  }
};

const headerLines = (mark: string, headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).map(([name, value]) => `${mark} ${show(name)}: ${show(value)}`);

const bodyText = (body: string): string =>
  body.length <= MAX_BODY_LENGTH
    ? show(body)
    : `${show(body.slice(0, MAX_BODY_LENGTH))} … ${body.length - MAX_BODY_LENGTH} more characters`;
