import { EXIT_CODE_EXPLANATIONS, MEANINGS } from '../../cli/exit-codes.ts';
import { PROSE_WIDTH, wrap } from '../../render/text/wrap.ts';
import type { World } from '../../world.ts';
import type { HelpOptions, Topic } from './options.ts';
import { csvTopic } from './topics/csv.ts';
import { CREDENTIALS, CRON, IDENTITY } from './topics/prose.ts';
import { windowsTopic } from './topics/windows.ts';

export const runHelp = async ({ topic }: HelpOptions, { stdout }: Pick<World, 'stdout'>): Promise<number> => {
  await stdout.write(topicText(topic));
  return 0;
};

export const topicText = (topic: Topic): string => {
  switch (topic) {
    case 'csv':
      return csvTopic();
    case 'identity':
      return IDENTITY;
    case 'windows':
      return windowsTopic();
    case 'credentials':
      return CREDENTIALS;
    case 'cron':
      return CRON;
    case 'exit-codes':
      return exitCodesTopic();
    default:
      return topic satisfies never;
  }
};

const exitCodesTopic = (): string => {
  const codes = EXIT_CODE_EXPLANATIONS.map(({ name, next }) => {
    const meaning = MEANINGS[Number(name) as keyof typeof MEANINGS];
    return `  ${name.padStart(3)}  ${meaning}\n       ${wrap(next, PROSE_WIDTH - 7, ' '.repeat(7))}\n`;
  });
  return `Every command ends with one of these, and each means the same everywhere. They
change with a major version only.

${codes.join('')}
What a script does about them:

  ampmeter batch usage.csv
  case $? in
    0) ;;                                   # every record is billed
    4) mail_the_rejected_rows ;;            # correct these rows, submit them
    5 | 8 | 129 | 130 | 143) exit 75 ;;     # run the same batch again, later
    *) exit 1 ;;                            # somebody has to look
  esac

The ledger of batch knows what was sent, so that running it again does not bill
that again. meter has no ledger: a call that may have been recorded is repeated
with the command that it prints, and with no other. ampmeter explain 5 tells more
about one of them.
`;
};
