import { Argument, type Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addConnectionFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { addOutputFlags } from '../../cli/options/output.ts';

/** Commands that call the metering service; what is right differs. */
export const EXAMINED = ['batch', 'resolve', 'meter', 'register'] as const;

export type Examined = (typeof EXAMINED)[number];

export type DoctorOptions = ServiceFlags & {
  /** The command that is to work. */
  readonly command: Examined;
  /** As it was named; undefined: where the ledger usually is. */
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
            'and whose they are, the ledger. Sends no usage and changes nothing. Tells what cannot be reached.',
        )
        .addArgument(new Argument('[command]', 'what is to work').choices(EXAMINED).default('batch')),
      '5s',
    ),
  )
    .optionsGroup('Ledger:')
    .option('--ledger <file>', 'the ledger; AMPMETER_LEDGER names it, too')
    .addHelpText('after', HELP)
    .action((command: Examined, raw) => run({ ...serviceFlags(raw), command, ledger: raw.ledger }));

const HELP = `
Each check has the time that --give-up-after says.

Examples:
  ampmeter doctor
  ampmeter doctor --profile seller --region us-east-1
  ampmeter doctor meter -o json

${exitCodesHelp([0, 1, 2, 5, 6, 9, 130], {
  0: 'nothing is in the way, as far as can be known',
  2: 'a setting makes no sense',
  5: 'AWS cannot be reached',
})}`;
