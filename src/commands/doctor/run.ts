import { debugText } from '../../cli/connection/debug.ts';
import { type LedgerLocation, ledgerLocation, type TableLocation } from '../../cli/ledger-location.ts';
import type { ClientOperation } from '../../metering/destination.ts';
import { checkedJson, checkedText, type DoctorDocument } from '../../render/text/checks.ts';
import { type Terminal, terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { BECAUSE_ABOVE, type CheckResult, checkOf, failed, ok, skipped } from './checks/check.ts';
import { checkLedger } from './checks/ledger.ts';
import { type CheckedSettings, checkSettings } from './checks/settings.ts';
import { checkTableAt, policyOf } from './checks/table-at.ts';
import type { DoctorOptions, Examined } from './options.ts';

const OPERATIONS: Readonly<Record<Examined, ClientOperation>> = {
  batch: 'BatchMeterUsage',
  resolve: 'ResolveCustomer',
  meter: 'MeterUsage',
  register: 'RegisterUsage',
  subscribers: 'SearchAgreements',
};

/**
 * Checks everything a command needs: first this machine, then everything that needs a call, in parallel. The ledger is
 * read before any call, because reading blocks the process, and a reply could seem late.
 */
export const runDoctor = async (options: DoctorOptions, world: World): Promise<number> => {
  const { command, output, color } = options;
  const terminal = terminalFor(world, color);
  const place = placeOf(options.ledger, world);
  const local = [programFinding(world), ...('finding' in place ? [place.finding] : checkFile(place, world))];
  const settings = await checkSettings(OPERATIONS[command], options, world);
  const table = 'table' in place ? place : undefined;
  const remote = await checkRemote(options, world, settings.route, table, terminal);
  const market = command === 'subscribers' ? await marketFindings(remote, options, world, terminal) : [];
  const findings = withoutRepeats([...local, ...settings.findings, ...remote, ...market]);
  const checked: DoctorDocument = {
    exitCode: exitCodeOf(findings),
    checks: findings.map(checkOf),
    unknown: unknownOf(command),
    policy: await policyOf(options, table, world),
  };
  await world.stdout.write(
    output === 'table' ? checkedText(checked, terminal) : checkedJson(checked, output),
  );
  return checked.exitCode;
};

/** Where the ledger is, or why that is not clear. */
const placeOf = (
  named: string | undefined,
  world: Pick<World, 'env' | 'platform'>,
): LedgerLocation | { readonly finding: CheckResult } => {
  try {
    return ledgerLocation(named, world);
  } catch (error) {
    return { finding: failed('ledger', error) };
  }
};

const checkFile = (location: LedgerLocation, world: Pick<World, 'platform'>): readonly CheckResult[] =>
  location.kind === 'file' ? checkLedger(location.path, world) : [];

/** The calls are tried only when nothing before says that they cannot work. */
const marketFindings = async (
  remote: readonly CheckResult[],
  options: DoctorOptions,
  world: World,
  terminal: Terminal,
): Promise<readonly CheckResult[]> => {
  const { checkMarket, MARKET_CHECKS } = await import('./checks/market.ts');
  const isBlocked = remote.some(
    ({ check, status }) =>
      status === 'fail' || (status === 'skipped' && ['reach', 'credentials'].includes(check)),
  );
  return isBlocked
    ? MARKET_CHECKS.map(check => skipped(check, BECAUSE_ABOVE))
    : checkMarket(options, world, terminal);
};

/** Always ok: bin/ampmeter.js does not start on a Node.js that is too old. */
const programFinding = ({ version, node, platform }: World): CheckResult =>
  ok('program', `ampmeter ${version} on Node.js ${node}, ${platform}`, { version, node, platform });

/** Everything that needs a call. AWS's packages are loaded here, when they are needed. */
const checkRemote = async (
  options: DoctorOptions,
  world: World,
  route: CheckedSettings['route'],
  ledger: TableLocation | undefined,
  terminal: Terminal,
): Promise<readonly CheckResult[]> => {
  if (route === undefined) {
    const names = ['reach', 'clock', 'credentials', 'identity', 'role'];
    if (ledger !== undefined) names.unshift('ledger');
    return names.map(check => skipped(check, BECAUSE_ABOVE));
  }
  const { destination, network } = route;
  const [
    { createTransport },
    { checkReach },
    { checkCaller },
    { tracedTransport },
    { chainCredentials },
    { waitForCredentials },
  ] = await Promise.all([
    import('../../metering/transport.ts'),
    import('./checks/reach.ts'),
    import('./checks/caller.ts'),
    import('../../metering/trace.ts'),
    import('../../metering/credentials.ts'),
    import('../../cli/connection/target.ts'),
  ]);
  const trace = options.debug
    ? (event: Parameters<typeof debugText>[0]) => void world.stderr.write(debugText(event, terminal.err))
    : undefined;
  const transport = tracedTransport(createTransport(undefined, network.network), trace, world);
  const reaching = { transport, timeoutMs: options.giveUpAfterMs, world };
  const credentials = chainCredentials({
    profile: options.profile,
    region: destination.region,
    network: network.network,
    world,
    validate: (pending, from) => waitForCredentials(pending, from, options.giveUpAfterMs, world),
  });
  try {
    const [reach, caller] = await Promise.all([
      checkReach(destination, reaching),
      checkCaller(options, destination, credentials, reaching, world),
    ]);
    const found =
      ledger === undefined ? [] : await checkTableAt(ledger, { options, world, terminal, credentials });
    return [...found, ...reach, ...caller];
  } finally {
    transport.close();
  }
};

/** A check that failed above is not listed as skipped below. */
const withoutRepeats = (findings: readonly CheckResult[]): readonly CheckResult[] =>
  findings.filter(
    ({ check, status }) =>
      status !== 'skipped' || !findings.some(other => other.check === check && other.status !== 'skipped'),
  );

/** What blocks most comes first. */
const PRECEDENCE = [9, 6, 2, 5, 7] as const;

const exitCodeOf = (findings: readonly CheckResult[]): number => {
  const codes = findings.flatMap(({ status, exitCode }) => (status === 'fail' ? [exitCode ?? 1] : []));
  return PRECEDENCE.find(code => codes.includes(code)) ?? codes[0] ?? 0;
};

const unknownOf = (command: Examined): readonly string[] => {
  switch (command) {
    case 'batch':
      return [
        'whether this identity may call BatchMeterUsage: AWS has no dry run for it, so it is not called',
        'whether the account is the one that sells the product, and whether the product code is right',
      ];
    case 'resolve':
      return [
        'whether this identity may call ResolveCustomer: a call needs the token of a buyer',
        'whether the account is the one that sells the product',
      ];
    case 'meter':
      return [
        'whether this identity may call MeterUsage: ampmeter meter --dry-run checks it with AWS and bills nothing',
        'whether the account it runs in has subscribed to the product',
      ];
    case 'register':
      return [
        'whether this identity may call RegisterUsage: there is no dry run, and a call starts billing',
        'whether the account it runs in has subscribed to the product',
      ];
    case 'subscribers':
      return [
        'how soon AWS shows a new or a canceled agreement',
        'who has subscribed through a channel partner: AWS does not list these agreements for this account',
      ];
    default:
      return command satisfies never;
  }
};
