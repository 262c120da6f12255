import { InputError } from '../../errors.ts';
import { type InputProblem, isProblem, type UploadHelp } from '../../input/problem.ts';
import { isSubscriberColumn, subscriberHeader } from '../../input/subscriber-header.ts';
import { checkSubscriber, mergeSubscriptions, type SubscriberOptions } from '../../input/subscribers.ts';
import { counted } from '../../render/text/numbers.ts';
import type { InputFiles } from '../../upload/input-files.ts';
import type { Problem } from '../../usage/row.ts';
import type { Subscription } from '../../usage/unbilled-hours.ts';

/** How `openInputs` reads such a file. */
export const subscriberFormat = (delimiter: string | undefined) => ({
  delimiter,
  map: new Map(),
  standIns: { timestamp: false, productCode: false },
  allowEmpty: false,
  headerOf: subscriberHeader,
  isColumn: isSubscriberColumn,
});

/** Further problems are only counted: more are not fixed one by one. */
const MAX_PROBLEMS = 1000;

/** Reads the whole list. Throws InputError after its problems were written: a part of the list would hide gaps. */
export const readSubscribers = async (
  inputs: InputFiles,
  options: SubscriberOptions,
  writeProblems: (problems: readonly Problem[], total: number) => Promise<void>,
): Promise<Subscription[]> => {
  const subscriptions: Subscription[] = [];
  const problems: Problem[] = [];
  let total = 0;
  for await (const items of inputs.rows()) {
    for (const item of items) {
      const checked = isProblem(item)
        ? { subscriptions: [], problems: [ofList(item)] }
        : checkSubscriber(item, options);
      total += checked.problems.length;
      if (problems.length < MAX_PROBLEMS) problems.push(...checked.problems);
      subscriptions.push(...checked.subscriptions);
    }
  }
  if (total > 0) {
    await writeProblems(problems, total);
    throw new InputError(
      `the list of subscribers has ${counted(total, 'problem')}; no gaps were listed`,
      'fix it and run the same command again; ampmeter gaps --help lists its columns',
    );
  }
  return mergeSubscriptions(subscriptions);
};

/** The reader suggests formats and flags of an upload, which gaps does not have. */
const ofList = (problem: InputProblem): Problem => ({
  ...problem,
  help: problem.uploadHelp === undefined ? problem.help : HELP[problem.uploadHelp],
});

const HELP: Readonly<Record<UploadHelp, string>> = {
  format: 'save the list as CSV',
  'no-rows': 'an empty list would hide every gap: export it again',
};
