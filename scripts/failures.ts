import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

type Failure = Extract<TestEvent, { type: 'test:fail' }>['data'];

/** A reporter for `node --test`: a paragraph for each failed test, without the suites that contain them. */
// biome-ignore lint/style/noDefaultExport: Node takes a reporter from the default export.
export default async function* failures(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type === 'test:fail' && !hasFailedWithin(data)) yield textOf(data);
  }
}

const hasFailedWithin = ({ details }: Failure): boolean =>
  (details.error as { failureType?: string }).failureType === 'subtestsFailed';

const textOf = ({ name, file, line, details }: Failure): string => {
  const { error } = details;
  const cause = error.cause instanceof Error ? error.cause : error;
  const place = file === undefined ? '' : `${relative('.', file)}:${line ?? 1}`;
  return `✖ ${place} ${name}\n${String(cause.stack ?? cause.message).replace(/^/gm, '  ')}\n`;
};
