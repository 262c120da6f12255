import type { AwsCredentialIdentity } from '@smithy/types';
import type { World } from '../world.ts';
import { noCredentials } from './credential-source.ts';

type CredentialProcess = { readonly title: string; readonly command: string };

/**
 * Credentials from a program (AWS SDKs and Tools reference guide, "Process credential provider"). Not by AWS's package,
 * which leaves a hanging program running, and repeats its command and its output in errors.
 */
export const processCredentials = async (
  { title, command }: CredentialProcess,
  { world, signal }: { readonly world: Pick<World, 'run' | 'now'>; readonly signal: AbortSignal },
): Promise<AwsCredentialIdentity> => {
  const failed = (how: string, next = RUN_IT): Error => noCredentials(`${title} ${how}`, next);
  const result = await world.run(command, signal);
  switch (result.kind) {
    case 'not-started':
      throw failed(
        'could not be started',
        'check that this machine has a shell and can start more processes',
      );
    case 'too-long':
      throw failed(`printed more than ${result.limitBytes / 1024 ** 2} MiB`, FORM);
    case 'ended':
      break;
    default:
      return result satisfies never;
  }
  const { exitCode, signal: endedBy, stdout } = result;
  if (exitCode === null) throw failed(`was terminated by ${endedBy}`);
  if (exitCode !== 0) throw failed(`failed with exit code ${exitCode}${MEANINGS[exitCode] ?? ''}`);

  const reply = parsed(stdout);
  if (reply === undefined) throw failed('did not print a JSON object', FORM);
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = reply;
  if (Version !== 1) throw failed('did not print "Version": 1', FORM);
  if (!isText(AccessKeyId) || !isText(SecretAccessKey))
    throw failed('printed no AccessKeyId or no SecretAccessKey', FORM);
  if (SessionToken != null && typeof SessionToken !== 'string')
    throw failed('printed a SessionToken that is not a string', FORM);
  const expiration = Expiration == null || Expiration === '' ? undefined : new Date(String(Expiration));
  if (expiration !== undefined && Number.isNaN(expiration.getTime()))
    throw failed('printed an Expiration that is not a time', FORM);
  if (expiration !== undefined && expiration < world.now())
    throw failed('printed credentials that have expired', 'log in again at the source of these credentials');
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken && { sessionToken: SessionToken }),
    ...(expiration !== undefined && { expiration }),
  };
};

const RUN_IT =
  'run its command in a shell to see what is wrong; ampmeter hides its output and gives it no terminal';

const FORM =
  'it must print {"Version": 1, "AccessKeyId": "…", "SecretAccessKey": "…"} as JSON, and may add SessionToken and Expiration';

/** Of POSIX shells. */
const MEANINGS: Readonly<Record<number, string>> = {
  126: ' (the command could not be executed)',
  127: ' (the command was not found)',
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};
