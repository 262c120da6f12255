import { KnownError, UsageError, unreadableBecause } from '../../errors.ts';
import { type Network, proxyText, usesTls } from '../../metering/proxy.ts';
import type { World } from '../../world.ts';
import type { ServiceFlags } from '../options/connection.ts';

export type OpenNetwork = {
  readonly network: Network;
  /** How many certificate authorities the bundle holds; undefined without one. */
  readonly authorities: number | undefined;
  /** A setting probably does not have the intended effect. */
  readonly warning?: string | undefined;
};

/**
 * The proxies and the certificate authorities of flags, environment and profile. Throws UsageError when the file of
 * authorities cannot be read, or has none.
 */
export const openNetwork = async (
  flags: Pick<ServiceFlags, 'profile' | 'caBundle'>,
  world: Pick<World, 'env' | 'files'>,
): Promise<OpenNetwork> => {
  const { env, files } = world;
  const [{ loadSharedConfig, profileOf }, { bypassProxyForMetadata, findBundle, networkIn }] =
    await Promise.all([import('../../metering/shared-config.ts'), import('../../metering/proxy.ts')]);
  const profile = profileOf(flags, env, await loadSharedConfig(world));
  const bundle = findBundle(flags.caBundle, env, profile);
  bypassProxyForMetadata();
  if (bundle === undefined)
    return { network: networkIn(env, bundle), authorities: undefined, warning: await extraWarning(env) };
  const { path, source } = bundle;
  const text = await files.text(path).catch((error: unknown) => {
    if (error instanceof KnownError) throw error;
    throw new UsageError(
      `${source}: ${path} cannot be read: ${unreadableBecause(error)}`,
      'use an existing PEM file, or unset it',
    );
  });
  const { readBundle, setTrustedAuthorities } = await import('../../metering/tls.ts');
  const certificates = readBundle(text, bundle);
  let isTrusted = false;
  const trustBundle = (): void => {
    if (isTrusted) return;
    setTrustedAuthorities(certificates, bundle);
    isTrusted = true;
  };
  return { network: networkIn(env, bundle, trustBundle), authorities: certificates.length };
};

/** Throws UsageError when the way to this host cannot be used: a mistake is reported before anything waits. */
export const checkRoute = ({ network }: OpenNetwork, url: URL): void => {
  const { proxy } = network.routeTo(url);
  if (usesTls(url, proxy)) network.trustBundle();
};

/** Throws UsageError when Node was told to accept any certificate. */
export const requireCertificateChecks = (env: World['env']): void => {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  throw new UsageError(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off',
    'unset it; for a private certificate authority use --ca-bundle',
  );
};

/** Node ignores what it cannot read, mostly in silence. */
const extraWarning = async ({ NODE_EXTRA_CA_CERTS: path }: World['env']): Promise<string | undefined> => {
  if (!path) return undefined;
  const { extraAuthorities } = await import('../../metering/tls.ts');
  return extraAuthorities() > 0 ? undefined : `NODE_EXTRA_CA_CERTS: no certificate found in ${path}`;
};

/** What `--debug` prints about the network to this host. */
export const networkLines = (
  { network, authorities }: OpenNetwork,
  url: URL,
  env: World['env'],
): readonly string[] => [proxyLine(network, url), trustLine(network, authorities, env)];

const proxyLine = (network: Network, url: URL): string => {
  const { proxy, because } = network.routeTo(url);
  if (proxy !== undefined) return `proxy ${proxyText(proxy)}`;
  return because === undefined ? 'no proxy' : `no proxy: ${because}`;
};

const trustLine = ({ bundle }: Network, authorities: number | undefined, env: World['env']): string => {
  if (bundle !== undefined) {
    const count = authorities === 1 ? '1 authority' : `${authorities} authorities`;
    return `trusted certificates: ${bundle.path} (${bundle.source}), ${count}`;
  }
  const extra = env.NODE_EXTRA_CA_CERTS ? `, and ${env.NODE_EXTRA_CA_CERTS} (NODE_EXTRA_CA_CERTS)` : '';
  return `trusted certificates: those that come with Node.js${extra}`;
};
