import { curlCommand } from '../../cli/connection/curl.ts';
import { type Preview, preview } from '../../upload/preview.ts';
import { discard, type Plan, summarize } from '../../upload/upload.ts';
import type { Setup } from './setup.ts';
import { LOOK_AGAIN } from './shortfall.ts';

/** Shows what the plan would do (`--dry-run`, `--show-request`), and forgets it; gives the exit code. */
export const showPreview = async (plan: Plan, setup: Setup): Promise<number> => {
  const { options, reporter } = setup;
  const view = preview(plan);
  if (options.showRequest) await showRequests(view, setup);
  else {
    const { tally, known } = view;
    const summary = summarize(plan, tally, known);
    await reporter.plan(view.forecast(), { plan, tally, known, summary, rejects: [] });
  }
  if (view.exitCode !== 0) await reporter.shortfall('not all of the usage would be billed', LOOK_AGAIN);
  await discard(plan);
  return view.exitCode;
};

/** Prints a command for each request that the plan would send. */
const showRequests = async (
  { requests, exitCode }: Preview,
  { connection: { client, caBundle }, reporter, world }: Setup,
): Promise<void> => {
  let shown = 0;
  for (const input of requests()) {
    const request = await client.prepare('BatchMeterUsage', input);
    await world.stdout.write(`${curlCommand(request, caBundle)}\n`);
    shown += 1;
  }
  if (shown === 0) await reporter.warn('there is nothing to send');
  if (exitCode !== 0)
    await reporter.warn('not all of the usage would be billed; use --dry-run to see which part would not');
};
