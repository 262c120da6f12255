import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { BEHAVIOURS } from '../../emulator/behaviours/behaviours.ts';
import { FAULTS } from '../../emulator/faults/table.ts';
import { TEST_VALUES } from '../../emulator/market/test-values.ts';
import { PROSE_WIDTH, wrap, wrapAfter } from '../../render/text/width.ts';

/** Each text beside its name. */
const listed = (texts: readonly (readonly [name: string, text: string])[], indent: string): string => {
  const width = Math.max(...texts.map(([name]) => name.length));
  return texts
    .map(([name, text]) => {
      const before = `${indent}${name.padEnd(width)}  `;
      return `${before}${wrapAfter(before, text, PROSE_WIDTH)}\n`;
    })
    .join('');
};

/** Each fault with its default parameter, and what it does. */
const faultsHelp = (): string =>
  listed(
    FAULTS.map(({ name, parameter, description }) => [
      `${name}${parameter === undefined ? '' : `[@${parameter.byDefault || 'PARAMETER'}]`}`,
      description,
    ]),
    '  ',
  );

/** For each behavior its question, then its readings, the default first, with their sources. */
const behavioursHelp = (): string =>
  BEHAVIOURS.map(({ name, about, readings }) => {
    const texts = readings.map(
      ({ reading, description, source }) => [reading, `${description} (${source})`] as const,
    );
    return `  ${wrap(`${name}: ${about}`, PROSE_WIDTH - 4, '    ')}\n${listed(texts, '    ')}`;
  }).join('');

const testValuesHelp = (): string =>
  TEST_VALUES.map(({ member, value, description }) => {
    const text = wrap(description, PROSE_WIDTH - 6, ' '.repeat(6));
    return `  ${member} ${value}\n      ${text}\n`;
  }).join('');

/** The help after the flags. */
export const EMULATOR_HELP = `
Faults, with the default of PARAMETER; they affect the metering service only:
${faultsHelp()}
Behaviors, for points on which AWS's sources disagree or are silent. The first
reading is the default; the source of each reading is in parentheses:
${behavioursHelp()}
A catalog is a JSON file with products, customers, agreements and licenses,
registration tokens, and accounts with keys and permissions. All sections are
optional. examples/emulator has an example, catalog.json, and its schema,
catalog.schema.json, which describes each member. Anything that is not in the
catalog does not exist, except test values of ProductCode and RegistrationToken
that the catalog does not use. Times are compared with --clock.
The agreements and products of the catalog are also served by SearchAgreements,
GetAgreementTerms, ListEntities and DescribeEntity, each with AWS's quota;
without a catalog, a small sample market is. Faults and CloudTrail do not
include these calls.
/_emulator/catalog shows, replaces and removes the catalog (GET, POST, DELETE);
a reset keeps it.

Test values that trigger errors, like the test cards of a payment provider:
${testValuesHelp()}
Examples:
  ampmeter emulator
  ampmeter emulator --port 0 -o json
  ampmeter emulator --rate 10 --seed 7 \\
    --fault reset-after:0.1 --fault error503:0.05@2
  ampmeter emulator --clock 2026-12-01T05:59:59Z --log requests.jsonl
  ampmeter emulator --behaviour batch-window=6h \\
    --behaviour identical-resend=duplicate
  AWS_ENDPOINT_URL=http://127.0.0.1:4100 AWS_ACCESS_KEY_ID=AKIDEXAMPLE \\
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY \\
    ampmeter batch usage.csv
  curl http://127.0.0.1:4100/_emulator/faults \\
    -d '{"next": ["reset-after", "ok", "error503@2"]}'
  ampmeter emulator --catalog catalog.json --clock 2026-12-01T05:59:59Z
  ampmeter emulator --state emulator.jsonl --cloudtrail trail
  aws cloudtrail lookup-events --region us-east-1 \\
    --endpoint-url http://127.0.0.1:4100
  aws sts get-caller-identity --region us-east-1 \\
    --endpoint-url http://127.0.0.1:4100
  curl http://127.0.0.1:4100/_emulator/catalog -d @catalog.json
  curl http://127.0.0.1:4100/_emulator/clock -d '{"advance": "1h"}'

${exitCodesHelp([1, 2, 130])}`;
