import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConnectionFlags } from '../../metering/destination.ts';
import type { Format } from '../../render/text/members.ts';
import type { ColorFlag } from '../../render/text/style.ts';

/** Flags that every command with a result has. */
export type OutputFlags = { readonly output: Format; readonly color: ColorFlag; readonly debug: boolean };

/** Flags of commands that call the service. */
export type ServiceFlags = OutputFlags &
  ConnectionFlags & {
    readonly local: boolean;
    readonly showRequest: boolean;
    /** A file of certificate authorities. */
    readonly caBundle: string | undefined;
    readonly giveUpAfterMs: number;
    /** Errors are said, and nothing else. */
    readonly quiet?: boolean;
  };

/** `more`: formats that this command has besides those of every command. */
export const addOutputFlags = (command: Command, more: readonly string[] = []): Command =>
  command
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <format>', 'how the result is printed')
        .choices(['table', 'json', 'jsonl', ...more])
        .default('table'),
    )
    .addOption(
      new Option('--color <when>', 'use of colour').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--debug', 'show every request and reply on standard error, secrets masked');

/** How AWS is reached. `giveUpAfter` is the default, as it is typed. */
export const addConnectionFlags = (command: Command, giveUpAfter: string): Command =>
  command
    .optionsGroup('Connection:')
    .option('--profile <name>', 'profile of the AWS config to take credentials and Region from')
    .option('--region <region>', 'AWS Region to call')
    .option('--endpoint-url <url>', 'call this instead of AWS, for example an emulator')
    .option('--dual-stack', 'use the endpoint that has IPv6')
    .option('--fips', 'use the FIPS endpoint')
    .option('--ca-bundle <file>', 'trust the certificate authorities in this PEM file, and no others')
    .addOption(
      new Option(
        '--give-up-after <time>',
        'give up on a request after this time (90s, 30m), sooner when nobody is there',
      )
        .argParser(parseDuration)
        .default(parseDuration(giveUpAfter), giveUpAfter),
    );

export const addServiceFlags = (command: Command, giveUpAfter: string): Command =>
  addOutputFlags(
    addConnectionFlags(command, giveUpAfter)
      .option('--local', 'call a private emulator on this machine; no AWS account needed, nothing is billed')
      .option('--show-request', 'print the signed request as a curl command and send nothing'),
  );

/** What Commander makes of the flags above. */
type RawServiceFlags = {
  output: Format;
  color: ColorFlag;
  debug?: boolean;
  profile?: string;
  region?: string;
  endpointUrl?: string;
  dualStack?: boolean;
  fips?: boolean;
  local?: boolean;
  showRequest?: boolean;
  caBundle?: string;
  giveUpAfter: number;
};

export const serviceFlags = (raw: RawServiceFlags): ServiceFlags => ({
  output: raw.output,
  color: raw.color,
  debug: raw.debug ?? false,
  profile: raw.profile,
  region: raw.region,
  endpointUrl: raw.endpointUrl,
  dualStack: raw.dualStack ?? false,
  fips: raw.fips ?? false,
  local: raw.local ?? false,
  showRequest: raw.showRequest ?? false,
  caBundle: raw.caBundle,
  giveUpAfterMs: raw.giveUpAfter,
});

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `30m`, `1h` or `500ms`, in milliseconds. */
export const parseDuration = (text: string): number => {
  const match = /^([0-9]{1,6})(ms|s|m|h)$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  if (ms > 0) return ms;
  throw new InvalidArgumentError('Write a number and a unit, such as 90s, 30m or 1h.');
};

/** What `parseDuration` reads, in the largest unit that is exact. */
export const durationText = (ms: number): string => {
  for (const unit of ['h', 'm', 's'] as const)
    if (ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  return `${ms}ms`;
};

/** Requests a second. */
export const parseRate = (text: string): number | 'none' => {
  if (text === 'none') return text;
  const rate = /^[0-9]{1,5}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError("Write requests a second, such as 10 or 2.5, or 'none'.");
};

/** A whole number in plain digits. */
export const parseInteger =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^(0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** Collects the values of a flag that may be given more than once. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  value,
];
