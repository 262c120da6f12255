import type { IncomingHttpHeaders } from 'node:http';
import { type Refusal, refuse } from './rules/refusals.ts';

/**
 * Keeps web pages out. A page's script always sends `Origin`, and no reply allows any. A page whose own name has been
 * made to point at this machine (DNS rebinding) betrays itself by `Host`; a server on another address than loopback
 * cannot know its names, and answers to all.
 */
export const guardRefusal = (headers: IncomingHttpHeaders, onLoopback: boolean): Refusal | undefined => {
  if (headers.origin !== undefined) {
    return refuse('AccessDeniedException', 'The emulator does not answer to web pages.');
  }
  return onLoopback && !isLoopbackHost(headers.host ?? '')
    ? refuse('AccessDeniedException', 'The emulator answers to localhost, 127.0.0.1 and [::1] only.')
    : undefined;
};

/** Whether an address the server is bound to can be reached from this machine alone. */
export const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127\./i.test(address);

const isLoopbackHost = (host: string): boolean =>
  /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i.test(host);
