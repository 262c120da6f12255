import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { addServiceFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { parseDuration } from '../../cli/options/time.ts';
import { flagHelp, parseDelimiter, parseInteger, parseRate } from '../../cli/options/values.ts';
import { UsageError } from '../../errors.ts';
import type { InputFormat } from '../../input/rows.ts';
import type { PlanOptions } from '../../upload/plan.ts';
import { LATE_MODES, type LateMode } from '../../usage/carry.ts';
import { parseProductCode } from '../../usage/fields.ts';
import type { MergeMode } from '../../usage/merge.ts';
import { ROUND_MODES, type RoundMode } from '../../usage/rounding.ts';
import { COLUMN_NAMES, type ColumnName } from '../../usage/row.ts';
import {
  isRelative,
  isTimezone,
  parseWhen,
  TIMESTAMP_FORMATS,
  type TimestampFormat,
  timestampReader,
} from '../../usage/timestamp.ts';
import { KNOWN_MODES, type KnownMode } from '../../usage/told.ts';
import type { World } from '../../world.ts';
import { HELP } from './help.ts';

/** What becomes of a row whose dimension AWS does not list. */
export const CHECK_MODES = ['warn', 'error', 'off'] as const;

export type CheckMode = (typeof CHECK_MODES)[number];

/** As typed; `batchMeaning` gives the words their meaning. */
export type BatchOptions = ServiceFlags & {
  readonly files: readonly string[];
  readonly productCode: string | undefined;
  readonly timestamp: string | undefined;
  /** Also files that an earlier run began with a relative time are usage of this time. */
  readonly newUsage: boolean;
  readonly timezone: string | undefined;
  readonly timestampFormat: TimestampFormat;
  readonly map: ReadonlyMap<ColumnName, string>;
  readonly delimiter: string | undefined;
  readonly inputFormat: InputFormat | undefined;
  readonly merge: MergeMode;
  readonly round: RoundMode | undefined;
  readonly late: LateMode;
  readonly skipInvalid: boolean;
  readonly skipOpen: boolean;
  readonly allowEmpty: boolean;
  readonly allowRoundAccounts: boolean;
  readonly allowNullText: boolean;
  /** As typed; undefined: as the variable says. */
  readonly checkDimensions: CheckMode | undefined;
  readonly dryRun: boolean;
  /** Requests a second; `none`: no limit; undefined: as AWS publishes it, for AWS. */
  readonly rate: number | 'none' | undefined;
  readonly concurrency: number;
  /** A file; false: none that outlives the run; undefined: the default. */
  readonly ledger: string | false | undefined;
  readonly waitMs: number;
  readonly results: string | undefined;
  /** A file; false: none; undefined: beside each input. */
  readonly rejects: string | false | undefined;
  readonly quiet: boolean;
  readonly knownProblems: KnownMode;
  /** With -o jsonl: no records that are billed. */
  readonly problemsOnly: boolean;
  /** A file or a URL. */
  readonly heartbeat: string | undefined;
  /** The same, for a run that reached its end. */
  readonly heartbeatEnd: string | undefined;
};

export const DEFAULT_CONCURRENCY = 8;
export const DEFAULT_GIVE_UP_AFTER = '30m';

export const addBatch = (program: Command, run: (options: BatchOptions) => Promise<void>): Command =>
  addServiceFlags(
    program
      .command('batch')
      .summary('upload usage records from CSV or JSON Lines files')
      .description(
        'Checks every row of the files, sends the records in as few requests as AWS allows (BatchMeterUsage), and ' +
          'reports the outcome of each. If a row is invalid, nothing is sent. Records that an earlier run left open ' +
          'are sent as well; without files, only those.',
      )
      .argument('[files...]', 'CSV (or .jsonl, .json) files, also with .gz; - for standard input')
      .optionsGroup('Input:')
      .option('--product-code <code>', 'the product, for files without a product_code column')
      .option('--timestamp <when>', 'the time, for files without a timestamp column: ISO 8601, now, -2h')
      .option(
        '--new-usage',
        'bill the file as new usage, even if an earlier run began it with --timestamp now or -1h',
      )
      .option('--timezone <zone>', 'time zone of timestamps without one, for example Europe/Berlin')
      .addOption(
        new Option(
          '--timestamp-format <format>',
          "format of the timestamp column; excel: Excel's day numbers",
        )
          .choices(TIMESTAMP_FORMATS)
          .default('auto'),
      )
      .option('--map <column=header>', 'take a column from this header; repeatable', collectMap)
      .option(
        '--delimiter <character>',
        "cell separator: a character or 'tab' (default: as in the header)",
        parseDelimiter,
      )
      .addOption(
        new Option('--input-format <format>', 'format of the files (default: by their ending)').choices([
          'csv',
          'jsonl',
          'json',
        ]),
      )
      .addOption(
        new Option('--merge <how>', 'rows of one customer, dimension and hour: reject them, or add them up')
          .choices(['none', 'sum'])
          .default('none'),
      )
      .addOption(
        new Option(
          '--round <how>',
          'fractions: round each record, or carry the rest to other hours (ampmeter help fractions)',
        ).choices(ROUND_MODES),
      )
      .addOption(
        new Option(
          '--late <how>',
          'a billed hour that has grown: report it, or carry the difference to another hour',
        )
          .choices(LATE_MODES)
          .default('conflict'),
      )
      .option('--skip-invalid', 'send the valid rows even if others are invalid')
      .option('--allow-empty', 'accept a file with a header and no rows')
      .option('--allow-round-accounts', 'accept account ids that end in six zeros or more')
      .option('--allow-null-text', 'accept NULL, None, NaN and the like as names and tags')
      .addOption(
        new Option(
          '--check-dimensions [how]',
          'compare dimensions with those that AWS lists: warn, error or off (default: $AMPMETER_CHECK_DIMENSIONS)',
        )
          .choices(CHECK_MODES)
          .preset('warn')
          .argParser(parseCheckMode),
      )
      .optionsGroup('Sending:')
      .option('--dry-run', 'check everything and show the plan; no usage is sent, nothing is saved')
      .option(
        '--rate <number>',
        "maximum requests per second, or 'none' (default: 10 for AWS, none elsewhere)",
        parseRate,
      )
      .addOption(
        new Option('--concurrency <number>', 'number of requests at a time')
          .argParser(parseInteger(1, 64))
          .default(DEFAULT_CONCURRENCY),
      ),
    DEFAULT_GIVE_UP_AFTER,
  )
    .optionsGroup('Ledger:')
    .option(
      '--ledger <file>',
      'what records what was billed: a file, or dynamodb://TABLE (default: $AMPMETER_LEDGER, or the state folder)',
    )
    .option('--no-ledger', 'keep no record across runs')
    .option('--skip-open', 'do not send records that earlier runs left open')
    .option('--wait <time>', 'how long to wait for another run to finish, for example 10m', parseDuration)
    .optionsGroup('Output:')
    .option('--results <file>', 'write every row with its outcome, as CSV or JSON Lines by the ending')
    .option(
      '--rejects <file>',
      'write the rows that are not billed (default: <input>.rejected.csv); numbered if it exists',
    )
    .option('--no-rejects', 'do not write that file')
    .option('-q, --quiet', 'print errors only: no report, no warnings; -o json or jsonl is still printed')
    .addOption(
      new Option(
        '--known-problems <how>',
        'problems that an earlier run has shown: report them, or ok: list them once a day, with exit code 0',
      )
        .choices(KNOWN_MODES)
        .default('report'),
    )
    .option('--problems-only', 'with -o jsonl: print problems and the summary, but no billed records')
    .option(
      '--heartbeat <file|url>',
      'when everything was billed (exit code 0), write FILE or request URL, for a monitor',
    )
    .option(
      '--heartbeat-end <file|url>',
      'the same when the run reached its end (exit code 0 or 4), even if rows are not billed',
    )
    .addHelpText('after', HELP)
    .action((files: string[], raw) =>
      run({
        ...serviceFlags(raw),
        files,
        productCode: raw.productCode,
        timestamp: raw.timestamp,
        newUsage: raw.newUsage ?? false,
        timezone: raw.timezone,
        timestampFormat: raw.timestampFormat,
        map: raw.map ?? new Map(),
        delimiter: raw.delimiter,
        inputFormat: raw.inputFormat,
        merge: raw.merge,
        round: raw.round,
        late: raw.late,
        skipInvalid: raw.skipInvalid ?? false,
        skipOpen: raw.skipOpen ?? false,
        allowEmpty: raw.allowEmpty ?? false,
        allowRoundAccounts: raw.allowRoundAccounts ?? false,
        allowNullText: raw.allowNullText ?? false,
        checkDimensions: raw.checkDimensions,
        dryRun: raw.dryRun ?? false,
        rate: raw.rate,
        concurrency: raw.concurrency,
        ledger: raw.ledger === true ? undefined : raw.ledger,
        waitMs: raw.wait ?? 0,
        results: raw.results,
        rejects: raw.rejects === true ? undefined : raw.rejects,
        quiet: raw.quiet ?? false,
        knownProblems: raw.knownProblems,
        problemsOnly: raw.problemsOnly ?? false,
        heartbeat: raw.heartbeat,
        heartbeatEnd: raw.heartbeatEnd,
      }),
    );

/** What the flags mean now. Throws UsageError that names the flag. */
export const batchMeaning = (options: BatchOptions, { now }: Pick<World, 'now'>): PlanOptions => {
  const { timezone, timestampFormat } = options;
  if (timezone !== undefined && !isTimezone(timezone)) {
    throw new UsageError(`--timezone: unknown time zone ${timezone}`, 'use a name like Europe/Berlin or UTC');
  }
  if (timestampFormat === 'excel' && timezone === undefined)
    throw new UsageError(
      '--timestamp-format excel needs --timezone: a day number has no time zone',
      'for example --timezone UTC or Europe/Berlin',
    );
  const instant = now();
  const when =
    options.timestamp === undefined ? undefined : parseWhen(options.timestamp, { now: instant, timezone });
  if (when?.ok === false) throw new UsageError(`--timestamp: ${when.message}`, flagHelp(when));
  if (options.newUsage && !isRelative(options.timestamp ?? ''))
    throw new UsageError('--new-usage needs a relative --timestamp', 'for example --timestamp now or -1h');
  const code = options.productCode === undefined ? undefined : parseProductCode(options.productCode, options);
  if (code?.ok === false) throw new UsageError(`--product-code: ${code.message}`, flagHelp(code));
  return {
    check: {
      now: instant,
      timestamp: when?.value,
      productCode: code?.value,
      readTimestamp: timestampReader(timezone, timestampFormat),
      round: options.round,
      carries: options.round === 'carry' || options.late === 'carry',
      allowRoundAccounts: options.allowRoundAccounts,
      allowNullText: options.allowNullText,
    },
    merge: options.merge,
    late: options.late,
    skipInvalid: options.skipInvalid,
  };
};

/** The value may be left out, so the next word may be a file. */
const parseCheckMode = (text: string): CheckMode => {
  const mode = CHECK_MODES.find(known => known === text);
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError(`Use ${CHECK_MODES.join(', ')}, or put the flag after the files.`);
};

const collectMap = (
  text: string,
  previous: ReadonlyMap<ColumnName, string> = new Map(),
): ReadonlyMap<ColumnName, string> => {
  const equals = text.indexOf('=');
  const column = COLUMN_NAMES.find(name => name === text.slice(0, Math.max(0, equals)).trim());
  if (column === undefined || text.slice(equals + 1).trim() === '') {
    throw new InvalidArgumentError(`Use column=Header; the columns are ${COLUMN_NAMES.join(', ')}.`);
  }
  if (previous.has(column)) throw new InvalidArgumentError(`${column} is mapped twice.`);
  return new Map([...previous, [column, text.slice(equals + 1)]]);
};
