import { debugText } from '../../cli/connection/debug.ts';
import { waitForCredentials } from '../../cli/connection/target.ts';
import { type Checked, checkedJson, checkedText } from '../../render/text/checks.ts';
import { type Terminal, terminalFor } from '../../render/text/terminal.ts';
import type { Operation } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import { BECAUSE_ABOVE, type Finding, ok, skipped } from './checks/check.ts';
import { checkLedger } from './checks/ledger.ts';
import { checkSettings, type Settings } from './checks/settings.ts';
import { policyFor } from './iam-policy.ts';
import type { DoctorOptions, Examined } from './options.ts';

const OPERATIONS: Readonly<Record<Examined, Operation>> = {
  batch: 'BatchMeterUsage',
  resolve: 'ResolveCustomer',
  meter: 'MeterUsage',
  register: 'RegisterUsage',
};

/**
 * Looks at everything a command needs, what is here first; then what is elsewhere, side by side. The ledger is read
 * before anything is asked: reading holds the process up, and an answer could seem late.
 */
export const runDoctor = async (options: DoctorOptions, world: World): Promise<number> => {
  const { command, output, color } = options;
  const terminal = terminalFor(world, color);
  const here = [programFinding(world), ...checkLedger(options.ledger, world)];
  const settings = await checkSettings(OPERATIONS[command], options, world);
  const there = await checkElsewhere(options, world, settings.way, terminal);
  const findings = withoutRepeats([...here, ...settings.findings, ...there]);
  const checked: Checked = {
    exitCode: exitCodeOf(findings),
    checks: findings.map(({ exitCode: _, ...check }) => check),
    unknown: unknownOf(command),
    policy: policyFor([command]),
  };
  await world.stdout.write(
    output === 'table' ? checkedText(checked, terminal) : checkedJson(checked, output),
  );
  return checked.exitCode;
};

/** bin/ampmeter.js starts on no Node.js that is too old. */
const programFinding = ({ version, node, platform }: World): Finding =>
  ok('program', `ampmeter ${version} on Node.js ${node}, ${platform}`, { version, node, platform });

/** Everything that somebody else has to answer. AWS's packages are loaded here, when their turn has come. */
const checkElsewhere = async (
  options: DoctorOptions,
  world: World,
  way: Settings['way'],
  { err }: Terminal,
): Promise<readonly Finding[]> => {
  if (way === undefined) {
    return ['reach', 'clock', 'credentials', 'identity', 'role'].map(check => skipped(check, BECAUSE_ABOVE));
  }
  const { destination, network } = way;
  const [{ createTransport }, { checkReach }, { checkCaller }, { tracedTransport }] = await Promise.all([
    import('../../metering/transport.ts'),
    import('./checks/reach.ts'),
    import('./checks/caller.ts'),
    import('../../metering/trace.ts'),
  ]);
  const trace = options.debug
    ? (event: Parameters<typeof debugText>[0]) => void world.stderr.write(debugText(event, err))
    : undefined;
  const transport = tracedTransport(createTransport(undefined, network.network), trace, world);
  const reaching = { transport, timeoutMs: options.giveUpAfterMs, world };
  try {
    const [reach, caller] = await Promise.all([
      checkReach(destination, reaching),
      checkCaller(options, destination, network, reaching, world, (pending, from) =>
        waitForCredentials(pending, from, options.giveUpAfterMs, world),
      ),
    ]);
    return [...reach, ...caller];
  } finally {
    transport.close();
  }
};

/** A check that has failed above is not skipped below. */
const withoutRepeats = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(
    ({ check, status }) =>
      status !== 'skipped' || !findings.some(other => other.check === check && other.status !== 'skipped'),
  );

/** What stands in the way of everything comes first. */
const EXIT_CODES = [9, 6, 2, 5, 7] as const;

const exitCodeOf = (findings: readonly Finding[]): number => {
  const codes = findings.flatMap(({ status, exitCode }) => (status === 'fail' ? [exitCode ?? 1] : []));
  return EXIT_CODES.find(code => codes.includes(code)) ?? codes[0] ?? 0;
};

const unknownOf = (command: Examined): readonly string[] => {
  switch (command) {
    case 'batch':
      return [
        'whether this identity may call BatchMeterUsage: AWS has no dry run for it, and none is tried here',
        'whether the account is the one that sells the product, and whether the product code is right',
      ];
    case 'resolve':
      return [
        'whether this identity may call ResolveCustomer: that takes the token of a buyer',
        'whether the account is the one that sells the product',
      ];
    case 'meter':
      return [
        'whether this identity may call MeterUsage: ampmeter meter --dry-run asks AWS, and bills nothing',
        'whether the account it runs in has subscribed to the product',
      ];
    case 'register':
      return [
        'whether this identity may call RegisterUsage: there is no dry run, and a call begins to bill',
        'whether the account it runs in has subscribed to the product',
      ];
    default:
      return command satisfies never;
  }
};
