import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addServiceFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { collect } from '../../cli/options/values.ts';
import { ROUND_ALONE } from '../../usage/rounding.ts';

/** As typed; `meterInput` finds out what it means. */
export type MeterOptions = ServiceFlags & {
  readonly productCode: string;
  readonly dimension: string;
  readonly quantity: string;
  readonly round: RoundAlone | undefined;
  readonly timestamp: string;
  readonly timezone: string | undefined;
  readonly allocation: readonly string[];
  readonly allocations: string | undefined;
  readonly clientToken: string | undefined;
  readonly allowNullText: boolean;
  readonly dryRun: boolean;
};

type RoundAlone = (typeof ROUND_ALONE)[number];

/** How long a call is retried by default. */
export const DEFAULT_GIVE_UP_AFTER = '30s';

export const addMeter = (program: Command, run: (options: MeterOptions) => Promise<void>): Command =>
  addServiceFlags(
    program
      .command('meter')
      .summary('report one quantity from inside the running product')
      .description(
        'Reports usage of an AMI, container or agent product from the instance, task or pod it runs in (MeterUsage). ' +
          'AWS accepts one report for each dimension and hour, and keeps the first quantity. For SaaS products, use batch.',
      )
      .optionsGroup('Input:')
      .requiredOption('--product-code <code>', 'the product')
      .requiredOption('--dimension <name>', "the dimension's API name")
      .requiredOption(
        '--quantity <number>',
        'units used; 0 must be given explicitly, and is as final for its hour as any other quantity',
      )
      .addOption(
        new Option('--round <how>', 'round a fraction to the whole units that AWS bills')
          .choices(ROUND_ALONE)
          .argParser(parseRound),
      )
      .option(
        '--timestamp <when>',
        'time of the usage: ISO 8601 with a zone, epoch seconds, now, or -2h',
        'now',
      )
      .option('--timezone <zone>', 'zone of a timestamp without one, for example Europe/Berlin')
      .option(
        '--allocation <tags:quantity>',
        "part of the quantity, for example 'Dept=Sales,Env=prod:12'; repeatable",
        collect,
      )
      .option('--allocations <file>', 'the allocations as JSON, as in the API; - for standard input')
      .option('--allow-null-text', 'accept NULL, None, NaN and the like as names and tags')
      .optionsGroup('Sending:')
      .option(
        '--client-token <token>',
        'makes the call repeatable, together with a fixed --timestamp (default: a random one)',
      )
      .option('--dry-run', 'ask AWS whether the call is permitted; nothing is recorded'),
    DEFAULT_GIVE_UP_AFTER,
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...serviceFlags(raw),
        productCode: raw.productCode,
        dimension: raw.dimension,
        quantity: raw.quantity,
        round: raw.round,
        timestamp: raw.timestamp,
        timezone: raw.timezone,
        allocation: raw.allocation ?? [],
        allocations: raw.allocations,
        clientToken: raw.clientToken,
        allowNullText: raw.allowNullText ?? false,
        dryRun: raw.dryRun ?? false,
      }),
    );

const HELP = `
Examples:
  ampmeter meter --product-code 4ml54db8vrmjuykaw1psroool --dimension users \\
      --quantity 3
  ampmeter meter --product-code 4ml54db8vrmjuykaw1psroool --dimension users \\
      --quantity 3 --dry-run
  ampmeter meter --product-code 4ml54db8vrmjuykaw1psroool --dimension users \\
      --quantity 3 --timestamp 2026-11-29T09:12:31Z --client-token job-4711
  ampmeter meter --product-code example --dimension gb --quantity 15 \\
      --allocation Dept=Sales:12 --allocation Dept=IT:3 --local
  ampmeter meter --product-code example --dimension gb --quantity 1.7 \\
      --round up --local

A call without a reply may have been recorded. ampmeter then prints the command
that repeats it with the same time and token. Only that command repeats the same
call: a call with another time or token is a new report, which AWS may bill as
well.

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 130], { 5: 'not finished; run the command that is printed', 130: 'stopped by SIGINT (129 SIGHUP, 143 SIGTERM); run the printed command' })}`;

/** Why `carry` is not among the choices. */
const parseRound = (text: string): RoundAlone => {
  const mode = ROUND_ALONE.find(name => name === text);
  if (mode !== undefined) return mode;
  const because = 'What is carried is computed from the records in a ledger, and meter has none. ';
  throw new InvalidArgumentError(
    `${text === 'carry' ? because : ''}Allowed choices are ${ROUND_ALONE.join(', ')}.`,
  );
};
