import type { Env } from '../../../world.ts';
import type { Examined } from '../options.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';

/** Where credentials came from, as far as AWS distinguishes it. */
export type CredentialOrigin =
  | 'environment'
  | 'profile'
  | 'SSO'
  | 'login'
  | 'process'
  | 'assumed role'
  | 'web identity'
  | 'container'
  | 'Pod Identity'
  | 'instance role';

/** What AWS's packages note in credentials about their source, the most specific first. */
const FEATURES: readonly (readonly [feature: RegExp, origin: CredentialOrigin])[] = [
  [/WEB_ID/, 'web identity'],
  [/ASSUME_ROLE/, 'assumed role'],
  [/SSO/, 'SSO'],
  [/LOGIN/, 'login'],
  [/PROCESS/, 'process'],
  [/HTTP/, 'container'],
  [/IMDS/, 'instance role'],
  [/ENV_VARS/, 'environment'],
  [/PROFILE/, 'profile'],
];

/** Source: EKS User Guide, "How EKS Pod Identity works": the addresses of its agent. */
const POD_IDENTITY = /^https?:\/\/(169\.254\.170\.23|\[fd00:ec2::23\])[:/]/i;

/** Credentials of an instance have no note when they were found at the end of the chain. */
export const originOf = (features: readonly string[], env: Env): CredentialOrigin => {
  const origin =
    FEATURES.find(([feature]) => features.some(one => feature.test(one)))?.[1] ?? 'instance role';
  const isPod = POD_IDENTITY.test(env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '');
  return origin === 'container' && isPod ? 'Pod Identity' : origin;
};

type ContainerPlatform = 'ECS' | 'Kubernetes' | undefined;

/** Source: ECS Developer Guide, task metadata endpoint; Kubernetes documentation, environment of a container. */
const platformOf = (env: Env): ContainerPlatform => {
  if (env['ECS_CONTAINER_METADATA_URI_V4'] || env['ECS_CONTAINER_METADATA_URI']) return 'ECS';
  return env['KUBERNETES_SERVICE_HOST'] ? 'Kubernetes' : undefined;
};

export type RoleFacts = {
  readonly command: Examined;
  readonly origin: CredentialOrigin;
  readonly env: Env;
  /** The endpoint is an emulator, which accepts any role. */
  readonly isEmulator: boolean;
  readonly arn: string | undefined;
};

const NEXT = 'see ampmeter help credentials';

/**
 * Whether AWS accepts such credentials for the command. Source: MeterUsage, API reference; for RegisterUsage
 * nothing is documented, and the same is assumed.
 */
export const checkRole = ({ command, origin, env, isEmulator, arn }: RoleFacts): CheckResult => {
  const facts = { origin, platform: platformOf(env) };
  if (isEmulator) return ok('role', `${origin}: the emulator accepts any role`, facts);
  if (command === 'batch' || command === 'resolve' || command === 'subscribers')
    return sellersRole(origin, arn, facts);
  const platform = platformOf(env);
  const here = platform === undefined ? 'EC2' : platform === 'ECS' ? 'an ECS task' : 'an EKS pod';
  if (command === 'register' && platform === undefined) {
    const message =
      'this is neither an ECS task nor an EKS pod: AWS would reply PlatformNotSupportedException';
    return fail('role', 7, message, 'run it where the product runs', facts);
  }
  if (origin === 'Pod Identity') {
    return fail('role', 6, 'AWS does not accept EKS Pod Identity for metering', `use IRSA; ${NEXT}`, facts);
  }
  if (origin === 'web identity' || origin === 'container')
    return ok('role', `${origin}, as AWS requires`, facts);
  if (origin === 'instance role') {
    return platform === undefined
      ? ok('role', 'instance role, as AWS requires on EC2', facts)
      : fail('role', 6, `the role of the node: AWS does not accept it from ${here}`, NEXT, facts);
  }
  const message = `${origin}: AWS requires the role of the instance, task or pod that runs the product`;
  return platform === undefined ? warn('role', message, NEXT, facts) : fail('role', 6, message, NEXT, facts);
};

const sellersRole = (
  origin: CredentialOrigin,
  arn: string | undefined,
  facts: CheckResult['facts'],
): CheckResult => {
  if (arn?.endsWith(':root') === true) {
    return warn(
      'role',
      'the root user of the account',
      'use a role with no more permissions than needed',
      facts,
    );
  }
  return ok('role', `${origin}: any identity in the account that sells the product is accepted`, facts);
};
