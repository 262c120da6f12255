import { PROSE_WIDTH, wrap } from '../../../render/text/width.ts';
import { deadlineOf, WINDOWS } from '../../../usage/windows.ts';

const EXAMPLES = ['2026-11-22T10:00:00Z', '2026-11-30T18:00:00Z'];

/** From the table that decides. */
export const windowsTopic = (): string => {
  const { hours, monthEndHour } = WINDOWS.BatchMeterUsage;
  const hour = `${String(monthEndHour).padStart(2, '0')}:00 UTC`;
  const examples = EXAMPLES.map(example => {
    const deadline = deadlineOf(Date.parse(example) / 1000, WINDOWS.BatchMeterUsage);
    return `  ${short(example)}   can be sent until   ${short(new Date(deadline).toISOString())}\n`;
  });
  const paragraphs = [
    `AWS bills by the hour in UTC, and accepts usage for a limited time after it happened. Later usage is rejected and can no longer be billed.`,
    `batch (BatchMeterUsage): ${hours} hours, counted from the start of the hour. Usage of a month is accepted until ${hour} on the 1st of the next month, even if it is less than 24 hours old.`,
    `meter (MeterUsage): ${WINDOWS.MeterUsage.hours} hours.`,
  ];
  const rest = [
    'AWS does not document whether the limit is counted from the timestamp or from the start of the current hour; ampmeter uses the stricter one. Some AWS pages, for example those for China, still say 6 hours or 1 hour for BatchMeterUsage.',
    'Usage must not be from before the start of the subscription. When a subscription ends, AWS accepts the last records for about one hour after its notification.',
    'batch sends the records that expire first before the others. Records that are already too old get the status expired and do not block the rest. Usage of the current hour is accepted as well, but its first quantity is final: report an hour when it is over.',
  ];
  return `${paragraphs.map(filled).join('\n')}
For example, by batch:

${examples.join('')}
${rest.map(filled).join('\n')}`;
};

const filled = (text: string): string => `${wrap(text, PROSE_WIDTH)}\n`;

const short = (instant: string): string => `${instant.slice(0, 16)}Z`;
