import { KEY_PAIR } from '../../../emulator/key-pair.ts';
import { askIdentity, STS_SIGNING_NAME } from '../../../metering/caller-identity.ts';
import type { Credentials } from '../../../metering/credentials.ts';
import { type Destination, isLoopback } from '../../../metering/endpoint.ts';
import { NetworkError } from '../../../metering/network-error.ts';
import { createSigner } from '../../../metering/sign.ts';
import { explanationsOf } from '../../../render/explanations/find.ts';
import type { World } from '../../../world.ts';
import { type Finding, fail, ok, warn } from './check.ts';
import type { Reaching } from './reach.ts';
import { originOf } from './role.ts';

export type Identity = Awaited<ReturnType<Credentials['get']>>;

/** Soon enough for a cron line to fail the next time. Milliseconds. */
const SOON_MS = 15 * 60_000;

/** That there are credentials; whose they are is another check. */
export const credentialsFinding = (identity: Identity, { env, now }: Pick<World, 'env' | 'now'>): Finding => {
  const { accessKeyId, expiration, sessionToken } = identity;
  const origin = originOf(featuresOf(identity), env);
  const facts = { origin, accessKeyId: shortened(accessKeyId), expires: expiration?.toISOString() };
  const told = `${origin}, access key ${shortened(accessKeyId)}`;
  if (expiration !== undefined && expiration.getTime() - now().getTime() < SOON_MS) {
    const next = 'they may be renewed by themselves; if not, log in again before the next run';
    return warn('credentials', `${told}, expiring at ${expiration.toISOString()}`, next, facts);
  }
  const kind =
    expiration !== undefined
      ? `, until ${expiration.toISOString()}`
      : sessionToken === undefined
        ? ', permanent'
        : ', temporary';
  return ok('credentials', `${told}${kind}`, facts);
};

export const featuresOf = (identity: Identity): readonly string[] =>
  Object.keys((identity as { $source?: object }).$source ?? {});

/** A key id is no secret; its last four characters are enough to tell keys apart. */
const shortened = (accessKeyId: string): string => `***${accessKeyId.slice(-4)}`;

export type Identified = { readonly finding: Finding; readonly arn?: string };

/** Whose credentials these are: STS knows. */
export const checkIdentity = async (
  identity: Identity,
  { url, region }: Destination,
  { transport, timeoutMs, world }: Reaching,
): Promise<Identified> => {
  if (identity.accessKeyId === KEY_PAIR.accessKeyId && !isLoopback(url)) {
    const says = "these are the emulator's example keys; they are not sent to AWS";
    return {
      finding: fail('identity', 6, says, 'use the credentials of the account that sells the product'),
    };
  }
  const sign = createSigner({ region, credentials: async () => identity, service: STS_SIGNING_NAME });
  const userAgent = `ampmeter/${world.version}`;
  try {
    const answer = await askIdentity({ transport, sign, url, at: world.now(), timeoutMs, userAgent });
    if (answer === undefined) {
      const says = `${url.host} gave an answer that is not one of STS`;
      return { finding: warn('identity', says, 'set AWS_ENDPOINT_URL_STS if STS is somewhere else') };
    }
    if ('account' in answer) {
      const { account, arn } = answer;
      return { finding: ok('identity', `account ${account}, ${arn}`, { account, arn }), arn };
    }
    const { code, message } = answer;
    if (/signature (expired|not yet current)/i.test(message)) {
      const says = `STS does not take this machine's time: ${message}`;
      return {
        finding: warn('identity', says, "set this machine's clock; metering itself goes by AWS's", { code }),
      };
    }
    const explained = explanationsOf(code).find(({ kind }) => kind === 'AWS common error');
    return { finding: fail('identity', 6, `${code}: ${message}`, explained?.next, { code }) };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const says = `whose they are could not be asked: ${url.host}: ${error.message}`;
    return { finding: warn('identity', says, 'metering itself does not need STS', { code: error.code }) };
  }
};
