import { PROSE_WIDTH, wrap } from '../../../render/text/wrap.ts';
import { deadlineOf, WINDOWS } from '../../../usage/windows.ts';

const EXAMPLES = ['2026-11-22T10:00:00Z', '2026-11-30T18:00:00Z'];

/** From the very table that decides. */
export const windowsTopic = (): string => {
  const { hours, monthEndHour } = WINDOWS.BatchMeterUsage;
  const hour = `${String(monthEndHour).padStart(2, '0')}:00 UTC`;
  const examples = EXAMPLES.map(example => {
    const deadline = deadlineOf(Date.parse(example) / 1000, WINDOWS.BatchMeterUsage);
    return `  ${short(example)}   can be sent until   ${short(new Date(deadline).toISOString())}\n`;
  });
  const paragraphs = [
    `AWS bills by the hour in UTC, and takes usage for a limited time after it happened. What comes later is refused, and cannot be billed any more.`,
    `batch (BatchMeterUsage): ${hours} hours, counted from the start of the hour. Usage of a month is taken until ${hour} on the 1st of the next month, however young it is.`,
    `meter (MeterUsage): ${WINDOWS.MeterUsage.hours} hours.`,
  ];
  const rest = [
    'AWS does not say whether the limit is counted from the timestamp or from the start of the current hour; ampmeter takes the stricter. Older pages of AWS still say 6 hours or 1 hour for BatchMeterUsage, those for China among them.',
    'Usage must not lie before the start of the subscription. When a subscription ends, AWS takes the last records for about one hour after its notification.',
    'batch sends what expires first, first; what is too old already is named with the status expired and holds nothing else up. The hour that is still going on is taken, too, but its first quantity counts for ever: report it when it is over.',
  ];
  return `${paragraphs.map(filled).join('\n')}
For example, by batch:

${examples.join('')}
${rest.map(filled).join('\n')}`;
};

const filled = (text: string): string => `${wrap(text, PROSE_WIDTH)}\n`;

const short = (instant: string): string => `${instant.slice(0, 16)}Z`;
