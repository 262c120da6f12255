import type { Env } from '../world.ts';
import type { ContainerToken, CredentialSource } from './credential-source.ts';
import { noCredentials } from './credential-source.ts';
import { environmentKeys } from './environment-keys.ts';

/** The source in the environment, or the role of the instance; undefined when that is disabled. */
export const sourceOfMachine = (env: Env): CredentialSource | undefined => {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = env;
  if (tokenFile && roleArn) {
    return {
      kind: 'web-identity',
      title: `AWS_WEB_IDENTITY_TOKEN_FILE (${tokenFile})`,
      tokenFile,
      roleArn,
      sessionName: env.AWS_ROLE_SESSION_NAME || undefined,
    };
  }
  const container = sourceOfContainer(env);
  if (container !== undefined) return container;
  return isInstanceOff(env) ? undefined : instance(env, true);
};

const isInstanceOff = (env: Env): boolean => (env.AWS_EC2_METADATA_DISABLED || 'false') !== 'false';

/** `isLastResort`: it is not configured. */
const instance = (env: Env, isLastResort: boolean): CredentialSource => {
  const { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } = env;
  if (endpoint && !URL.canParse(endpoint))
    throw noCredentials('AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL', 'fix it, or unset it');
  if (!endpoint && mode && !/^IPv[46]$/.test(mode))
    throw noCredentials(
      'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6',
      'fix it, or unset it',
    );
  if (!endpoint)
    return {
      kind: 'instance',
      title: 'the role of the instance',
      endpoint: undefined,
      isLastResort,
    };
  const { origin } = new URL(endpoint);
  return {
    kind: 'instance',
    title: `AWS_EC2_METADATA_SERVICE_ENDPOINT (${origin})`,
    endpoint: origin,
    isLastResort: false,
  };
};

/** The address of the ECS agent. */
const ECS_AGENT = 'http://169.254.170.2';

/** The address is shown without its path and query, which may work like a password. */
const sourceOfContainer = (env: Env): CredentialSource | undefined => {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env;
  if (!relative && !full) return undefined;
  const variable = `AWS_CONTAINER_CREDENTIALS_${relative ? 'RELATIVE' : 'FULL'}_URI`;
  const url = relative ? `${ECS_AGENT}${relative}` : (full ?? '');
  if (!URL.canParse(url) || (relative && !relative.startsWith('/')))
    throw noCredentials(
      `${variable} is not ${relative ? 'a path that begins with /' : 'a URL'}`,
      'fix it; it is set by the platform that runs the container',
    );
  return { kind: 'container', title: `${variable} (${new URL(url).origin})`, token: tokenIn(env) };
};

/** The file has precedence. */
const tokenIn = (env: Env): ContainerToken | undefined => {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = env;
  if (path) return { variable: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', path };
  return token ? { variable: 'AWS_CONTAINER_AUTHORIZATION_TOKEN', path: undefined } : undefined;
};

/** The source in `credential_source` of a profile. */
export const namedSource = (profile: string, place: string, env: Env): CredentialSource => {
  const setting = `credential_source of profile "${profile}"`;
  switch (place) {
    case 'Environment': {
      const keys = environmentKeys(env);
      if (keys !== undefined) return { kind: 'environment', title: `the environment (${setting})`, keys };
      throw noCredentials(
        `${setting} is Environment, but ${missingKeys(env)}`,
        'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    }
    case 'EcsContainer': {
      const container = sourceOfContainer(env);
      if (container !== undefined) return container;
      throw noCredentials(
        `${setting} is EcsContainer, but neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set`,
        'run it in a container that has a role, or use another credential_source',
      );
    }
    case 'Ec2InstanceMetadata':
      if (isInstanceOff(env))
        throw noCredentials(
          `AWS_EC2_METADATA_DISABLED is set, but ${setting} is Ec2InstanceMetadata`,
          'unset it, or use another credential_source',
        );
      return instance(env, false);
    default:
      throw noCredentials(
        `${setting} is unknown: ${place}`,
        'use Environment, EcsContainer or Ec2InstanceMetadata',
      );
  }
};

const missingKeys = (env: Env): string =>
  env.AWS_ACCESS_KEY_ID
    ? 'AWS_SECRET_ACCESS_KEY is not set'
    : env.AWS_SECRET_ACCESS_KEY
      ? 'AWS_ACCESS_KEY_ID is not set'
      : 'no keys are set';
