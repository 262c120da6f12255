import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgreementStatus } from '@aws-sdk/client-marketplace-agreement';
import * as aws from '@aws-sdk/client-marketplace-metering';
import { EXIT_CODE_EXPLANATIONS, MEANINGS } from '../../../src/cli/exit-codes.ts';
import { DIFFERENCES, OPEN } from '../../../src/cloudtrail/finding.ts';
import { canRaise, type ServiceError as EmulatedError } from '../../../src/emulator/rules/errors.ts';
import * as errors from '../../../src/errors.ts';
import { ServiceError, type ServiceErrorKind } from '../../../src/errors.ts';
import { classify } from '../../../src/metering/classify.ts';
import type { ExplanationKind } from '../../../src/render/explanations/explanation.ts';
import { EXPLANATIONS, explanationsOf } from '../../../src/render/explanations/find.ts';
import { CHECK_STATUSES } from '../../../src/render/text/checks.ts';
import { errorFacts } from '../../../src/render/text/errors.ts';
import { explanationsJson, explanationText } from '../../../src/render/text/explain.ts';
import { paintFor } from '../../../src/render/text/style.ts';
import { STATUSES } from '../../../src/usage/outcome.ts';
import { GAP_STATES } from '../../../src/usage/unbilled-hours.ts';
import { OPERATIONS } from '../../../src/usage/wire.ts';

const ALL = [...EXPLANATIONS, ...EXIT_CODE_EXPLANATIONS];
const namesOf = (kind: ExplanationKind): string[] =>
  ALL.filter(explanation => explanation.kind === kind).map(({ name }) => name);

/** The exceptions of the service model, from AWS's own client. */
const MODELLED = Object.entries(aws)
  .filter(
    ([, value]) =>
      typeof value === 'function' && value.prototype instanceof aws.MarketplaceMeteringServiceException,
  )
  .map(([name]) => name);

describe('there is an explanation', () => {
  test('of every exception of the service model, and of no other as such', () => {
    assert.equal(MODELLED.length, 19);
    assert.deepEqual(namesOf('AWS metering error').sort(), MODELLED.sort());
  });

  test("of every status that AWS gives a record, and of what it hasn't processed", () => {
    const statuses = Object.values(aws.UsageRecordResultStatus).sort();
    assert.deepEqual(namesOf('AWS record status').sort(), [...statuses, 'UnprocessedRecords'].sort());
  });

  test('of every outcome, in the order of the contract', () => {
    assert.deepEqual(namesOf('outcome'), STATUSES);
  });

  test('of every code of our own errors', () => {
    const codes = Object.values(errors).flatMap(value =>
      typeof value === 'function' && value.prototype instanceof errors.KnownError && value !== ServiceError
        ? [new (value as unknown as new (text: string) => errors.KnownError)('x').code]
        : [],
    );
    assert.ok(codes.length >= 8);
    assert.deepEqual(namesOf('ampmeter error').sort(), [...codes, 'Internal'].sort());
    assert.notDeepEqual(explanationsOf(errors.UNEXPECTED_REPLY), []);
  });

  test('of every word that a command prints as the state of something', () => {
    assert.deepEqual(namesOf('difference').sort(), [...DIFFERENCES].sort());
    assert.deepEqual(
      namesOf('reconcile result').sort(),
      [...OPEN, 'agreed', 'not-sent', 'not judged'].sort(),
    );
    assert.deepEqual(namesOf('check result'), CHECK_STATUSES);
    assert.deepEqual(namesOf('AWS agreement status').sort(), Object.values(AgreementStatus).sort());
    const ofHours = [...Object.keys(GAP_STATES), ...Object.values(GAP_STATES), 'gap', 'missing', 'no record'];
    const others = ['planned', 'sent', 'never sent', 'unjudged', 'last hour'];
    for (const word of [...ofHours, ...others]) assert.notDeepEqual(explanationsOf(word), [], word);
  });

  test('of every exit code', () => {
    assert.deepEqual(namesOf('exit code'), Object.keys(MEANINGS));
    assert.deepEqual(
      EXIT_CODE_EXPLANATIONS.map(({ means }) => means),
      Object.values(MEANINGS),
    );
  });

  for (const name of [
    'AccessDeniedException',
    'ExpiredTokenException',
    'IncompleteSignature',
    'InternalFailure',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'OptInRequired',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'ServiceUnavailable',
    'SignatureDoesNotMatch',
    'ThrottlingException',
    'UnrecognizedClientException',
    'ValidationError',
    'SerializationException',
    'TooManyRequestsException',
    'SlowDown',
  ]) {
    test(`of ${name}, one of AWS's common errors`, () => assert.notDeepEqual(explanationsOf(name), []));
  }
});

describe('an explanation', () => {
  for (const { name, kind, means, why, next, unsaid, link } of ALL) {
    test(`of ${name} (${kind}) is whole`, () => {
      assert.ok(why.length > 0);
      for (const text of [means, next, ...why, ...(unsaid === undefined ? [] : [unsaid])]) {
        assert.match(text, /^\S[^\n]*[^\s.]$/, 'one line, without a full stop');
        assert.ok(text.length >= 10 && text.length <= 180, `${text.length} characters: ${text}`);
      }
      if (link !== undefined) assert.match(link, /^https:\/\/docs\.aws\.amazon\.com\/\S+\.html$/);
      if (kind.startsWith('AWS')) assert.ok(link !== undefined, 'AWS has a page for it');
    });
  }

  test('of an exception links to a page of an operation that raises it', () => {
    for (const name of namesOf('AWS metering error')) {
      const [{ link = '' } = {}] = explanationsOf(name);
      const operation = /marketplace-metering_(\w+)\.html$/.exec(link)?.[1];
      if (operation === undefined) continue;
      const known = OPERATIONS.find(one => one === operation);
      assert.ok(known !== undefined && canRaise(known, name as EmulatedError), `${name}: ${link}`);
    }
  });

  test('has no name of another meaning of its kind', () => {
    for (const kind of new Set(ALL.map(explanation => explanation.kind))) {
      const names = ALL.filter(one => one.kind === kind).flatMap(({ name, also = [] }) => [name, ...also]);
      assert.deepEqual([...new Set(names)].sort(), names.sort());
    }
  });
});

describe('a name is found', () => {
  const CASES: readonly (readonly [typed: string, names: readonly string[]])[] = [
    ['throttlingexception', ['ThrottlingException']],
    ['Throttling', ['ThrottlingException']],
    ['SLOWDOWN', ['ThrottlingException']],
    ['already_recorded', ['already-recorded']],
    ['alreadyRecorded', ['already-recorded']],
    ['com.amazonaws.marketplacemetering#InvalidTagException', ['InvalidTagException']],
    ['ExpiredToken', ['ExpiredTokenException', 'ExpiredTokenException']],
    ['expired', ['expired', 'Expired', 'EXPIRED']],
    ['gaps', ['gap']],
    ['tooLate', ['too late']],
    ['notSubscribed', ['not-subscribed']],
    ['duplicate', ['duplicate']],
    ['DuplicateRecord', ['DuplicateRecord']],
    ['Timeout', ['Timeout']],
    ['RequestTimeout', ['RequestTimeout']],
    ['constructor', []],
    ['', []],
    ['#', []],
  ];
  for (const [typed, names] of CASES) {
    test(`${JSON.stringify(typed)}: ${names.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(
        explanationsOf(typed).map(({ name }) => name),
        names,
      );
    });
  }

  test('143: the exit code that stands for three', () => {
    assert.deepEqual(
      explanationsOf('143', ALL).map(({ name }) => name),
      ['130'],
    );
  });
});

describe('an error ends with the step that its explanation has', () => {
  for (const { name, kind, next } of EXPLANATIONS) {
    if (kind !== 'AWS metering error' && kind !== 'AWS common error') continue;
    test(`${name} (${kind})`, () => {
      const isOfCaller = name === 'ExpiredTokenException' && kind === 'AWS common error';
      const operation =
        name === 'ExpiredTokenException' && !isOfCaller ? 'ResolveCustomer' : 'BatchMeterUsage';
      const errorKind: ServiceErrorKind = classify({ status: 400, code: name, message: '' }, operation);
      const facts = errorFacts(
        new ServiceError('x', { kind: errorKind, operation, code: name, maybeDelivered: false }),
      );
      // These speak of every operation; what an error of one says is held by test/cli/advice.test.ts.
      const isOfAll = ['ThrottlingException', 'AccessDeniedException'].includes(name);
      if (isOfAll) assert.notEqual(facts.next, next);
      else assert.equal(facts.next, next);
      assert.equal(facts.see, name);
    });
  }

  test('and what is explained under no name says nothing of it', () => {
    const facts = { operation: 'MeterUsage', code: 'NewException', maybeDelivered: false } as const;
    const { see } = errorFacts(new ServiceError('x', { ...facts, kind: 'call' }));
    assert.equal(see, undefined);
  });
});

describe('explanations are printed', () => {
  const [invalid] = explanationsOf('InvalidLicenseException');
  assert.ok(invalid !== undefined);

  test('for people, within 80 columns but for the link', () => {
    const text = explanationText(invalid, paintFor(false), undefined);
    assert.match(
      text,
      /^InvalidLicenseException \(AWS metering error\)\n {2}means: {3}the license is not valid/,
    );
    assert.match(text, /\n {2}next: {4}check that the license is the buyer's/);
    assert.match(text, /\n {2}unclear: when an ended agreement/);
    for (const explanation of ALL) {
      const lines = explanationText(explanation, paintFor(false), 200).split('\n');
      assert.deepEqual(
        lines.filter(line => line.length > 80 && !line.includes('https://')),
        [],
      );
    }
  });

  test('for scripts', () => {
    const typed = { type: 'explanation', ...invalid };
    assert.deepEqual(JSON.parse(explanationsJson([invalid], 'json')), [typed]);
    assert.deepEqual(JSON.parse(explanationsJson([invalid], 'jsonl')), typed);
  });
});

test('other names are not repeated where the next step has them', () => {
  const textOf = (name: string): string =>
    explanationsOf(name)
      .map(one => explanationText(one, paintFor(false), undefined))
      .join('');
  assert.doesNotMatch(textOf('duplicate'), /also:/);
  assert.match(textOf('duplicate'), /INCORRECT_METERING/);
  assert.match(textOf('not-subscribed'), /also: +notSubscribed/);
});
