import { KEY_PAIR } from '../../../emulator/principal.ts';
import { getCallerIdentity, STS_SIGNING_NAME } from '../../../metering/caller-identity.ts';
import type { Credentials } from '../../../metering/credentials.ts';
import { type Destination, isLoopback } from '../../../metering/endpoint.ts';
import { NetworkError } from '../../../metering/network-error.ts';
import { createSigner } from '../../../metering/sign.ts';
import { explanationsOf } from '../../../render/explanations/find.ts';
import type { World } from '../../../world.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';
import type { Reaching } from './reach.ts';
import { originOf } from './role.ts';

export type LoadedCredentials = Awaited<ReturnType<Credentials['get']>>;

/** So soon that the next run of a cron job may fail. */
const SOON_MS = 15 * 60_000;

/** That there are credentials; the account they belong to is another check. */
export const credentialsFinding = (
  identity: LoadedCredentials,
  { env, now }: Pick<World, 'env' | 'now'>,
): CheckResult => {
  const { accessKeyId, expiration, sessionToken } = identity;
  const origin = originOf(featuresOf(identity), env);
  const facts = { origin, accessKeyId: shortened(accessKeyId), expires: expiration?.toISOString() };
  const description = `${origin}, access key ${shortened(accessKeyId)}`;
  if (expiration !== undefined && expiration.getTime() - now().getTime() < SOON_MS) {
    const next = 'they may be renewed automatically; if not, log in again before the next run';
    return warn('credentials', `${description}, expiring at ${expiration.toISOString()}`, next, facts);
  }
  const kind =
    expiration !== undefined
      ? `, until ${expiration.toISOString()}`
      : sessionToken === undefined
        ? ', permanent'
        : ', temporary';
  return ok('credentials', `${description}${kind}`, facts);
};

export const featuresOf = (identity: LoadedCredentials): readonly string[] =>
  Object.keys((identity as { $source?: object }).$source ?? {});

/** A key id is no secret; its last four characters are enough to tell keys apart. */
const shortened = (accessKeyId: string): string => `***${accessKeyId.slice(-4)}`;

export type CheckedIdentity = { readonly finding: CheckResult; readonly arn?: string };

/** Whose credentials these are, by STS. */
export const checkIdentity = async (
  identity: LoadedCredentials,
  { url, region }: Destination,
  { transport, timeoutMs, world }: Reaching,
): Promise<CheckedIdentity> => {
  if (identity.accessKeyId === KEY_PAIR.accessKeyId && !isLoopback(url)) {
    const message = "these are the emulator's example keys; they are not sent to AWS";
    return {
      finding: fail('identity', 6, message, 'use the credentials of the account that sells the product'),
    };
  }
  const sign = createSigner({ region, credentials: async () => identity, service: STS_SIGNING_NAME });
  const userAgent = `ampmeter/${world.version}`;
  try {
    const reply = await getCallerIdentity({ transport, sign, url, at: world.now(), timeoutMs, userAgent });
    if (reply === undefined) {
      const message = `${url.host} replied, but not as STS does`;
      return { finding: warn('identity', message, 'set AWS_ENDPOINT_URL_STS if STS is at another URL') };
    }
    if ('account' in reply) {
      const { account, arn } = reply;
      return { finding: ok('identity', `account ${account}, ${arn}`, { account, arn }), arn };
    }
    const { code, message } = reply;
    if (/signature (expired|not yet current)/i.test(message)) {
      const text = `STS rejected this machine's time: ${message}`;
      return {
        finding: warn('identity', text, "set this machine's clock; metering itself uses AWS's", { code }),
      };
    }
    const explained = explanationsOf(code).find(({ kind }) => kind === 'AWS common error');
    return { finding: fail('identity', 6, `${code}: ${message}`, explained?.next, { code }) };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const message = `could not determine the account: ${url.host}: ${error.message}`;
    return { finding: warn('identity', message, 'metering itself does not need STS', { code: error.code }) };
  }
};
