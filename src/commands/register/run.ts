import { callOnce } from '../../cli/connection/call-once.ts';
import { NO_VALUE } from '../../cli/options/values.ts';
import { readText } from '../../cli/read-file.ts';
import { UsageError } from '../../errors.ts';
import type { KeyRotation } from '../../metering/registration.ts';
import { renderMembers } from '../../render/text/members.ts';
import { terminalFor, warningText } from '../../render/text/terminal.ts';
import { parseProductCode } from '../../usage/fields.ts';
import { LIMITS } from '../../usage/limits.ts';
import { isNullText, nullMessage } from '../../usage/null-text.ts';
import type { Inputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import type { RegisterOptions } from './options.ts';

export const runRegister = async (options: RegisterOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const productCode = parseProductCode(options.productCode);
  if (!productCode.ok) {
    const { message, help, missing } = productCode;
    throw new UsageError(`--product-code: ${message}`, missing === undefined ? help : NO_VALUE);
  }
  const nonce = options.nonce ?? world.uuid();
  if (nonce.length > LIMITS.nonce.maxLength) {
    throw new UsageError(`--nonce must have at most ${LIMITS.nonce.maxLength} characters`);
  }
  if (isNullText(nonce)) throw new UsageError(nullMessage('--nonce', nonce), NO_VALUE);
  const { keyRotation, parsePublicKey, readClaims, verifyRegistration } = await import(
    '../../metering/registration.ts'
  );
  const key =
    options.publicKey === undefined
      ? undefined
      : parsePublicKey(await readText(options.publicKey, world), options.publicKey);

  const { publicKeyVersion } = options;
  const input: Inputs['RegisterUsage'] = {
    ProductCode: productCode.value,
    PublicKeyVersion: publicKeyVersion,
    Nonce: nonce,
  };
  const output = await callOnce('RegisterUsage', input, options, world, terminal);
  if (output === undefined) return 0;

  const warn = (text: string) => world.stderr.write(warningText(text, options.output, terminal.err));
  const expected = { productCode: productCode.value, publicKeyVersion, nonce };
  const claims =
    key === undefined
      ? readClaims(output.Signature)
      : await verifyRegistration(output.Signature, key, expected, world.now());
  if (key === undefined) await warn('the signature was not verified; use --public-key to verify it');
  const { PublicKeyRotationTimestamp: written } = output;
  const rotation = written === undefined ? undefined : keyRotation(written, world.now());
  if (rotation !== undefined) await warn(rotationText(rotation, publicKeyVersion, written));
  const members = {
    Signature: output.Signature,
    ...(rotation !== undefined && {
      PublicKeyRotationTimestamp: rotation.kind === 'unreadable' ? written : rotation.at,
    }),
    Verified: key !== undefined,
    Claims: claims,
  };
  await world.stdout.write(renderMembers(members, options.output, terminal.out));
  return 0;
};

const rotationText = (rotation: KeyRotation, version: number, written: unknown): string => {
  const key = `public key version ${version}`;
  switch (rotation.kind) {
    case 'past':
      return `${key} was replaced on ${rotation.at}; ship the new key`;
    case 'future':
      return `${key} will be replaced on ${rotation.at}; ship the new key before then`;
    case 'unreadable':
      return `${key} may have been replaced: AWS gives ${JSON.stringify(written)} as the time, which is not a time; see the product in the AWS Marketplace Management Portal`;
    default:
      return rotation satisfies never;
  }
};
