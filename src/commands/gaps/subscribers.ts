import { InputError } from '../../errors.ts';
import { type InputProblem, isProblem } from '../../input/problem.ts';
import { subscriberHeader } from '../../input/subscriber-header.ts';
import { checkSubscriber, mergeSubscriptions, type SubscriberOptions } from '../../input/subscribers.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Inputs } from '../../upload/input-files.ts';
import type { Problem } from '../../usage/row.ts';
import type { Subscription } from '../../usage/subscription.ts';

/** How `openInputs` reads such a file. */
export const subscriberFormat = (delimiter: string | undefined) => ({
  delimiter,
  map: new Map(),
  standIns: { timestamp: false, productCode: false },
  allowEmpty: false,
  headerOf: subscriberHeader,
});

/** So many problems are told; who has more does not correct them one by one. */
const MOST_PROBLEMS = 1000;

/** Reads the whole list. Throws InputError after its problems have been told; a list in part would hide gaps. */
export const readSubscribers = async (
  inputs: Inputs,
  options: SubscriberOptions,
  tell: (problems: readonly Problem[], total: number) => Promise<void>,
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
      if (problems.length < MOST_PROBLEMS) problems.push(...checked.problems);
      subscriptions.push(...checked.subscriptions);
    }
  }
  if (total > 0) {
    await tell(problems, total);
    throw new InputError(
      `the list of subscribers has ${counted(total, 'problem')}; no gaps were looked for`,
      'correct it and run the same command again; ampmeter gaps --help has its columns',
    );
  }
  return mergeSubscriptions(subscriptions);
};

/** The reader speaks of formats and flags of an upload, which are not to be had here. */
const ofList = (problem: InputProblem): Problem => ({
  ...problem,
  help:
    problem.help === undefined || !/--(input-format|allow-empty)|\.jsonl|JSON Lines/.test(problem.help)
      ? problem.help
      : /--allow-empty/.test(problem.help)
        ? 'a list with nobody in it would hide every gap: export it again'
        : 'write the list as CSV',
});
