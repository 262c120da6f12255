import {
  fromEnv,
  fromHttp,
  fromInstanceMetadata,
  fromLoginCredentials,
  fromSSO,
  fromTemporaryCredentials,
  fromWebToken,
} from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity, Logger } from '@smithy/types';
import { CredentialsError } from '../errors.ts';
import type { World } from '../world.ts';
import { checkKeys } from './check-keys.ts';
import { type Answer, explainFailure } from './credential-failure.ts';
import { processCredentials } from './credential-process.ts';
import type { Role, Source, Waiting } from './credential-source.ts';
import { tokenOf } from './credential-tokens.ts';
import { createHandler, type Handler } from './handler.ts';
import { NetworkError } from './network-error.ts';
import type { Network } from './proxy.ts';

export type LoadOptions = {
  /** For the calls that some providers make, such as assuming a role. */
  readonly region: string;
  readonly network: Network;
  /** Of the roles that need one, by profile. */
  readonly mfaCodes: ReadonlyMap<string, string>;
  readonly world: Pick<World, 'env' | 'now' | 'files' | 'run' | 'sleep'>;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Told what is waited for, whenever that changes. */
  readonly onWait: (waiting: Waiting) => void;
  /** What is told when nothing names a source, and the instance has none either. */
  readonly absence: (machine: string) => CredentialsError;
};

/**
 * Credentials from this source. All that AWS's package needs for the kinds of source takes longer to load than a call
 * takes, so this file is loaded only when it is needed. Rejects with CredentialsError, in words of our own: those of
 * the package may repeat a command, a file or a reply, and with them a secret.
 */
export const loadCredentials = async (
  source: Source,
  options: LoadOptions,
): Promise<AwsCredentialIdentity> => {
  const from = source.kind === 'role' ? await loadCredentials(source.from, options) : undefined;
  options.onWait(source);
  const token = await tokenOf(source, options.world);
  const last: Last = {};
  const requestHandler = namingHosts(createHandler(options.network), last);
  const secrets = [token, from?.secretAccessKey, from?.sessionToken];
  const explained = (error: unknown): CredentialsError =>
    explainFailure(source, last.error ?? error, {
      answer: last.answer,
      secrets,
      absence: options.absence,
    });
  const onTrouble = (error: unknown): void =>
    options.onWait({ title: source.title, trouble: explained(error) });
  try {
    return checkKeys(await provide(source, { from, token, onTrouble }, requestHandler, options), source);
  } catch (error) {
    throw error instanceof CredentialsError ? error : explained(error);
  } finally {
    requestHandler.destroy();
  }
};

/** What a source is asked with: the credentials that may assume a role, or a token. */
type Asking = {
  readonly from: AwsCredentialIdentity | undefined;
  readonly token: string | undefined;
  /** Told what an attempt failed with when there is another. */
  readonly onTrouble: (error: unknown) => void;
};

const provide = async (
  source: Source,
  { from, token = '', onTrouble }: Asking,
  requestHandler: Handler,
  options: LoadOptions,
): Promise<AwsCredentialIdentity> => {
  // Not as part of clientConfig, where the Region would count for more than the one that SSO is in (sso_region).
  const caller = { callerClientConfig: { region: async () => options.region, requestHandler } };
  // The config file may have new sessions since it was last read, hence ignoreCache.
  const init = { clientConfig: { requestHandler }, ignoreCache: true, logger: SILENCE };
  switch (source.kind) {
    case 'environment':
      return fromEnv()();
    case 'keys':
      return noted({ ...source.keys }, 'CREDENTIALS_PROFILE');
    case 'role':
      return fromTemporaryCredentials({
        ...roleParameters(source, options),
        ...(from !== undefined && { masterCredentials: from }),
        clientConfig: { region: source.region ?? options.region, requestHandler },
        logger: SILENCE,
      })(caller).then(identity => noted(identity, 'CREDENTIALS_STS_ASSUME_ROLE'));
    case 'web-identity': {
      const { roleArn, sessionName } = source;
      const named = sessionName === undefined ? {} : { roleSessionName: sessionName };
      return fromWebToken({ ...init, webIdentityToken: token, roleArn, ...named })(caller);
    }
    case 'process':
      return noted(await processCredentials(source, options), 'CREDENTIALS_PROCESS');
    case 'sso':
      return fromSSO({ ...init, profile: source.profile })(caller);
    case 'login':
      return fromLoginCredentials({ ...init, profile: source.profile })(caller);
    case 'container':
      return containerCredentials({
        token,
        logger: SILENCE,
        sleep: options.world.sleep,
        signal: options.signal,
        onTrouble,
      });
    case 'instance':
      return fromInstanceMetadata({ logger: SILENCE })(caller);
    default:
      return source satisfies never;
  }
};

type ContainerRequest = {
  readonly token: string;
  readonly logger: Logger;
  readonly sleep: World['sleep'];
  readonly signal: AbortSignal;
  /** Told what each attempt but the last failed with. */
  readonly onTrouble: (error: unknown) => void;
};

/** As often as AWS's package asks, and as soon again: what answers may start after the container. */
const ATTEMPTS = 4;
const PAUSE_MS = 1_000;

/** Asked again here, and not by the package: whoever waits no longer is told why there was no answer, not that it is slow. */
const containerCredentials = async ({
  token,
  logger,
  sleep,
  signal,
  onTrouble,
}: ContainerRequest): Promise<AwsCredentialIdentity> => {
  // An empty path is none, and counts for more than the variable.
  const ask = fromHttp({
    awsContainerAuthorizationToken: token,
    awsContainerAuthorizationTokenFile: '',
    maxRetries: 0,
    logger,
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      onTrouble(error);
      await sleep(PAUSE_MS, signal);
    }
  }
};

const roleParameters = (
  { profile, roleArn, sessionName, externalId, seconds, mfaSerial }: Role,
  { mfaCodes }: LoadOptions,
) => ({
  params: {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ExternalId: externalId,
    DurationSeconds: seconds,
    SerialNumber: mfaSerial,
  },
  mfaCodeProvider: async () => mfaCodes.get(profile) ?? '',
});

/** As AWS's package notes where credentials come from. */
const noted = (identity: AwsCredentialIdentity, feature: string): AwsCredentialIdentity =>
  Object.assign(identity, { $source: { [feature]: true } });

/** How the last request ended: it failed, or was answered. */
type Last = { error?: NetworkError | undefined; answer?: Answer | undefined };

/** Several hosts may be asked for credentials, so an error says which; AWS's package may keep no more than its text. */
const namingHosts = (handler: Handler, last: Last): Handler => ({
  ...handler,
  handle: async (request, options) => {
    last.error = undefined;
    last.answer = undefined;
    try {
      const result = await handler.handle(request, options);
      const { statusCode: status, headers } = result.response;
      last.answer = { status, isOfAws: 'x-amzn-requestid' in headers };
      return result;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const { code, sent, isLasting, cause } = error;
      const facts = { code, sent, isLasting, cause };
      last.error = new NetworkError(`${request.hostname}: ${error.message}`, facts);
      throw last.error;
    }
  },
});

/** The package would say on the console what we say in the error. */
const SILENCE: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
