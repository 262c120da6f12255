import { createHmac, hash } from 'node:crypto';
import { KEY_PAIR } from '../src/emulator/principal.ts';
import { SERVICE, targetOf, type WireRecord } from '../src/usage/wire.ts';

export type Batches = {
  readonly host: string;
  readonly productCode: string;
  readonly count: number;
  readonly recordsEach: number;
  /** Of the first record; all others follow it. */
  readonly firstCustomer: number;
};

/** Whole requests as they go over the wire, each with records of its own, signed now: they are good for five minutes. */
export const signedBatches = ({
  host,
  productCode,
  count,
  recordsEach,
  firstCustomer,
}: Batches): Buffer[] => {
  const now = new Date();
  const Timestamp = Math.floor(now.getTime() / 1000) - 3600;
  const date = now.toISOString().replace(/[-:]|\.[0-9]{3}/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/${SERVICE.signingName}/aws4_request`;
  const key = ['us-east-1', SERVICE.signingName, 'aws4_request'].reduce(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    createHmac('sha256', `AWS4${KEY_PAIR.secretAccessKey}`).update(date.slice(0, 8)).digest(),
  );
  const target = targetOf('BatchMeterUsage');
  const names = 'content-type;host;x-amz-date;x-amz-target';
  const head = `content-type:${SERVICE.contentType}\nhost:${host}\nx-amz-date:${date}\nx-amz-target:${target}\n`;
  let customer = firstCustomer;
  return Array.from({ length: count }, () => {
    const UsageRecords = Array.from(
      { length: recordsEach },
      (): WireRecord => ({
        Timestamp,
        CustomerAWSAccountId: String(100_000_000_000 + customer++),
        Dimension: 'users',
        Quantity: customer % 1000,
      }),
    );
    const body = JSON.stringify({ ProductCode: productCode, UsageRecords });
    const canonical = `POST\n/\n\n${head}\n${names}\n${hash('sha256', body)}`;
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = createHmac('sha256', key).update(text).digest('hex');
    return Buffer.from(
      `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${SERVICE.contentType}\r\nX-Amz-Target: ${target}\r\n` +
        `X-Amz-Date: ${date}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=${KEY_PAIR.accessKeyId}/${scope}, ` +
        `SignedHeaders=${names}, Signature=${signature}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      'latin1',
    );
  });
};
