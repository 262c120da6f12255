import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too large' }
  /** The caller left before the end: nobody waits for an answer. */
  | { readonly kind: 'gone' };

/** A caller who is told too early may see a broken connection instead of the answer; one who never ends is cut off. */
const PATIENCE = 8;

/** Reads a body of less than `limit` bytes. Of a larger one nothing is kept: its rest is read and thrown away. */
export const readBody = (request: IncomingMessage, limit: number): Promise<Body> =>
  new Promise(resolve => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < limit) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      if (bytes > PATIENCE * limit) resolve({ kind: 'too large' });
    });
    request.on('end', () => {
      const [only, ...more] = chunks;
      if (bytes >= limit) resolve({ kind: 'too large' });
      else if (only !== undefined && more.length === 0) resolve({ kind: 'whole', bytes: only });
      else resolve({ kind: 'whole', bytes: Buffer.concat(chunks) });
    });
    request.on('error', () => resolve({ kind: 'gone' }));
    request.on('close', () => resolve({ kind: 'gone' }));
  });
