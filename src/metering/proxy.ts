import { UsageError } from '../errors.ts';
import { isInNoProxy, isNeverProxied } from './no-proxy.ts';

/** A proxy, and the setting that names it. */
export type HttpProxy = { readonly url: URL; readonly source: string };

/** How a host is reached. `because` tells why a proxy that is set is not used. */
export type Route = { readonly proxy: HttpProxy | undefined; readonly because?: string };

/** A file with the certificate authorities that are trusted, and the setting that names it. */
export type Bundle = { readonly path: string; readonly source: string };

/** What stands between this machine and AWS. */
export type Network = {
  /** Throws UsageError when the proxy that is set cannot be used. */
  readonly routeTo: (url: Target) => Route;
  /** Undefined: those that come with Node, and those of NODE_EXTRA_CA_CERTS. */
  readonly bundle: Bundle | undefined;
};

export type Target = Pick<URL, 'protocol' | 'hostname' | 'port'>;

type Env = Readonly<Record<string, string | undefined>>;

/** Nothing does. */
export const DIRECT: Network = { routeTo: () => ({ proxy: undefined }), bundle: undefined };

export const networkIn = (env: Env, bundle: Bundle | undefined): Network => ({
  routeTo: url => routeTo(url, env),
  bundle,
});

/** In the order of the AWS CLI. */
export const findBundle = (
  flag: string | undefined,
  env: Env,
  profile: Readonly<Record<string, string | undefined>>,
): Bundle | undefined => {
  const found = (
    [
      [flag, '--ca-bundle'],
      [env.AWS_CA_BUNDLE, 'AWS_CA_BUNDLE'],
      [profile.ca_bundle, "the profile's ca_bundle"],
    ] as const
  ).find(([path]) => path !== undefined && path !== '');
  return found === undefined ? undefined : { path: found[0] ?? '', source: found[1] };
};

/** Lower case comes first, as in curl, Python and Node. An empty variable is none. */
const settingIn = (env: Env, name: string): { value: string; source: string } | undefined => {
  const source = [name.toLowerCase(), name].find(variable => env[variable]?.trim());
  return source === undefined ? undefined : { value: (env[source] ?? '').trim(), source };
};

const routeTo = (url: Target, env: Env): Route => {
  const setting = settingIn(env, url.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY');
  if (setting === undefined) return { proxy: undefined };
  if (isNeverProxied(url)) return { proxy: undefined, because: 'this machine is called directly' };
  const except = settingIn(env, 'NO_PROXY');
  if (except !== undefined && isInNoProxy(except.value, url))
    return { proxy: undefined, because: `${except.source} names the host` };
  return { proxy: { url: parseProxyUrl(setting.value, setting.source), source: setting.source } };
};

const FORM = 'write it as http://host:port or http://user:password@host:port';

/**
 * `host:port` is plain http, as everywhere. The value is not shown when it cannot be read: a password may be anywhere
 * in it.
 */
const parseProxyUrl = (text: string, source: string): URL => {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  let url: URL;
  try {
    url = new URL(hasScheme ? text : `http://${text}`);
    // Node decodes them when the connection is made; `%` alone would fail there.
    decodeURIComponent(url.username + url.password);
  } catch {
    throw new UsageError(
      `${source} is not the URL of a proxy`,
      `${FORM}; special characters in the password are percent-encoded (@ is %40, / is %2F, % is %25)`,
    );
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new UsageError(`${source} names a ${url.protocol.slice(0, -1)} proxy, which is not supported`, FORM);
};

/** For people. A name without a password may be a token. */
export const proxyText = ({ url, source }: HttpProxy): string => {
  const { protocol, username, password, host } = url;
  const user = username === '' && password === '' ? '' : password === '' ? '***@' : `${username}:***@`;
  return `${protocol}//${user}${host} (${source})`;
};
