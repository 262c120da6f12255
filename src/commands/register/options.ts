import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addServiceFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { parseInteger } from '../../cli/options/values.ts';
import { LIMITS } from '../../usage/limits.ts';

export type RegisterOptions = ServiceFlags & {
  readonly productCode: string;
  readonly publicKeyVersion: number;
  readonly nonce: string | undefined;
  /** A PEM file. */
  readonly publicKey: string | undefined;
};

export const addRegister = (program: Command, run: (options: RegisterOptions) => Promise<void>): Command =>
  addServiceFlags(
    program
      .command('register')
      .summary('register a container at start-up and verify the reply')
      .description(
        'Reports to AWS that a paid container of an hourly product has started (RegisterUsage). Run it once, inside the ECS ' +
          'task or EKS pod. With the public key, the signed reply is verified.',
      )
      .optionsGroup('Input:')
      .requiredOption('--product-code <code>', 'the product')
      .requiredOption(
        '--public-key-version <number>',
        "version of the product's public key",
        parseInteger(LIMITS.publicKeyVersion.min, LIMITS.quantity.max),
      )
      .option('--nonce <text>', 'a text that the reply must repeat (default: a random one)')
      .option(
        '--public-key <file>',
        'PEM file with the public key; without it, the signature is not verified',
      ),
    '30s',
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...serviceFlags(raw),
        productCode: raw.productCode,
        publicKeyVersion: raw.publicKeyVersion,
        nonce: raw.nonce,
        publicKey: raw.publicKey,
      }),
    );

const HELP = `
Examples:
  ampmeter register --product-code 4ml54db8vrmjuykaw1psroool \\
      --public-key-version 1 --public-key key.pem
  ampmeter register --product-code example --public-key-version 1 \\
      -o json --local
  ampmeter register --product-code 4ml54db8vrmjuykaw1psroool \\
      --public-key-version 1 --give-up-after 2m || exit 1

${exitCodesHelp([0, 1, 2, 3, 5, 6, 7, 130])}`;
