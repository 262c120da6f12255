import http, { Agent } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../errors.ts';
import type { Env } from '../world.ts';

/** A proxy, and the setting that names it. */
export type HttpProxy = { readonly url: URL; readonly source: string };

/** How a host is reached. `because`: why a configured proxy is not used. */
export type Route = { readonly proxy: HttpProxy | undefined; readonly because?: string };

/** A file with the certificate authorities that are trusted, and the setting that names it. */
export type Bundle = { readonly path: string; readonly source: string };

/** The network between this machine and AWS. */
export type Network = {
  /** Throws UsageError when the configured proxy cannot be used. */
  readonly routeTo: (url: ProxyTarget) => Route;
  /** Undefined: Node's own authorities and those of NODE_EXTRA_CA_CERTS. */
  readonly bundle: Bundle | undefined;
  /**
   * Called before a connection with TLS: from then on only the authorities of the bundle are trusted. Not done before,
   * because reading them takes longer than a call to this machine. Throws UsageError when one is damaged.
   */
  readonly trustBundle: () => void;
};

export type ProxyTarget = Pick<URL, 'protocol' | 'hostname' | 'port'>;

/** No proxy, no bundle. */
export const DIRECT: Network = {
  routeTo: () => ({ proxy: undefined }),
  bundle: undefined,
  trustBundle: () => {},
};

export const networkIn = (env: Env, bundle: Bundle | undefined, trustBundle = (): void => {}): Network => ({
  routeTo: url => routeTo(url, env),
  bundle,
  trustBundle,
});

/** Whether TLS is used on the way to this host: with it, or with its proxy. */
export const usesTls = ({ protocol }: Pick<URL, 'protocol'>, proxy: HttpProxy | undefined): boolean =>
  protocol === 'https:' || proxy?.url.protocol === 'https:';

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

/** Lower case comes first, as in curl, Python and Node. An empty variable is not set. */
const settingIn = (env: Env, name: string): { value: string; source: string } | undefined => {
  const source = [name.toLowerCase(), name].find(variable => env[variable]?.trim());
  return source === undefined ? undefined : { value: (env[source] ?? '').trim(), source };
};

const routeTo = (url: ProxyTarget, env: Env): Route => {
  const setting = settingIn(env, url.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY');
  if (setting === undefined) return { proxy: undefined };
  if (isNeverProxied(url)) return { proxy: undefined, because: 'this machine is always called directly' };
  const except = settingIn(env, 'NO_PROXY');
  if (except !== undefined && isInNoProxy(except.value, url))
    return { proxy: undefined, because: `${except.source} includes the host` };
  return { proxy: { url: parseProxyUrl(setting.value, setting.source), source: setting.source } };
};

const FORM = 'use http://host:port or http://user:password@host:port';

/**
 * `host:port` means plain http, as in other tools. An invalid value is not shown: there may be a password anywhere in it.
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
      `${source} is not a proxy URL`,
      `${FORM}; special characters in the password are percent-encoded (@ is %40, / is %2F, % is %25)`,
    );
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new UsageError(`${source} names a ${url.protocol.slice(0, -1)} proxy, which is not supported`, FORM);
};

/** For people. A user name without a password may be a token. */
export const proxyText = ({ url, source }: HttpProxy): string => {
  const { protocol, username, password, host } = url;
  const user = username === '' && password === '' ? '' : password === '' ? '***@' : `${username}:***@`;
  return `${protocol}//${user}${host} (${source})`;
};

/**
 * Sends requests for this machine's metadata and credentials directly: with NODE_USE_ENV_PROXY, Node would send all plain
 * http through HTTP_PROXY, and AWS's package for them does not override that.
 */
export const bypassProxyForMetadata = (): void => {
  http.globalAgent = new Agent({ keepAlive: true, timeout: 5_000 });
};

/** Names that always mean this machine (RFC 6761). */
const LOCAL_NAME = /^(?:localhost|.+\.localhost)$/;

/**
 * This machine, and the link-local addresses where EC2, ECS and EKS provide credentials: a proxy would see those of another
 * machine, or expose those of this one. (EC2 User Guide, "Instance metadata"; SDKs guide, "Container credential provider".)
 */
const neverProxied = (): BlockList => {
  if (neverList !== undefined) return neverList;
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addAddress('::1', 'ipv6');
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('fe80::', 10, 'ipv6');
  list.addSubnet('fd00:ec2::', 32, 'ipv6');
  neverList = list;
  return list;
};
let neverList: BlockList | undefined;

export const isNeverProxied = (url: ProxyTarget): boolean => {
  const host = hostIn(url.hostname);
  return LOCAL_NAME.test(host) || contains(neverProxied(), host);
};

/**
 * Whether NO_PROXY includes the host. There is no standard. Written here, because no package knows all that curl, Python
 * and Go accept, and a value that works for the AWS CLI must work here: hosts and their subdomains, with and without a dot
 * or `*.` in front, addresses, CIDR blocks, each with or without a port, and `*`. Names are compared, not looked up.
 */
export const isInNoProxy = (noProxy: string, url: ProxyTarget): boolean => {
  const host = hostIn(url.hostname);
  const port = url.port || (url.protocol === 'http:' ? '80' : '443');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some(entry => entry !== '' && matches(entry, host, port));
};

const matches = (entry: string, host: string, port: string): boolean => {
  if (entry === '*') return true;
  const block = /^\[?([0-9a-f.:]+)\]?\/([0-9]{1,3})$/.exec(entry);
  if (block !== null) return isInBlock(host, block[1] ?? '', Number(block[2]));
  const { name, onPort } = split(entry);
  if (onPort !== undefined && onPort !== port) return false;
  if (isIP(name) !== 0) return isSameAddress(host, name);
  // An address has no subdomains: `.0.0.1` does not match 127.0.0.1.
  const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && isIP(host) === 0 && (host === suffix || host.endsWith(`.${suffix}`));
};

/** An entry with more than one colon and no brackets is an IPv6 address without a port. */
const split = (entry: string): { name: string; onPort: string | undefined } => {
  const [, inBrackets, plain, onPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::([0-9]+))?$/.exec(entry) ?? [];
  return { name: inBrackets ?? plain ?? entry, onPort };
};

const hostIn = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Also matches an IPv4 address in IPv6 notation. */
const contains = (list: BlockList, host: string): boolean =>
  isIP(host) !== 0 && list.check(host, familyOf(host));

const isSameAddress = (host: string, address: string): boolean => {
  const list = new BlockList();
  list.addAddress(address, familyOf(address));
  return contains(list, host);
};

const isInBlock = (host: string, address: string, prefix: number): boolean => {
  if (isIP(address) === 0 || prefix > (isIP(address) === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, prefix, familyOf(address));
  return contains(list, host);
};
