/**
 * Source of the price: AWS's price of on-demand write request units in us-east-1 since November 2024. A write of up to 1 KB
 * is one unit, in a transaction two (DynamoDB Developer Guide, "Read and write operations"). What a record needs:
 * `ledger/table/table-run.ts`, `ledger/table/streams.ts`.
 */
export const TABLES = `The ledger records what was billed. It is a file, or a table of DynamoDB:

  file   --ledger FILE              for one machine with a disk that lasts:
                                    faster, free, one run at a time
  table  --ledger dynamodb://TABLE  for Fargate, Kubernetes, CI and other
                                    machines without such a disk, and for
                                    several at once

AMPMETER_LEDGER=dynamodb://TABLE is the same for all commands. Both kinds make
the same promises and have the same statuses.

Create the table once. It has on-demand capacity, point-in-time recovery and
deletion protection:

  ampmeter ledger create --ledger dynamodb://TABLE

With --print cloudformation it prints a template instead; run ledger create
after deploying it. --print policy prints the IAM policies: "run" for uploads,
"read" for history and reports, "create" for ledger create. ampmeter doctor
checks all of it.

The table is in the Region of AWS_REGION, AWS_DEFAULT_REGION or the profile, or
in the one that dynamodb://REGION/TABLE names. --region and --endpoint-url are
those of metering only. AWS_ENDPOINT_URL_DYNAMODB changes the endpoint of the
table. --profile, --ca-bundle and --give-up-after apply to it as well.

Costs: a record needs two writes, before it is sent and when AWS has replied,
and seven write units with --round carry or --late carry. On demand, a million
writes cost 0.625 USD in us-east-1 (looked up on 2026-11-29), so a million
records cost about 1.25 USD, and about 4.40 USD when they carry. Records with
tags of more than about half a kilobyte need more, and a row that is not billed
needs one more when it is first shown and once a day. history, gaps and
reconcile read the hours that they show; report, ledger info, verify and copy
read the whole table.

Several machines may upload at the same time, also the same file. Each record is
decided by a conditional write: the first machine sends it, and for the others
it is already-recorded or, with another quantity, a conflict. There is no lock,
so no run waits (--wait) or ends with exit code 8. A run that cannot reach the
table sends nothing that is not in it, and ends with exit code 9, or 5 when
records are left to send.

Runs in a file count from 1. Runs in a table are numbered by the time of their
start, in microseconds, so that two machines never choose the same number.
Problems that a run has shown are known to all machines, and gaps --zero-fill
leaves out the hours that they are about.

Where usage was billed before without this table, add it from CloudTrail first:

  ampmeter ledger import --ledger dynamodb://TABLE

Each record is added on condition that nothing is there, so uploads may go on.
The list that batch --check-dimensions keeps next to a ledger file is not kept
with a table: each run asks AWS again.

Back up: point-in-time recovery restores a table to any second of the last 35
days, under another name. ledger backup writes the whole table to a file, which
is a ledger too. Do not delete the table while AWS still accepts usage for its
hours: without it, an hour could be billed twice.

To move, stop the uploads, then copy. The copy can be repeated if it is
interrupted, and ends with a comparison of both:

  ampmeter ledger copy ledger.db dynamodb://TABLE
  ampmeter ledger copy dynamodb://TABLE ledger.db
`;
