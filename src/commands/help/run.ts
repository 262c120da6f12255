import { EXIT_CODE_EXPLANATIONS, MEANINGS } from '../../cli/exit-codes.ts';
import { PROSE_WIDTH, wrap } from '../../render/text/width.ts';
import type { World } from '../../world.ts';
import type { HelpOptions, Topic } from './options.ts';
import { csvTopic } from './topics/csv.ts';
import { FRACTIONS } from './topics/fractions.ts';
import { CREDENTIALS, CRON, IDENTITY } from './topics/prose.ts';
import { TABLES } from './topics/tables.ts';
import { windowsTopic } from './topics/windows.ts';

export const runHelp = async ({ topic }: HelpOptions, { stdout }: Pick<World, 'stdout'>): Promise<number> => {
  await stdout.write(topicText(topic));
  return 0;
};

const topicText = (topic: Topic): string => {
  switch (topic) {
    case 'csv':
      return csvTopic();
    case 'identity':
      return IDENTITY;
    case 'fractions':
      return FRACTIONS;
    case 'windows':
      return windowsTopic();
    case 'credentials':
      return CREDENTIALS;
    case 'tables':
      return TABLES;
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
  return `All commands use these exit codes with the same meaning. They change only with a
major version.

${codes.join('')}
How a script can handle them:

  ampmeter batch usage.csv
  case $? in
    0) ;;                                   # every record is billed
    4) mail_the_rejected_rows ;;            # fix and submit these rows
    5 | 8 | 129 | 130 | 143) exit 75 ;;     # run the same batch again later
    *) exit 1 ;;                            # needs attention
  esac

batch records in its ledger what was sent, so running it again never bills
twice. meter has no ledger: repeat a call that may have been recorded only with
the command that it printed. For details about one code, run for example
ampmeter explain 5.
`;
};
