import { Argument, type Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addConnectionFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { addOutputFlags } from '../../cli/options/output.ts';

/** Commands that call AWS; each needs other permissions. */
const EXAMINED = ['batch', 'resolve', 'meter', 'register', 'subscribers'] as const;

export type Examined = (typeof EXAMINED)[number];

export type DoctorOptions = ServiceFlags & {
  /** The command to check for. */
  readonly command: Examined;
  /** As given; undefined: the default location. */
  readonly ledger: string | undefined;
};

export const addDoctor = (program: Command, run: (options: DoctorOptions) => Promise<void>): Command =>
  addOutputFlags(
    addConnectionFlags(
      program
        .command('doctor')
        .summary('check this machine, credentials, network and ledger')
        .description(
          'Checks what a command needs: Node.js, Region and endpoint, proxy and certificates, the clock, credentials ' +
            'and their account, and the ledger. Sends no usage and changes nothing. Reports what cannot be reached.',
        )
        .addArgument(
          new Argument('[command]', 'the command to check for').choices(EXAMINED).default('batch'),
        ),
      '5s',
    ),
  )
    .optionsGroup('Ledger:')
    .option('--ledger <file>', 'the ledger, a file or dynamodb://TABLE (or set AMPMETER_LEDGER)')
    .addHelpText('after', HELP)
    .action((command: Examined, raw) => run({ ...serviceFlags(raw), command, ledger: raw.ledger }));

const HELP = `
With subscribers, the calls that list agreements and products are tried: gaps
--agreements, report --agreements, history --value and batch --check-dimensions
make the same calls. They only read.

Each check may take as long as --give-up-after.

Examples:
  ampmeter doctor
  ampmeter doctor --profile seller --region us-east-1
  ampmeter doctor meter -o json
  ampmeter doctor subscribers

${exitCodesHelp([0, 1, 2, 5, 6, 9, 130], {
  0: 'no problem was found',
  2: 'a setting is invalid',
  5: 'AWS cannot be reached',
})}`;
