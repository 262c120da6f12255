import { SKEW_LIMIT_MS, SKEW_NOTICE_MS } from '../../../metering/aws-clock.ts';
import type { Destination } from '../../../metering/endpoint.ts';
import { NetworkError } from '../../../metering/network-error.ts';
import { probeEndpoint } from '../../../metering/probe.ts';
import type { Transport } from '../../../metering/transport.ts';
import { explanationFor } from '../../../render/text/advice.ts';
import type { World } from '../../../world.ts';
import { type Finding, fail, ok, skipped, warn } from './check.ts';

export type Reaching = {
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly world: Pick<World, 'now' | 'version'>;
};

/** Whether the endpoint answers, and what time it has there. */
export const checkReach = async (
  { url }: Destination,
  { transport, timeoutMs, world }: Reaching,
): Promise<readonly Finding[]> => {
  const before = world.now().getTime();
  try {
    const { status, headers } = await probeEndpoint(transport, url, `ampmeter/${world.version}`, {
      timeoutMs,
    });
    const requestId = headers['x-amzn-requestid'];
    const dateMs = Date.parse(headers['date'] ?? '');
    const halfway = (before + world.now().getTime()) / 2;
    if (requestId === undefined) {
      const says = `${url.host} answers (HTTP ${status}), but not as AWS does: something on the way may answer for it`;
      const next = 'check the endpoint, and what stands between it and this machine';
      return [warn('reach', says, next), skipped('clock', "the answer was not AWS's")];
    }
    return [ok('reach', `${url.host} answers`, { requestId }), clockFinding(dateMs, halfway)];
  } catch (error) {
    return [unreachable('reach', url, error), skipped('clock', 'the endpoint could not be asked')];
  }
};

/** Nobody can be reached: what a command would end with. */
export const unreachable = (check: string, url: URL, error: unknown): Finding => {
  if (!(error instanceof NetworkError)) throw error;
  const next =
    explanationFor({ kind: 'unavailable', code: error.code })?.next ??
    'check the network, the proxy and the endpoint';
  return fail(check, 5, `${url.host}: ${error.message}`, next.replace(/ \(ampmeter doctor\)/, ''), {
    code: error.code,
  });
};

const clockFinding = (dateMs: number, ownMs: number): Finding => {
  if (Number.isNaN(dateMs)) return skipped('clock', 'the answer had no date');
  // Whole seconds are told; on average half a second more has passed.
  const offsetMs = Math.round(dateMs + 500 - ownMs);
  const facts = { offsetMs };
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const told = `this machine's clock is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} that of the endpoint`;
  if (Math.abs(offsetMs) > SKEW_LIMIT_MS) {
    return fail('clock', 6, `${told}; nothing is sent like this`, "set this machine's clock", facts);
  }
  if (Math.abs(offsetMs) > SKEW_NOTICE_MS) {
    const says = `${told}; requests are signed with AWS's time, but files may have been stamped with this one`;
    return warn('clock', says, "set this machine's clock", facts);
  }
  return ok('clock', seconds <= 1 ? 'right to the second' : told, facts);
};
