import { SKEW_LIMIT_MS, SKEW_NOTICE_MS } from '../../../metering/aws-clock.ts';
import type { Destination } from '../../../metering/endpoint.ts';
import { NetworkError } from '../../../metering/network-error.ts';
import { probeEndpoint } from '../../../metering/probe.ts';
import type { Transport } from '../../../metering/transport.ts';
import { explanationFor } from '../../../render/text/advice.ts';
import type { EpochMs } from '../../../usage/hours.ts';
import type { World } from '../../../world.ts';
import { type CheckResult, fail, ok, skipped, warn } from './check.ts';

export type Reaching = {
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly world: Pick<World, 'now' | 'version'>;
};

/** Whether the endpoint replies, and how its clock compares with this machine's. */
export const checkReach = async (
  { url }: Destination,
  { transport, timeoutMs, world }: Reaching,
): Promise<readonly CheckResult[]> => {
  const before = world.now().getTime();
  try {
    const { status, headers } = await probeEndpoint(transport, url, `ampmeter/${world.version}`, {
      timeoutMs,
    });
    const requestId = headers['x-amzn-requestid'];
    const dateMs = Date.parse(headers['date'] ?? '');
    const halfway = (before + world.now().getTime()) / 2;
    if (requestId === undefined) {
      const message = `${url.host} replied (HTTP ${status}), but not as AWS does: a proxy or another server may have replied`;
      const next = 'check the endpoint, and any proxy or firewall between it and this machine';
      return [warn('reach', message, next), skipped('clock', 'the reply did not come from AWS')];
    }
    return [ok('reach', `${url.host} replied`, { requestId }), clockFinding(dateMs, halfway)];
  } catch (error) {
    return [unreachable('reach', url, error), skipped('clock', 'the endpoint could not be reached')];
  }
};

/** The network error that a command would end with. */
const unreachable = (check: string, url: URL, error: unknown): CheckResult => {
  if (!(error instanceof NetworkError)) throw error;
  const next =
    NEXT[error.code] ??
    explanationFor({ kind: 'unavailable', code: error.code })?.next ??
    'check the network, the proxy and the endpoint';
  return fail(check, 5, `${url.host}: ${error.message}`, next, { code: error.code });
};

const CHECK_NETWORK = 'check the network, then run the same command again';
const CHECK_ENDPOINT = 'check the endpoint and the proxy, then run the same command again';
const CHECK_REGION = 'check the Region and the network, then run the same command again';

/** For the errors whose usual advice is to run this very command. */
const NEXT: Readonly<Record<string, string>> = {
  ConnectTimeout: CHECK_NETWORK,
  ETIMEDOUT: CHECK_NETWORK,
  EHOSTUNREACH: CHECK_NETWORK,
  ENETUNREACH: CHECK_NETWORK,
  TlsTimeout: CHECK_NETWORK,
  ECONNREFUSED: CHECK_ENDPOINT,
  EPROTO: CHECK_ENDPOINT,
  ENOTFOUND: CHECK_REGION,
  EAI_AGAIN: CHECK_REGION,
};

const clockFinding = (dateMs: EpochMs, ownMs: EpochMs): CheckResult => {
  if (Number.isNaN(dateMs)) return skipped('clock', 'the reply had no date');
  // The header has whole seconds; on average half a second more has passed.
  const offsetMs = Math.round(dateMs + 500 - ownMs);
  const facts = { offsetMs };
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const difference = `this machine's clock is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} that of the endpoint`;
  if (Math.abs(offsetMs) > SKEW_LIMIT_MS) {
    return fail('clock', 6, `${difference}; requests would be rejected`, "set this machine's clock", facts);
  }
  if (Math.abs(offsetMs) > SKEW_NOTICE_MS) {
    const message = `${difference}; requests are signed with AWS's time, but your files may have times from this clock`;
    return warn('clock', message, "set this machine's clock", facts);
  }
  return ok('clock', seconds <= 1 ? 'accurate to the second' : difference, facts);
};
