import { policyFor, SELLER } from '../../../cli/iam-policy.ts';

/** Source: BatchMeterUsage and UsageRecord in the API reference; the Seller Guide where noted. */
export const IDENTITY = `A record identifies the buyer in one of three ways. They are never mixed in one
request; batch separates them automatically.

  license   customer_aws_account_id and license_arn
            Required for products created since 2026-06-01. No product code is
            sent. A buyer may have several licenses, each billed separately.
  account   product_code and customer_aws_account_id
            For products created before that date.
  customer  product_code and customer_identifier
            For old integrations: the identifier returned by ResolveCustomer.

ampmeter resolve TOKEN prints all of them for a buyer who comes from AWS
Marketplace, as far as AWS has them for the product.

Never report the same usage in two ways: AWS does not know that a record with a
license and one with a product code are the same usage, and bills both. Stop one
before you start the other, and never within the same hour. The ledger rejects
such records where it can detect them, with the status conflict.

One customer, dimension and hour is one record. The first quantity sent for it
is final; nothing is added up, changed or deleted. Each Region counts separately
(according to AWS's agent skill): always use one Region for a product.
`;

export const CREDENTIALS = `ampmeter looks for credentials in the same order as the AWS CLI:

  1. --profile NAME
  2. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials,
     AWS_SESSION_TOKEN
  3. AWS_PROFILE, or the profile "default": keys, an assumed role, web
     identity, a process, SSO, aws login
  4. the role of the machine: web identity, ECS task, EKS pod, EC2 instance

The source in a profile has no fallback: if it fails, the error shows the
reason, and the role of the machine is not tried.

For an assumed role with mfa_serial, ampmeter asks for the code on the terminal.
cron has no terminal: put the credentials of a session into the environment, or
use a role that needs no code.

A credential_process has no terminal, and its output is never shown. If it
hangs, it is stopped after 30 seconds, or at the end of the run, with all
programs that it has started.

The Region comes from --region, AWS_REGION, AWS_DEFAULT_REGION or the profile.
If none is set, batch and resolve use us-east-1, where every product is enabled,
and meter and register use the Region of the instance.

Who may call what:

  batch, resolve   an identity in the AWS account that sells the product. From
                   another account, assume a role in that one
  meter            the software itself, in the buyer's account: EC2 instance
                   role, ECS task role, or on EKS a role for the service account
                   (IRSA). On ECS and EKS, AWS accepts neither the role of the
                   node nor access keys, and on EKS no Pod Identity. Bedrock
                   AgentCore: its execution role
  register         the same, in an ECS task or an EKS pod only

A complete policy for a seller's own program:

${JSON.stringify(policyFor(SELLER), null, 2)}

These actions support no resource other than "*", and no other prefix. The
managed policy AWSMarketplaceMeteringFullAccess allows only MeterUsage, and
AWSMarketplaceMeteringRegisterUsage only RegisterUsage. reconcile calls
CloudTrail and also needs cloudtrail:LookupEvents. subscribers,
gaps --agreements, report --agreements, history --value and
batch --check-dimensions also need aws-marketplace:SearchAgreements,
GetAgreementTerms, ListEntities and DescribeEntity: ampmeter doctor subscribers
prints that policy and tries these calls, which only read.

ampmeter doctor shows the credentials that it finds here, and their account.
`;

export const CRON = `Every hour, a script exports the usage of the last 24 hours and bills it. Its
line in the crontab: 10 * * * *  /usr/local/bin/bill-last-day

  #!/bin/sh
  cd /var/lib/usage || exit
  ./export-last-day > last-day.new && mv last-day.new last-day.csv ||
    echo "the usage export failed"
  ampmeter batch last-day.csv -q --wait 10m --skip-invalid \\
    --known-problems ok --heartbeat-end last-end.json

cron sends an email with everything that is printed. With -q, a run prints only
errors, and how many records are not billed. A failed export has to print
something itself: the old file is still there and billed, so no run fails. While
AWS cannot be reached, each run prints that it has not finished (exit code 5).
--heartbeat FILE|URL informs a monitor of each run that billed everything.

Overlap: only one run at a time can use a ledger. A second one ends with exit
code 8, or waits for its turn with --wait. The lock ends with its process, even
after a crash; no cleanup is needed.

The ledger records what was billed. Always keep it in the same location, one
that survives restarts and containers: set AMPMETER_LEDGER or use --ledger. Do
not put it on a network file system, which may not support locks. Without the
ledger, AWS still ignores identical records, but a changed quantity is lost.

Exit codes 5 and 8 mean: run the same command again later. The next run also
sends what an earlier run left open, even if the file was overwritten since;
without files, ampmeter batch does only that. Usage can be up to a day old (see
ampmeter help windows), so let each file contain the last 24 hours, not only the
newest one. Records that are already billed are not sent again.

A file without times is billed for one hour: --timestamp -1h. The same file
keeps that hour until all of it is billed, and so does a file with the same
content while some of its records are open. If a file contains new usage each
hour, use --new-usage.

The same bad row comes back each hour until it is fixed. --skip-invalid sends
the others, and --known-problems ok makes it a failure only in the run that
finds it. --heartbeat-end informs a monitor of each run that reached its end, so
that it can tell an outage from a bad row.

Hours without usage can be closed with 0. Only hours that close within three
hours are filled, and none for which the ledger has a row that is not billed:

  ampmeter gaps --zero-fill zeros.csv --force
  ampmeter batch zeros.csv --wait 10m

gaps ends with exit code 4 when there are gaps, which is not a failure here. On
a day without gaps it writes a file that batch accepts as empty; an export that
was truncated after its header is still an error.

cron has a different environment from your shell: no AWS_PROFILE, another HOME,
a short PATH. Set PATH, the profile and the ledger in the crontab. PATH needs
the folders of ampmeter and of node (command -v ampmeter node). Test them with

  env -i HOME="$HOME" PATH=/usr/local/bin:/usr/bin:/bin \\
      AMPMETER_LEDGER=/var/lib/ampmeter/ledger.db \\
      ampmeter doctor --profile seller

Use -o jsonl to keep a log for programs: a line for each outcome, one for the
summary, and errors on standard error in the same format.
`;
