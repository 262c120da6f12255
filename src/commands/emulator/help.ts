import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { BEHAVIOURS } from '../../emulator/behaviours/behaviours.ts';
import { FAULTS } from '../../emulator/faults/table.ts';
import { TEST_VALUES } from '../../emulator/market/test-values.ts';

/** A line for each fault: how it is written, with its usual parameter, and what it does. */
const faultsHelp = (): string => {
  const written = ({ name, parameter }: (typeof FAULTS)[number]): string =>
    `${name}${parameter === undefined ? '' : `[@${parameter.byDefault || 'PARAMETER'}]`}`;
  const width = Math.max(...FAULTS.map(fault => written(fault).length));
  return FAULTS.map(fault => `  ${written(fault).padEnd(width)}  ${fault.description}\n`).join('');
};

/** For each name what it is about, then its readings, the default first, with who says so. */
const behavioursHelp = (): string =>
  BEHAVIOURS.map(({ name, about, readings }) => {
    const width = Math.max(...readings.map(({ reading }) => reading.length));
    const lines = readings.map(({ reading, description, source }) => {
      const start = `    ${reading.padEnd(width)}  ${description}`;
      const line = `${start} (${source})`;
      return line.length <= 100 ? line : `${start}\n${' '.repeat(width + 6)}(${source})`;
    });
    return `  ${name}: ${about}\n${lines.join('\n')}\n`;
  }).join('');

const testValuesHelp = (): string =>
  TEST_VALUES.map(({ member, value, description }) => {
    const line = `  ${`${member} ${value}`.padEnd(36)} ${description}`;
    return line.length <= 100 ? `${line}\n` : `  ${member} ${value}\n      ${description}\n`;
  }).join('');

/** What follows the flags. */
export const EMULATOR_HELP = `
Faults, by name, with what PARAMETER is when it is left out:
${faultsHelp()}
Behaviours, where AWS's sources disagree or are silent: readings, the default first (who says so):
${behavioursHelp()}
A catalog is a JSON file: products, customers, agreements and licenses, registration tokens,
accounts with keys and permissions. All of it may be left out; examples/emulator has a
catalog.json, and the schema catalog.schema.json with a sentence for each member. What is not in
the catalog does not exist, except test values of ProductCode and RegistrationToken that it does
not use itself. Its times go by --clock.
/_emulator/catalog shows, replaces and drops it (GET, POST, DELETE); a reset leaves it alone.

Values that stand for trouble, like a payment provider's test cards:
${testValuesHelp()}
Examples:
  ampmeter emulator
  ampmeter emulator --port 0 -o json
  ampmeter emulator --rate 10 --fault reset-after:0.1 --fault error503:0.05@2 --seed 7
  ampmeter emulator --clock 2026-12-01T05:59:59Z --log requests.jsonl
  ampmeter emulator --behaviour identical-resend=duplicate --behaviour batch-window=6h
  AWS_ENDPOINT_URL=http://127.0.0.1:4100 AWS_ACCESS_KEY_ID=AKIDEXAMPLE \\
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY ampmeter batch usage.csv
  curl http://127.0.0.1:4100/_emulator/faults -d '{"next": ["reset-after", "ok", "error503@2"]}'
  ampmeter emulator --catalog catalog.json --clock 2026-12-01T05:59:59Z
  ampmeter emulator --state emulator.jsonl --cloudtrail trail
  aws cloudtrail lookup-events --endpoint-url http://127.0.0.1:4100 --region us-east-1
  aws sts get-caller-identity --endpoint-url http://127.0.0.1:4100 --region us-east-1
  curl http://127.0.0.1:4100/_emulator/catalog -d @catalog.json
  curl http://127.0.0.1:4100/_emulator/clock -d '{"advance": "1h"}'

${exitCodesHelp([1, 2, 130])}`;
