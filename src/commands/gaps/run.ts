import { agreedMarket, joinedWithAgreed } from '../../cli/agreed-market.ts';
import { endpointTime } from '../../cli/connection/endpoint-time.ts';
import { gapValues } from '../../cli/gap-values.ts';
import {
  askedScope,
  elsewhere,
  fileOfLedger,
  ledgerLocation,
  ledgerScope,
  selectionOf,
} from '../../cli/ledger-location.ts';
import { openReader } from '../../cli/open-reader.ts';
import { openSubscriberList, readSubscriberList } from '../../cli/subscriber-list.ts';
import type { OutputFile } from '../../files/output-file.ts';
import { mergeSubscriptions } from '../../input/subscribers.ts';
import { meansIn } from '../../ledger/queries/means.ts';
import { subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import { noticeText, terminalFor, warningText } from '../../render/text/terminal.ts';
import { HOUR_MS, startOfHour } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import type { GapsOptions, GapsRequest } from './options.ts';
import { writeGaps } from './output.ts';
import { rangeOf, scanGaps } from './scan.ts';
import { openZeroFill } from './zero-fill.ts';

export const runGaps = async (typed: GapsOptions, world: World): Promise<number> => {
  const { output: format } = typed;
  const options: GapsRequest = { ...typed, format, output: format === 'csv' ? 'table' : format };
  const terminal = terminalFor(world, options.color);
  const scope = await ledgerScope(options, world);
  // Reports wrong flags. Relative times are interpreted later, by AWS's clock.
  const asTyped = selectionOf(options, scope, world.now());
  const { subscribers, allowRoundAccounts, allowNullText } = options;
  const location = ledgerLocation(options.ledger, world);
  const ledger = fileOfLedger(location);
  using reader = await openReader(location, hoursToRead(asTyped, options, world), {
    flags: options,
    world,
    terminal,
  });
  const time = await endpointTime(askedScope(reader, scope), options, world, terminal);
  const { now } = time;
  const selection = selectionOf(options, scope, now);
  const { endpoint, region, customer, dimension } = selection;
  const range = rangeOf(selection.instants, now);
  const inputs = await openSubscriberList(options, ledger, world);
  let zeroFile: OutputFile | undefined;
  try {
    zeroFile = await openZeroFill(options, ledger, world);
    /** The ledger is searched from here on. */
    const seenSince = range.since - Math.floor(options.lookbackMs / 1000);
    const known = { since: seenSince, until: range.until };
    const listed =
      subscribers === undefined
        ? subscriptionsIn(reader, { endpoint, region, customer, dimension }, { ...range, seenSince })
        : mergeSubscriptions(
            (
              await readSubscriberList(
                inputs,
                { ...range, allowRoundAccounts, allowNullText },
                { output: options.output, world, terminal, consequence: 'no gaps were listed' },
              )
            ).flatMap(row => row.subscriptions),
          );
    const agreed = options.agreements ? await agreedMarket(options, known, now, world, terminal) : undefined;
    const subscriptions =
      agreed === undefined ? listed : joinedWithAgreed(agreed.subscriptions, listed, range);
    const values =
      agreed && gapValues(agreed.priceOf, meansIn(reader, { endpoint, region, customer, dimension }, known));
    const { withinMs } = options;
    const scan = scanGaps(reader, selection, subscriptions, range, { now, withinMs, valueOfGap: values });
    const summary = await writeGaps(scan, options, zeroFile, world, terminal);
    if (scan.subscriptions.length === 0) {
      const none =
        subscribers === undefined
          ? `no subscriptions found in the ledger${options.agreements ? ' and at AWS' : ''} for these hours; use --subscribers to read them from a file`
          : 'the list has no subscriptions for these hours';
      const hint = subscribers === undefined ? elsewhere(reader, selection) : undefined;
      await world.stderr.write(warningText(hint ?? none, options.output, terminal.err));
    }
    if (time.known === undefined && summary.gaps > 0 && options.output === 'table') {
      const text = "AWS's clock could not be checked: this machine's clock decides what can still be billed";
      await world.stderr.write(noticeText(text, options.output, terminal.err));
    }
    return summary.gaps > 0 ? 4 : 0;
  } finally {
    zeroFile?.close();
    await inputs.close();
  }
};

/** Which hours of a table may be asked for, whatever AWS's clock says. */
const hoursToRead = (
  { endpoint, instants }: ReturnType<typeof selectionOf>,
  options: GapsRequest,
  world: World,
): Parameters<typeof openReader>[1] => {
  const nowMs = world.now().getTime();
  const sinceMs = (instants.since ?? nowMs) - options.lookbackMs - CLOCK_MARGIN_MS;
  const untilMs = (instants.until ?? nowMs) + CLOCK_MARGIN_MS;
  return { endpoint, since: startOfHour(sinceMs), until: startOfHour(untilMs), problems: true };
};

/** AWS's clock may differ by this much, and the hours of the window come before. */
const CLOCK_MARGIN_MS = 50 * HOUR_MS;
