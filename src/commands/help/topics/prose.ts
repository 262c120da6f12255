import { policyFor, SELLER } from '../../doctor/iam-policy.ts';

/** Source: BatchMeterUsage and UsageRecord in the API reference; the Seller Guide where said. */
export const IDENTITY = `A record says who pays in one of three ways. They are never mixed in one
request; batch keeps them apart by itself.

  license   customer_aws_account_id and license_arn
            Required for products created since 2026-06-01. No product code is
            sent. A buyer may have several licenses, each billed by itself.
  account   product_code and customer_aws_account_id
            For products that were created before.
  customer  product_code and customer_identifier
            For old integrations: the identifier that ResolveCustomer gave.

ampmeter resolve TOKEN gives all of them for a buyer who comes from AWS
Marketplace, as far as AWS has them for the product.

Never report the same usage in two ways: AWS does not know that a record with a
license and one with a product code mean the same, and bills both. Stop the one
before you start the other, and not within an hour. The ledger refuses what it
can see of this, with the status conflict.

One customer, dimension and hour is one record. The first quantity for it is
billed for ever; nothing is added up, changed or deleted. Each Region counts by
itself (AWS's agent skill says so): use one Region for a product, always.
`;

export const CREDENTIALS = `Credentials are looked for as by the AWS CLI:

  1. --profile NAME
  2. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones,
     AWS_SESSION_TOKEN
  3. AWS_PROFILE, or the profile "default": keys, an assumed role, web
     identity, a process, SSO, aws login
  4. the role of the machine: web identity, ECS task, EKS pod, EC2 instance

What a profile names is used, and nothing in its place: when it fails, the error
says what failed, and the role of the machine is not tried.

An assumed role with mfa_serial asks for the code on the terminal. In cron there
is none: put the credentials of a session into the environment, or use a role
that needs no code.

A credential_process has no terminal, and what it prints is never shown. One that
hangs is ended after 30 seconds, or with the run, and all it has started with it.

The Region is that of --region, AWS_REGION, AWS_DEFAULT_REGION or the profile.
Without any, batch and resolve call us-east-1, where a product is enabled from
the start; meter and register call the Region of the instance.

Who may call what:

  batch, resolve   an identity in the AWS account that sells the product; from
                   another account assume a role in that one
  meter            the software itself, in the buyer's account: EC2 instance
                   role, ECS task role, or on EKS a role for the service account
                   (IRSA). On ECS and EKS neither the role of the node nor
                   access keys will do, and on EKS no Pod Identity. Bedrock
                   AgentCore: its execution role
  register         the same, in an ECS task or an EKS pod only

A policy for a seller's own program, complete:

${JSON.stringify(policyFor(SELLER), null, 2)}

There are no smaller resources than "*", and no other prefix. The managed policy
AWSMarketplaceMeteringFullAccess allows MeterUsage alone, and
AWSMarketplaceMeteringRegisterUsage allows RegisterUsage alone. reconcile asks
CloudTrail, and needs cloudtrail:LookupEvents besides.

ampmeter doctor shows what is found here, and whose it is.
`;

export const CRON = `A line for cron that reports the last hours, ten minutes past each hour:

  LOG=/var/lib/usage/last-run.log
  10 * * * *  ampmeter batch /srv/last.csv --wait 10m > $LOG 2>&1 || cat $LOG

cron mails what is printed, and a run prints its outcomes: kept in a file, they
are mailed only when the run did not end with exit code 0. With -q a run prints
errors only, and needs no such file. --heartbeat FILE|URL tells a monitor of each
run that billed everything.

Overlap: one run at a time uses a ledger. A second one ends with exit code 8, or
waits for its turn with --wait. The lock goes with the process, however that
ends; nothing has to be cleaned up after a crash.

The ledger remembers what was billed. Put it where it outlives restarts and
containers, always in the same place: AMPMETER_LEDGER or --ledger names it. Not
on a network file system, which may not keep locks. Without its memory AWS still
drops identical records, but a quantity that has changed since is lost.

Exit codes 5 and 8 ask to run the same command again, later. What a run leaves
open the next one sends, also when the file has been overwritten since; without
files, ampmeter batch does just that. Usage can be up to a day old (ampmeter help
windows): let each file have the last hours, not only the newest one. What is
billed already is not sent again.

A file without times is billed for one hour: --timestamp -1h. The very same file
keeps that hour until all of it is billed, and so do its bytes while some of them
are open. Where one file is new usage each hour, use --new-usage.

Hours without usage can be closed with 0, once nothing more can come for them:

  ampmeter gaps --until -2h --zero-fill zeros.csv --force
  ampmeter batch zeros.csv --wait 10m

gaps ends with 4 when there are gaps, which is no failure here. On a day without
any it writes a file that batch accepts as empty; an export that broke off after
its header is still an error.

Cron has another environment than your shell: no AWS_PROFILE, another HOME, a
short PATH. Name the profile and the ledger in the line, and try them with

  env -i HOME="$HOME" PATH=/usr/bin:/bin ampmeter doctor --profile seller

Say -o jsonl to keep a log for machines: a line for each outcome, one for the
summary, and errors on standard error in the same form.
`;
