import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curlCommand } from '../../../src/cli/connection/curl.ts';

test('a curl command keeps quotes from the shell', () => {
  const shown = curlCommand({
    method: 'POST',
    protocol: 'https:',
    path: '/',
    headers: { host: 'example.com', 'content-length': '7', 'x-amz-date': "it's" },
    body: `{"a":"it's"}`,
  });
  assert.equal(
    shown,
    `curl -sS -X POST 'https://example.com/' -H 'x-amz-date: it'\\''s' --data-raw '{"a":"it'\\''s"}'`,
  );
});
