import { BlockList, isIP } from 'node:net';

/** A host as a URL has it: lower case, an address of IPv6 in brackets. */
type Host = Pick<URL, 'hostname' | 'port' | 'protocol'>;

/** Names that are this machine whatever a name server says (RFC 6761). */
const LOCAL_NAME = /^(?:localhost|.+\.localhost)$/;

/**
 * This machine, and the link-local addresses at which EC2, ECS and EKS hand out credentials: a proxy would see another
 * machine's, or give away this one's. (EC2 User Guide, "Instance metadata"; SDKs guide, "Container credential provider".)
 */
const NEVER = new BlockList();
NEVER.addSubnet('127.0.0.0', 8, 'ipv4');
NEVER.addAddress('::1', 'ipv6');
NEVER.addSubnet('169.254.0.0', 16, 'ipv4');
NEVER.addSubnet('fe80::', 10, 'ipv6');
NEVER.addSubnet('fd00:ec2::', 32, 'ipv6');

export const isNeverProxied = (url: Host): boolean => {
  const host = hostIn(url.hostname);
  return LOCAL_NAME.test(host) || contains(NEVER, host);
};

/**
 * Whether NO_PROXY names the host. There is no standard; this takes what curl, Python and Go take, so that a value
 * which works for the AWS CLI works here: hosts and the names below them, with and without a dot or `*.` in front,
 * addresses, CIDR blocks, each with or without a port, and `*`. Names are compared, not looked up.
 */
export const isInNoProxy = (noProxy: string, url: Host): boolean => {
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
  // What is below an address is no name: `.0.0.1` is not for 127.0.0.1.
  const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && isIP(host) === 0 && (host === suffix || host.endsWith(`.${suffix}`));
};

/** An entry with more than one colon and no brackets is an address of IPv6, and has no port. */
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

/** Also an address of IPv4 that is written as one of IPv6. */
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
