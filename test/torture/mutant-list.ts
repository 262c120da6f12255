export type Mutant = {
  readonly name: string;
  /** In which file of `src` which text becomes which other; it must stand there exactly once. */
  readonly changes: readonly (readonly [file: string, from: string, to: string])[];
  /** What should catch it: a file of tests, and a pattern for the names of the tests in it. */
  readonly hint: readonly [file: string, pattern: string];
};

const SETTLED = "{ status: 'accepted', reason: undefined, meteringRecordId: undefined }";
const BEGIN = 'if (!isBegun) records = await journal.begin(records);';

/**
 * Mistakes that others have made, or that we could: each would bill twice, lose a record or tell a lie. Not among them
 * is `process.exit()` after printing: where Node writes to pipes at once, as on Linux, it changes nothing.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the outcome is written before the answer',
    changes: [
      [
        'upload/send.ts',
        BEGIN,
        `${BEGIN}\n      for (const planned of records) journal.settle(planned, ${SETTLED});`,
      ],
    ],
    hint: ['torture/barrier.test.ts', 'as sent'],
  },
  {
    name: 'results are matched by index',
    changes: [
      [
        'upload/match.ts',
        'const result = isListed ? undefined : theOnly(found);',
        'const result = Results[sent.indexOf(planned)];',
      ],
      ['upload/match.ts', '(result.UsageRecord?.Quantity ?? 0) === planned.record.quantity', 'true'],
    ],
    hint: ['torture/answers.test.ts', 'order|one result missing'],
  },
  {
    name: 'the quantity in a result is not looked at',
    changes: [['upload/match.ts', '(result.UsageRecord?.Quantity ?? 0) === planned.record.quantity', 'true']],
    hint: ['torture/answers.test.ts', "another record's quantity"],
  },
  {
    name: 'a success without an id is believed',
    changes: [
      [
        'upload/match.ts',
        "case 'Success':\n      return meteringRecordId === undefined",
        "case 'Success':\n      return false",
      ],
    ],
    hint: ['torture/answers.test.ts', 'without an id'],
  },
  {
    name: 'UnprocessedRecords is ignored',
    changes: [['upload/send.ts', 'new Set([...unprocessed, ...missing])', 'new Set(missing)']],
    hint: ['torture/answers.test.ts', 'T7'],
  },
  {
    name: 'records missing from the reply are taken as billed',
    changes: [
      [
        'upload/match.ts',
        'else missing.push(planned);',
        `else settled.push({ planned, outcome: ${SETTLED} });`,
      ],
    ],
    hint: ['torture/answers.test.ts', 'one result missing'],
  },
  {
    name: 'the timestamp is made anew for each attempt',
    changes: [
      ['usage/wire.ts', 'Timestamp: record.timestamp }', 'Timestamp: Math.floor(Date.now() / 1000) }'],
    ],
    hint: ['torture/answers.test.ts', 'T3'],
  },
  {
    name: 'a 5xx is taken as done',
    changes: [
      [
        'upload/send.ts',
        "if (reply instanceof ServiceError && reply.kind === 'record')",
        `if (reply instanceof ServiceError && (reply.httpStatus ?? 0) >= 500) {
        for (const planned of records) journal.settle(planned, ${SETTLED});
        return;
      }
      if (reply instanceof ServiceError && reply.kind === 'record')`,
      ],
    ],
    hint: ['torture/answers.test.ts', 'forever ends'],
  },
  {
    name: 'exit 0 with records left',
    changes: [
      [
        'upload/result.ts',
        'if (tally.unsent + tally.unknown > lost) return 5;',
        'if (tally.unsent + tally.unknown > lost) return 0;',
      ],
    ],
    hint: ['torture/answers.test.ts', 'no results'],
  },
  {
    name: 'synchronous = OFF',
    changes: [['ledger/open.ts', "['wal', 'FULL', 2]", "['wal', 'OFF', 0]"]],
    hint: ['torture/barrier.test.ts', 'under way at a time'],
  },
  {
    name: 'synchronous = NORMAL',
    changes: [['ledger/open.ts', "['wal', 'FULL', 2]", "['wal', 'NORMAL', 1]"]],
    hint: ['torture/barrier.test.ts', 'under way at a time'],
  },
  {
    name: 'a request is noted after it was sent',
    changes: [
      ['upload/send.ts', BEGIN, ''],
      [
        'upload/send.ts',
        '.catch((error: unknown) => error);',
        '.catch((error: unknown) => error);\n      await journal.begin(records);',
      ],
    ],
    hint: ['torture/edited.test.ts', 'under way'],
  },
  {
    name: 'requests leave without waiting for the commit',
    changes: [['upload/send.ts', BEGIN, 'if (!isBegun) void journal.begin(records);']],
    hint: ['torture/ledger-file.test.ts', 'fills up'],
  },
  {
    name: 'the key is of the minute, not of the hour',
    changes: [['usage/check.ts', 'undefined : startOfHour(at)', 'undefined : Math.floor(at / 60_000) * 60']],
    hint: ['torture/edited.test.ts', 'P3'],
  },
  {
    name: 'a zero closes an hour for which a row is not billed',
    changes: [['commands/gaps/scan.ts', "if (questionOf(gap) !== undefined) return 'question';", '']],
    hint: ['e2e/gaps.test.ts', 'never closes'],
  },
  {
    name: 'an invalid row is not noted',
    changes: [['upload/problems.ts', '? NEW : noted.meet(told))', '? NEW : noted.recall(told))']],
    hint: ['e2e/gaps.test.ts', 'never closes'],
  },
  {
    name: 'a problem is known whatever its row',
    changes: [
      ['ledger/problems.ts', 'hashOf([status, reason, row, names.hour ?? null])', 'hashOf([status])'],
    ],
    hint: ['e2e/known-problems.test.ts', 'fails for what is new'],
  },
  {
    name: 'the balance of a stream is not read',
    changes: [
      ['ledger/streams.ts', 'let balance = balanceOf(sql, destination, stream);', 'let balance = 0n;'],
    ],
    hint: ['ledger/streams.test.ts', 'go on in the next run'],
  },
  {
    name: 'what an hour has sent stays in the balance',
    changes: [
      ['ledger/streams.ts', 'balance += remainderOf(used, sent);', 'balance += remainderOf(used, 0);'],
    ],
    hint: ['ledger/streams.test.ts', 'go from hour to hour'],
  },
  {
    name: 'carry: what was sent without a reply gets the amounts of the new plan',
    changes: [['ledger/draft-statements.ts', 'MAY_BE_BILLED}, record.$', 'MAY_BE_BILLED}, known_row.$']],
    hint: ['ledger/streams.test.ts', 'what is sent again keeps its amounts'],
  },
  {
    name: 'carry: an hour that shrank is accepted',
    changes: [['ledger/streams.ts', 'used <= decimalOf(billed) || ', '']],
    hint: ['ledger/streams.test.ts', 'stays a conflict when it shrank'],
  },
  {
    name: 'carry: an hour that grew keeps its used amount',
    changes: [['ledger/streams.ts', 'sql.grow.run(usedColumn,', 'sql.grow.run(null,']],
    hint: ['ledger/streams.test.ts', 'gives the difference to the next hour of the plan, once'],
  },
  {
    name: 'carry: the rest of an hour that grew is sent again by each run',
    changes: [['ledger/streams.ts', "sent, null, '0',", 'sent, null, decimalText(left),']],
    hint: ['ledger/streams.test.ts', 'the newest hour that is over and free'],
  },
  {
    name: 'carry: the rest goes to an hour that has a record',
    changes: [
      [
        'ledger/streams.ts',
        'sql.isTakenHour.get(destination, hour, ...valuesOf(stream), place.product) !== undefined',
        'false',
      ],
    ],
    hint: ['ledger/streams.test.ts', 'the newest hour that is over and free'],
  },
  {
    name: 'carry: the rest goes to the current hour',
    changes: [['ledger/streams.ts', 'startOfHour(startedMs) - HOUR_SECONDS', 'startOfHour(startedMs)']],
    hint: ['ledger/streams.test.ts', 'the newest hour that is over and free'],
  },
  {
    name: 'carry: an hour is rounded to the nearest unit',
    changes: [
      ['usage/carry.ts', 'floor(balance + used)', 'floor(balance + used + 500_000_000_000_000_000n)'],
    ],
    hint: ['usage/carry.test.ts', 'hours one after the other'],
  },
  {
    name: 'carry: less than nothing is sent',
    changes: [['usage/carry.ts', 'whole < 0n ? 0 : ', '']],
    hint: ['usage/carry.test.ts', 'with a balance of'],
  },
  {
    name: 'carry: what was not billed is in the balance',
    changes: [
      [
        'ledger/fragments.ts',
        `carried_in IS NOT NULL AND \${COUNTS}`,
        "carried_in IS NOT NULL AND status <> 'planned'",
      ],
    ],
    hint: ['ledger/streams.test.ts', 'when their record is not billed'],
  },
  {
    name: 'carry: what was sent without a reply is not in the balance',
    changes: [
      [
        'ledger/fragments.ts',
        `carried_in IS NOT NULL AND \${COUNTS}`,
        "carried_in IS NOT NULL AND status IN ('accepted', 'already-recorded')",
      ],
    ],
    hint: ['ledger/streams.test.ts', 'of what may be billed count'],
  },
  {
    name: 'carry: an hour that is too late passes its fraction on',
    changes: [['ledger/streams.ts', 'if (!isLate) balance', 'balance']],
    hint: ['ledger/streams.test.ts', 'too late already'],
  },
  {
    name: 'carry: hours are planned from the newest to the oldest',
    changes: [
      [
        'ledger/stream-statements.ts',
        "<> 'duplicate' ORDER BY timestamp`",
        "<> 'duplicate' ORDER BY -timestamp`",
      ],
    ],
    hint: ['ledger/streams.test.ts', 'oldest first'],
  },
  {
    name: 'carry: what AWS rejected as a second quantity is sent with a third one',
    changes: [
      [
        'ledger/stream-statements.ts',
        "AND coalesce(answer ->> '$.status', '') <> 'duplicate' ORDER",
        'ORDER',
      ],
    ],
    hint: ['ledger/streams.test.ts', 'asked again as it was'],
  },
  {
    name: 'carry: pruning deletes what a balance is made of',
    changes: [['ledger/maintenance.ts', 'SETTLED} AND NOT (', 'SETTLED} AND NOT (0 AND ']],
    hint: ['ledger/maintenance.test.ts', 'survives pruning'],
  },
  {
    name: 'carry: what was carried into a billed record can be changed',
    changes: [['ledger/schema.ts', 'AND NEW.carried_in IS NOT OLD.carried_in', 'AND 0']],
    hint: ['ledger/ledger.test.ts', 'what was carried into'],
  },
  {
    name: 'carry: without a ledger, fractions are lost and nobody is told',
    changes: [['cli/options/flag-rules.ts', "flags: ['--round carry', '--late carry'],", 'flags: [],']],
    hint: ['cli/options/flag-rules.test.ts', '.'],
  },
  {
    name: 'fractions are rounded before they are added up',
    changes: [
      [
        'usage/merge.ts',
        'bySet.set(set, { used: usedOf(record), tags });',
        'bySet.set(set, { used: fromWhole(amountOf(usedOf(record), round).quantity), tags });',
      ],
      [
        'usage/merge.ts',
        'seen.used += usedOf(record);',
        'seen.used += fromWhole(amountOf(usedOf(record), round).quantity);',
      ],
    ],
    hint: ['e2e/fractions.test.ts', 'adds the rows of a record up'],
  },
  {
    name: 'parts: the smallest remainder is rounded up',
    changes: [['usage/rounding.ts', 'a.lost > b.lost ? -1 : 1', 'a.lost > b.lost ? 1 : -1']],
    hint: ['usage/rounding.test.ts', 'units for'],
  },
  {
    name: 'an edited quantity replaces one whose answer was lost',
    changes: [
      ['ledger/fragments.ts', "[...COUNTING, 'duplicate']", "['accepted', 'already-recorded', 'duplicate']"],
      ['ledger/schema.ts', "WHEN OLD.status IN ('sent', 'unknown', ", 'WHEN OLD.status IN ('],
    ],
    hint: ['torture/edited.test.ts', 'answer was lost'],
  },
  {
    name: 'what was under way at a kill is planned anew',
    changes: [
      [
        'ledger/statements.ts',
        "SET status = 'unknown', reason = 'a run ended before the reply arrived'",
        "SET status = 'planned', reason = NULL",
      ],
    ],
    hint: ['torture/edited.test.ts', 'under way'],
  },
  {
    name: 'there is no lock',
    changes: [['ledger/lock.ts', 'BEGIN EXCLUSIVE', 'BEGIN']],
    hint: ['torture/ledger-file.test.ts', 'exit code 8'],
  },
  {
    name: 'the lock is a folder, left behind by a kill',
    changes: [
      [
        'ledger/lock.ts',
        "import { resolve } from 'node:path';",
        "import { mkdirSync, rmdirSync } from 'node:fs';\nimport { resolve } from 'node:path';",
      ],
      [
        'ledger/lock.ts',
        'prepareFile(file);\n',
        `prepareFile(file);
  try {
    mkdirSync(\`\${file}.d\`);
  } catch {
    return undefined;
  }
`,
      ],
      [
        'ledger/lock.ts',
        'release: () => db.close()',
        "release: () => { db.close(); rmdirSync(file + '.d'); }",
      ],
    ],
    hint: ['torture/ledger-file.test.ts', 'leaves no lock'],
  },
  {
    name: "windows are judged by this machine's clock alone",
    changes: [
      [
        'upload/send.ts',
        'WINDOWS.BatchMeterUsage) - client.now().getTime()',
        'WINDOWS.BatchMeterUsage) - Date.now()',
      ],
    ],
    hint: ['torture/answers.test.ts', 'P9'],
  },
  {
    name: "what AWS's replies tell of its clock is ignored",
    changes: [['metering/aws-clock.ts', 'now: () => after(learnedOffsetMs)', 'now: () => after(0)']],
    hint: ['e2e/clock.test.ts', 'by 180 minutes'],
  },
  {
    name: 'the clock on the wall is read in mid-run',
    changes: [
      [
        'metering/aws-clock.ts',
        'const ours = (): EpochMs => startedMs + monotonic();',
        'const ours = (): EpochMs => now().getTime();',
      ],
    ],
    hint: ['e2e/clock.test.ts', 'changes no hour'],
  },
  {
    name: "skew ignored: a relative time is by this machine's clock",
    changes: [
      [
        'cli/connection/service-clock.ts',
        'startedAt: () => new Date(client.now().getTime() - (world.monotonic() - startMs)),',
        'startedAt: () => new Date(Date.now() - (world.monotonic() - startMs)),',
      ],
    ],
    hint: ['torture/cron/cron.test.ts', 'hours; to what it has'],
  },
  {
    name: 'what waits for the time is written down as sent',
    changes: [['upload/send.ts', "        await client.ready?.('BatchMeterUsage', patience(first));\n", '']],
    hint: ['upload/send.test.ts', 'what waits for the time'],
  },
  {
    name: 'an outage and a wrong clock make usage too old for good',
    changes: [['upload/send.ts', 'wasHeard = (await asked) === undefined;', 'await asked;']],
    hint: ['upload/send.test.ts', 'nobody has compared'],
  },
  {
    name: 'a relative time is billed for the hour of a clock that was never compared',
    changes: [
      [
        'cli/hour-guard.ts',
        'if (meant === hour && !isMoved) return undefined;',
        'if (hour > 0) return undefined;',
      ],
    ],
    hint: ['e2e/clock.test.ts', 'not billed for the hour of a wrong clock'],
  },
  {
    name: 'a relative time is not pinned: a later run means a later hour',
    changes: [
      ['commands/batch/relative-time.ts', 'const before = newUsage ?', 'const before = newUsage || at > 0 ?'],
    ],
    hint: ['e2e/relative-time.test.ts', 'the same command settles the same hour'],
  },
  {
    name: 'an account id goes through Number()',
    changes: [
      [
        'usage/fields.ts',
        'const { digits } = LIMITS.customerAWSAccountId;',
        'const { digits } = LIMITS.customerAWSAccountId;\n  text = String(Number(text));',
      ],
    ],
    hint: ['torture/edited.test.ts', 'leading zero'],
  },
  {
    name: 'the destination is left out of the key',
    changes: [
      ['usage/scope.ts', '  if (awsRegionOf(url) !== undefined) return AWS;\n', '  if (url) return AWS;\n'],
    ],
    hint: ['torture/edited.test.ts', 'P13'],
  },
  {
    name: "AWS is another place under each of its hosts' names",
    changes: [['usage/scope.ts', '  if (awsRegionOf(url) !== undefined) return AWS;\n', '']],
    hint: ['e2e/aws-hosts.test.ts', 'known through every other'],
  },
  {
    name: 'what begins like a name of AWS is AWS',
    changes: [
      [
        'usage/aws-hosts.ts',
        'VARIANTS.some(variant => hostOf(region, variant) === host)',
        'VARIANTS.some(variant => host.startsWith(hostOf(region, variant)))',
      ],
    ],
    hint: ['usage/aws-hosts.test.ts', 'evil'],
  },
  {
    name: 'requests to a host of AWS are signed for the default Region',
    changes: [['metering/destination.ts', '    hostRegionOf(endpoint, service) ??\n', '']],
    hint: ['metering/destination.test.ts', "a host of AWS's has its Region"],
  },
  {
    name: 'doubt taken for certainty: a duplicate after a lost answer is billed',
    changes: [
      [
        'upload/match.ts',
        "? unknown('duplicate', 'AWS now replies DuplicateRecord: it has this record, or another quantity')",
        "? { status: 'already-recorded', reason: undefined, meteringRecordId }",
      ],
    ],
    hint: ['e2e/open-records.test.ts', 'another program was first'],
  },
  {
    name: 'doubt taken for certainty: a refusal after a lost answer is one',
    changes: [
      [
        'upload/send.ts',
        'if (maybeDelivered.delete(planned))',
        'if (maybeDelivered.delete(planned) && false)',
      ],
    ],
    hint: ['e2e/open-records.test.ts', 'a refusal of what may be billed'],
  },
  {
    name: 'doubt taken for certainty: the first of two answers counts',
    changes: [
      [
        'upload/match.ts',
        'const result = isListed ? undefined : theOnly(found);',
        'const result = found[0];',
      ],
    ],
    hint: ['e2e/open-records.test.ts', 'two statuses|not processed'],
  },
  {
    name: 'doubt taken for certainty: that an id was given twice is told once',
    changes: [
      [
        'ledger/draft-statements.ts',
        "iif(record.status IN ('accepted', 'already-recorded'), record.doubt, NULL)",
        'NULL',
      ],
      [
        'ledger/shared-ids.ts',
        'const near = [first - REACH_SECONDS, last + REACH_SECONDS] as const;',
        'const near = [first, last] as const;',
      ],
    ],
    hint: ['e2e/batch.test.ts', 'lasts where the records are of different hours'],
  },
  {
    name: 'what is certain is taken for doubt: an attempt without an answer hides a duplicate',
    changes: [['ledger/run-changes.ts', ": status === 'unknown'", ": status === 'invalid'"]],
    hint: ['ledger/carry.test.ts', 'leaves what was duplicate'],
  },
  {
    name: 'what was not sent is accepted between two that were: no neighbors',
    changes: [
      ['ledger/reading-order.ts', '=== place + 1)', '> place)'],
      ['ledger/run-changes.ts', 'if (changes > records.length)', 'if (changes < 0)'],
    ],
    hint: ['ledger/run-changes.test.ts', 'missing between neighbors'],
  },
  {
    name: 'what has no reply yet is accepted between two that have one',
    changes: [
      ['ledger/run-changes.ts', 'if (this.#order.isMixed) return false;', ''],
      ['ledger/run-changes.ts', 'if (changes > records.length)', 'if (changes < 0)'],
    ],
    hint: ['ledger/run-changes.test.ts', 'whose request is under way'],
  },
  {
    name: 'rows that wait to be sorted are not in the plan',
    changes: [['ledger/input-rows.ts', '    this.#insertStaged();\n', '']],
    hint: ['ledger/input-rows.test.ts', 'one by one'],
  },
  {
    name: 'a license and a product code bill one usage: the other mode is not looked for in the ledger',
    changes: [['ledger/clashes.ts', 'mode => this.#modes.has(mode) ||', 'mode => this.#modes.has(mode) &&']],
    hint: ['ledger/draft.test.ts', 'compared with the other mode'],
  },
  {
    name: 'open records left out',
    changes: [['ledger/draft.ts', 'if (span.hasOpen && !skip) {', 'if (span.hasOpen && skip) {']],
    hint: ['e2e/open-records.test.ts', 'while the service is busy'],
  },
  {
    name: 'open records left out: a run that ends does not say that it leaves any',
    changes: [
      [
        'ledger/run.ts',
        'const unsettled = open > 0 ? 1 : stuck > 0 ? 2 : 0;',
        'const unsettled = stuck > open ? 2 : 0;',
      ],
    ],
    hint: ['torture/cron/cron.test.ts', 'hours; to what it has'],
  },
  {
    name: 'what AWS has answered gives way to the fact that it is late',
    changes: [['ledger/run-changes.ts', '? this.#sql.restore.get(...where)', '? undefined']],
    hint: ['e2e/open-records.test.ts', 'the answer is told'],
  },
  {
    name: 'register of files off: the ledger may be an output',
    changes: [
      ['files/register.ts', 'if (other !== undefined) return other;', "if (other === '') return other;"],
    ],
    hint: ['e2e/outputs.test.ts', 'the ledger and its companions are refused'],
  },
  {
    name: 'fixed name of the draft: what has it is written over',
    changes: [
      ['files/atomic-write.ts', 'return stem + ending;', "return name + '.part';"],
      ['files/atomic-write.ts', "openSync(draft, 'wx', 0o600)", "openSync(draft, 'w', 0o600)"],
    ],
    hint: ['e2e/outputs.test.ts', 'called like a draft'],
  },
  {
    name: 'link not followed: a file takes its place',
    changes: [['files/output-file.ts', 'const place = placeOf(path);', 'const place = path;']],
    hint: ['e2e/outputs.test.ts', 'a link stays one'],
  },
  {
    name: 'a pipe is replaced by a file',
    changes: [
      ['files/output-file.ts', "if (facts.isFIFO()) return 'pipe';", "if (facts.isFIFO()) return 'plain';"],
    ],
    hint: ['e2e/outputs.test.ts', 'a pipe is written into'],
  },
  {
    name: 'two names of a ledger: two locks',
    changes: [['ledger/own-files.ts', 'if (nlink <= 1) return;', 'if (nlink <= 9) return;']],
    hint: ['ledger/own-files.test.ts', 'name'],
  },
  {
    name: 'a log beside a ledger that cannot be written is left out',
    changes: [['ledger/read-only.ts', 'const isLogged = hasContent(wal);', 'const isLogged = false;']],
    hint: ['e2e/read-only.test.ts', '.'],
  },
  {
    name: 'an input that changed under way is shown as what was sent',
    changes: [['upload/input-files.ts', 'if (hex === before) return;', 'return;']],
    hint: ['upload/row-files.test.ts', 'written over'],
  },
  {
    name: 'a cell that a spreadsheet would run',
    changes: [
      ['files/csv-writer.ts', "typeof value === 'string' ? cell(value)", "typeof value === 'string' ? value"],
    ],
    hint: ['commands/history/csv.test.ts', '.'],
  },
  {
    name: 'a lost result: exit 0',
    changes: [['commands/batch/run.ts', 'if (world.stdout.failure() !== undefined) codes.push(1);', '']],
    hint: ['e2e/lost-output.test.ts', 'after its work'],
  },
  {
    name: 'quiet, but for warnings',
    changes: [
      [
        'commands/batch/output.ts',
        'if (!quiet) await stderr.write(warningText(text, output, err));',
        'await stderr.write(warningText(text, output, err));',
      ],
    ],
    hint: ['e2e/quiet.test.ts', 'is billed'],
  },
  {
    name: 'a command for credentials leaves its children',
    changes: [['system/run-command.ts', 'host.kill(-pid, signal)', 'host.kill(pid, signal)']],
    hint: ['system/run-command.test.ts', 'is ended with all'],
  },
  {
    name: 'what AWS STS says is printed with a secret in it',
    changes: [
      ['metering/credential-failure.ts', 'withoutSecrets(refusal.message, secrets)', 'refusal.message'],
    ],
    hint: ['metering/credentials.test.ts', 'STS answers with a refusal'],
  },
  {
    name: 'nohup is not heeded',
    changes: [['main.ts', 'if (ignored.has(signal as Signal)) return;', '']],
    hint: ['e2e/ignored-signals.test.ts', '.'],
  },
  {
    name: 'a copy of standard input is left behind',
    changes: [['files/spool.ts', '      await rm(path);\n', '']],
    hint: ['e2e/waiting-input.test.ts', 'in the middle of a file'],
  },
  {
    name: 'pages in a circle are followed forever',
    changes: [['cloudtrail/lookup.ts', 'followed.has(nextToken)', 'false']],
    hint: ['cloudtrail/lookup.test.ts', 'ends when a page'],
  },
  {
    name: 'reconcile: what is not judged is no matter',
    changes: [['commands/reconcile/run.ts', '|| unjudged > 0 ? 5', '? 5']],
    hint: ['e2e/reconcile.test.ts', 'is not excluded by'],
  },
  {
    name: 'of a member that stands twice the last counts',
    changes: [['usage/json.ts', 'namesIn(text) === membersIn(value)', 'true']],
    hint: ['usage/json.test.ts', '.'],
  },
  {
    name: 'a demand for a client certificate makes a record unknown',
    changes: [['metering/network-causes.ts', '!(isFresh && isUnread(message))', 'true']],
    hint: ['e2e/tls-mixups.test.ts', 'client certificate'],
  },
  {
    name: "a heartbeat's URL is written anew",
    changes: [['metering/probe.ts', 'path: target,', 'path: url.pathname,']],
    hint: ['e2e/heartbeat.test.ts', 'to the letter'],
  },
  {
    name: 'a closed pipe ends the work',
    changes: [['node-world.ts', 'closed = true;', 'process.exit(1);']],
    hint: ['torture/stopping.test.ts', 'head -1'],
  },
  {
    name: 'two layers retry',
    changes: [
      [
        'upload/send.ts',
        ".call('BatchMeterUsage', requestOf(records), { giveUpAfterMs: patience(first), pace })",
        ".call('BatchMeterUsage', requestOf(records), { giveUpAfterMs: patience(first), pace })\n        .catch(() => client.call('BatchMeterUsage', requestOf(records), { giveUpAfterMs: patience(first), pace }))",
      ],
    ],
    hint: ['torture/answers.test.ts', 'for good|forever'],
  },
  {
    name: 'a table: a write without its condition',
    changes: [['dynamodb/table-client.ts', '...(write.seen !== undefined && conditionOf(write.seen)),', '']],
    hint: ['ledger/table/memory-table.test.ts', 'in DynamoDB'],
  },
  {
    name: 'a table: what is sent is settled before the reply',
    changes: [
      [
        'ledger/table/table-changes.ts',
        'this.#inner.save({ begun: current, at });',
        "this.#inner.save({ begun: current, at });\n    this.#inner.save({ settled: current.flat().map(planned => ({ planned, outcome: { status: 'accepted', reason: undefined, meteringRecordId: undefined } as const })), at });",
      ],
    ],
    hint: ['ledger/table/table-ledger.test.ts', 'sent again by the next'],
  },
  {
    name: 'a table: a lost reply is taken for a failure',
    changes: [
      [
        'ledger/table/writer.ts',
        'return (await this.table.get(first))?.writer === writer;',
        'return first === undefined;',
      ],
    ],
    hint: ['ledger/table/writer.test.ts', 'reply is lost'],
  },
  {
    name: 'a table: two writes of one process have the same name',
    changes: [['ledger/table/writer.ts', 'this.#writes += 1;', '']],
    hint: ['ledger/table/settle-in-table.test.ts', 'of one process'],
  },
  {
    name: 'a table: a working copy that is out of date is trusted',
    changes: [
      [
        'ledger/table/running-copy.ts',
        'if (!(await this.writer.write([item, ...more]))) return false;',
        'await this.writer.write([item, ...more]);',
      ],
    ],
    hint: ['ledger/table/table-ledger.test.ts', 'bill it once'],
  },
  {
    name: 'a table: a plan that is made again is not compared with other keys of the usage',
    changes: [['ledger/draft.ts', 'for (const hour of new Set(hours)) this.#moveConflicts(hour, hour);', '']],
    hint: ['ledger/table/table-ledger.test.ts', 'does not send'],
  },
  {
    name: 'a table: a stream is changed by whoever comes',
    changes: [
      [
        'ledger/table/streams.ts',
        "{ partition, sort: STREAM_HEAD, seen, body: '{}' }",
        "{ partition, sort: STREAM_HEAD, seen: seen < 0 ? seen : undefined, body: '{}' }",
      ],
    ],
    hint: ['ledger/table/streams.test.ts', 'different hours of a stream'],
  },
  {
    name: 'a table: what another run has begun is planned again',
    changes: [
      [
        'ledger/table/working-copy.ts',
        "record['status'] === 'sent' && record['run'] !== this.ownRun",
        "record['status'] === 'begun' && record['run'] !== this.ownRun",
      ],
    ],
    hint: ['ledger/table/streams.test.ts', 'keeps its quantity'],
  },
  {
    name: 'a table: what another run has begun meanwhile is sent as if AWS could not have it',
    changes: [
      [
        'ledger/table/record-rows.ts',
        "(status === 'unknown' && this.#mayHaveLeft.has(planned))",
        "status === 'unknown'",
      ],
    ],
    hint: ['ledger/table/table-ledger.test.ts', 'as if AWS could not have it'],
  },
  {
    name: 'a table: what a run has told is forgotten, so a zero closes the hour of an invalid row',
    changes: [['ledger/table/table-run.ts', 'await this.problems.save();', '']],
    hint: ['ledger/table/table-problems.test.ts', 'open question'],
  },
  {
    name: 'a table: a record leaves although its item was read again and does not have it as sent',
    changes: [
      [
        'ledger/table/table-changes.ts',
        'left.every(one => this.#rows.isBegun(one, this.#inner.number))',
        'left.length > 0',
      ],
    ],
    hint: ['ledger/table/one-usage.test.ts', 'nothing leaves'],
  },
  {
    name: 'a table: whoever settles a record writes over what its hour has grown by',
    changes: [['ledger/table/record-rows.ts', 'withAmountsOf(theirs, own)]]', 'own]]']],
    hint: ['ledger/table/streams.test.ts', 'when the machine that sent it first comes back'],
  },
  {
    name: 'a table: an import replaces what a run has begun meanwhile',
    changes: [
      [
        'ledger/table/table-import.ts',
        '{ ...key, seen: item?.revision ?? 0, body }',
        '{ ...key, seen: undefined, body }',
      ],
    ],
    hint: ['ledger/table/table-import.test.ts', 'begins meanwhile'],
  },
  {
    name: 'a table: an import adds what is there already',
    changes: [
      [
        'ledger/table/table-import.ts',
        '!known.has(keyOf(keyedAs(region, record)))',
        'known.size >= 0 || keyedAs(region, record) === undefined',
      ],
    ],
    hint: ['ledger/table/table-import.test.ts', 'changes nothing'],
  },
  {
    name: 'a row that cannot be read does not hold its hour',
    changes: [['upload/plan.ts', '      withhold(records, item);\n', '']],
    hint: ['e2e/incomplete-hours.test.ts', 'the row has a cell too many'],
  },
  {
    name: 'an entry that names the customer by both members is nobody’s',
    changes: [
      [
        'upload/match.ts',
        'first?.customerAWSAccountId && record.CustomerAWSAccountId',
        'record.CustomerAWSAccountId',
      ],
    ],
    hint: ['upload/match.test.ts', 'by both of its members'],
  },
];
