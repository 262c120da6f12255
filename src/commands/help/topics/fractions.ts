/** Source: MeterUsage and BatchMeterUsage in the API reference (whole quantities); `usage/carry.ts`. */
export const FRACTIONS = `AWS bills whole units. A quantity like 1.7 is an error unless --round is used.

The best remedy is a smaller unit as the dimension, for example MB instead of
GB: then nothing is rounded. Otherwise:

  --round up        each record is rounded to the next whole unit
  --round down      each record is rounded down
  --round nearest   to the nearest unit; a half is rounded up
  --round carry     each hour sends the whole units, and the rest is carried to
                    the hours after it, so that less than one unit is missing

Fractions have plain digits, a decimal point and at most 18 digits after it.
They are exact: the rows of a record are added up before they are rounded. With
--round a point is a decimal point, so 1.234 is a fraction. But where cells are
separated by semicolons, or a quantity has a decimal comma, the file comes from
a place that may write thousands like this: there 1.234 stays an error.
Write 1234, or 1.2340 if it is a fraction. The parts of a record with tags add
up to what is sent. What is billed stays billed as it was rounded: uploaded
again with another --round, the same usage is already recorded. meter has
--round up, down and nearest; it keeps no ledger, so it cannot carry.

With --round carry the ledger has three amounts for each record: used (what the
file says), carried in (the balance before it) and sent (what AWS bills). The
balance is the sum of used minus sent over all billed records of one customer,
dimension and product or license, in one Region. A record that AWS does not bill
is no part of it: the next hours then send more, or less, but never less than 0.
Always use the same ledger: --no-ledger cannot carry anything, and ledger prune
keeps these records.

Where to see it:

  batch --dry-run   used, carried in and sent of each record, before it is sent
  history           the same of each record, and how much an hour has grown
  history --by ...  used, sent and the balance of the records that are listed.
                    --by customer without --since has the full balances; an hour
                    alone can be below 0, when it sent what others left
  report            used, sent and the balance of each dimension, and the
                    customers whose balance is not 0, longest without a record
                    first

The rest of a customer who has left, less than one unit, is never billed: no
hour follows that could send it. The report lists it under "Fractions not
billed".

Hours that grow: an hour is billed with 10, and a later export says 12. AWS
accepts no second quantity for the hour, so the row is a conflict. In the file
of rejected rows it has columns billed, reported and difference, and no
quantity: submitted for another hour, 12 would bill the 10 again.

  --late carry      12 is what was used, and the 2 are carried to the next hour
                    that this run sends, or to the newest hour that is over and
                    has no record. They are sent once, however often the file is
                    uploaded. An hour that shrank stays a conflict

history then shows GREW BY (usedWhenSent in JSON, used_when_sent in CSV: what
the file said before) for the hour that has grown. Its units are in CARRIED IN
of the hours of the same stream that were planned after that: 1 or more there
always comes from hours that have grown, or from records that AWS did not bill.
"late usage" in place of a line (line 0 in JSON and CSV) is a record that no row
made.

Prepaid quantities and free trials are counted by the hour: usage that moves to
another hour may be charged differently. If this matters for your product, do
not carry, and contact AWS Marketplace seller operations about the difference.
`;
