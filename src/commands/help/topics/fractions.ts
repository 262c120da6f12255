/** Source: MeterUsage and BatchMeterUsage in the API reference (whole quantities); `usage/carry.ts`. */
export const FRACTIONS = `AWS bills whole units. A quantity like 1.7 is an error unless --round is used.

The best remedy is a smaller unit as the dimension, for example MB instead of GB:
then nothing is rounded. Otherwise:

  --round up        each record is rounded to the next whole unit
  --round down      each record is rounded down
  --round nearest   to the nearest unit; a half is rounded up
  --round carry     each hour sends the whole units, and the rest is carried to
                    the hours after it, so that less than one unit is missing

Fractions have plain digits, a decimal point and at most 18 digits after it. They
are exact: the rows of a record are added up before they are rounded. With --round
a point is always a decimal point, so 1.234 is a fraction. The parts of a record
with tags add up to what is sent.

With --round carry the ledger has three amounts for each record: used (what the
file says), carried in (the balance before it) and sent (what AWS bills). The
balance is the sum of used minus sent over all billed records of one customer,
dimension and product or license, in one Region. A record that AWS does not bill
is no part of it: the next hours then send more, or less, but never less than 0.
Always use the same ledger: --no-ledger cannot carry anything, and ledger prune
keeps these records.

Hours that grow: an hour is billed with 10, and a later export says 12. AWS
accepts no second quantity for the hour, so the row is a conflict.

  --late carry      12 is what was used, and the 2 are carried to the next hour
                    that this run sends, or to the newest hour that is over and
                    has no record. They are sent once, however often the file is
                    uploaded. An hour that shrank stays a conflict

Prepaid quantities and free trials are counted by the hour: usage that moves to
another hour may be charged differently. If this matters for your product, do not
carry, and contact AWS Marketplace seller operations about the difference.
`;
