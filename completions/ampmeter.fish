# fish completion for ampmeter. Made by npm run completions; do not edit.
#   ampmeter completion fish > ~/.config/fish/completions/ampmeter.fish

# The command that stands in the line so far, such as "ledger prune".
function __ampmeter_path
    set -l path
    set -l skip 0
    for token in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$path $token"
            case '* --product-code' \
                '* --timestamp' \
                '* --timezone' \
                '* --map' \
                '* --delimiter' \
                '* --input-format' \
                '* --merge' \
                '* --rate' \
                '* --concurrency' \
                '* --profile' \
                '* --region' \
                '* --endpoint-url' \
                '* --ca-bundle' \
                '* --give-up-after' \
                '* -o' \
                '* --output' \
                '* --color' \
                '* --ledger' \
                '* --wait' \
                '* --results' \
                '* --rejects' \
                '* --heartbeat' \
                '* --dimension' \
                '* --quantity' \
                '* --allocation' \
                '* --allocations' \
                '* --client-token' \
                '* --token-file' \
                '* --public-key-version' \
                '* --nonce' \
                '* --public-key' \
                '* --by' \
                '* --since' \
                '* --until' \
                '* --customer' \
                '* --license' \
                '* --licence' \
                '* --status' \
                '* --run' \
                '* --subscribers' \
                '* --lookback' \
                '* --zero-fill' \
                '* --html' \
                '* --reconciliation' \
                '* --cloudtrail' \
                '* --before' \
                '* --host' \
                '* --port' \
                '* --window' \
                '* --signatures' \
                '* --catalog' \
                '* --behaviour' \
                '* --clock' \
                '* --log' \
                '* --state' \
                '* --cloudtrail-delay' \
                '* --fault' \
                '* --seed'
                set skip 1
            case ' batch' \
                ' meter' \
                ' resolve' \
                ' register' \
                ' history' \
                ' gaps' \
                ' report' \
                ' reconcile' \
                ' ledger' \
                ' emulator' \
                ' doctor' \
                ' explain' \
                ' completion' \
                ' help' \
                'ledger info' \
                'ledger verify' \
                'ledger backup' \
                'ledger prune' \
                'ledger help'
                set path (string trim -- "$path $token")
        end
    end
    echo "$path"
end

function __ampmeter_at
    test (__ampmeter_path) = "$argv"
end

# Asks the tool, in the words of this line.
function __ampmeter_ask
    set -l typed (commandline -opc) (commandline -ct)
    set -l tool $typed[1]
    type -q -- "$tool"; or set tool ampmeter
    command $tool __complete $argv -- $typed[2..-1] 2>/dev/null </dev/null
end

complete -c ampmeter -e
complete -c ampmeter -f
complete -c ampmeter -n '__ampmeter_at' -a batch -d 'upload usage records from CSV or JSON Lines files'
complete -c ampmeter -n '__ampmeter_at' -a meter -d 'report one quantity from inside the running product'
complete -c ampmeter -n '__ampmeter_at' -a resolve -d 'look up a buyer from a registration token'
complete -c ampmeter -n '__ampmeter_at' -a register -d 'register a container at start-up and verify the reply'
complete -c ampmeter -n '__ampmeter_at' -a history -d 'show records, totals and runs from the ledger'
complete -c ampmeter -n '__ampmeter_at' -a gaps -d 'list hours without a record, and until when they can be billed'
complete -c ampmeter -n '__ampmeter_at' -a report -d 'create an HTML usage report from the ledger'
complete -c ampmeter -n '__ampmeter_at' -a reconcile -d 'compare the ledger with what AWS recorded'
complete -c ampmeter -n '__ampmeter_at' -a ledger -d 'inspect, verify, back up and prune the ledger'
complete -c ampmeter -n '__ampmeter_at' -a emulator -d 'run the metering service on this machine, for tests'
complete -c ampmeter -n '__ampmeter_at' -a doctor -d 'check this machine, credentials, network and ledger'
complete -c ampmeter -n '__ampmeter_at' -a explain -d 'explain an error, a status or an exit code'
complete -c ampmeter -n '__ampmeter_at' -a completion -d 'print the completion script for a shell'
complete -c ampmeter -n '__ampmeter_at' -a help -d 'show the help of a command, or a topic'
complete -c ampmeter -n '__ampmeter_at' -s V -l version -d 'print the version'
complete -c ampmeter -n '__ampmeter_at' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at batch' -F
complete -c ampmeter -n '__ampmeter_at batch' -l product-code -x -k -a '(__ampmeter_ask products)' -d 'the product, for files without a product_code column'
complete -c ampmeter -n '__ampmeter_at batch' -l timestamp -x -d 'the time, for files without a timestamp column: ISO 8601, now, -2h'
complete -c ampmeter -n '__ampmeter_at batch' -l new-usage -d 'bill the file as new usage, even if an earlier run began it with --timestamp now or -1h'
complete -c ampmeter -n '__ampmeter_at batch' -l timezone -x -k -a '(__ampmeter_ask zones)' -d 'time zone of timestamps without one, for example Europe/Berlin'
complete -c ampmeter -n '__ampmeter_at batch' -l map -x -d 'take a column from this header; repeatable'
complete -c ampmeter -n '__ampmeter_at batch' -l delimiter -x -d 'cell separator: a character or \'tab\' (default: ,)'
complete -c ampmeter -n '__ampmeter_at batch' -l input-format -x -a 'csv jsonl' -d 'format of the files (default: by their ending)'
complete -c ampmeter -n '__ampmeter_at batch' -l merge -x -a 'none sum' -d 'rows of one customer, dimension and hour: reject them, or add them up'
complete -c ampmeter -n '__ampmeter_at batch' -l skip-invalid -d 'send the valid rows even if others are invalid'
complete -c ampmeter -n '__ampmeter_at batch' -l allow-empty -d 'accept a file with a header and no rows'
complete -c ampmeter -n '__ampmeter_at batch' -l allow-round-accounts -d 'accept account ids that end in six zeros or more'
complete -c ampmeter -n '__ampmeter_at batch' -l allow-null-text -d 'accept NULL, None, NaN and the like as names and tags'
complete -c ampmeter -n '__ampmeter_at batch' -l dry-run -d 'check everything and show the plan; no usage is sent, nothing is saved'
complete -c ampmeter -n '__ampmeter_at batch' -l rate -x -d 'maximum requests per second, or \'none\' (default: 10 for AWS, none elsewhere)'
complete -c ampmeter -n '__ampmeter_at batch' -l concurrency -x -d 'number of requests at a time'
complete -c ampmeter -n '__ampmeter_at batch' -l profile -x -k -a '(__ampmeter_ask profiles)' -d 'AWS profile to read credentials and Region from'
complete -c ampmeter -n '__ampmeter_at batch' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'AWS Region to call'
complete -c ampmeter -n '__ampmeter_at batch' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'call this URL instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at batch' -l dual-stack -d 'use the endpoint that supports IPv6'
complete -c ampmeter -n '__ampmeter_at batch' -l fips -d 'use the FIPS endpoint'
complete -c ampmeter -n '__ampmeter_at batch' -l ca-bundle -r -F -d 'trust only the certificate authorities in this PEM file'
complete -c ampmeter -n '__ampmeter_at batch' -l give-up-after -x -d 'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable'
complete -c ampmeter -n '__ampmeter_at batch' -l local -d 'call a private emulator on this machine; needs no AWS account, bills nothing'
complete -c ampmeter -n '__ampmeter_at batch' -l show-request -d 'print the signed request as a curl command and send nothing'
complete -c ampmeter -n '__ampmeter_at batch' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at batch' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at batch' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at batch' -l ledger -r -F -d 'the file that records what was billed (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at batch' -l no-ledger -d 'keep no record across runs'
complete -c ampmeter -n '__ampmeter_at batch' -l skip-open -d 'do not send records that earlier runs left open'
complete -c ampmeter -n '__ampmeter_at batch' -l wait -x -d 'how long to wait for another run to finish, for example 10m'
complete -c ampmeter -n '__ampmeter_at batch' -l results -r -F -d 'write every row with its outcome, as CSV or JSON Lines by the ending'
complete -c ampmeter -n '__ampmeter_at batch' -l rejects -r -F -d 'write the rows that are not billed (default: <input>.rejected.csv); numbered if it exists'
complete -c ampmeter -n '__ampmeter_at batch' -l no-rejects -d 'do not write that file'
complete -c ampmeter -n '__ampmeter_at batch' -s q -l quiet -d 'print errors only: no report, no warnings; -o json or jsonl is still printed'
complete -c ampmeter -n '__ampmeter_at batch' -l heartbeat -r -F -d 'when everything was billed (exit code 0), write FILE or request URL, for a monitor'
complete -c ampmeter -n '__ampmeter_at batch' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at meter' -l product-code -x -k -a '(__ampmeter_ask products)' -d 'the product'
complete -c ampmeter -n '__ampmeter_at meter' -l dimension -x -k -a '(__ampmeter_ask dimensions)' -d 'the dimension\'s API name'
complete -c ampmeter -n '__ampmeter_at meter' -l quantity -x -d 'units used; 0 must be given explicitly, and is as final for its hour as any other quantity'
complete -c ampmeter -n '__ampmeter_at meter' -l timestamp -x -d 'time of the usage: ISO 8601 with a zone, epoch seconds, now, or -2h'
complete -c ampmeter -n '__ampmeter_at meter' -l timezone -x -k -a '(__ampmeter_ask zones)' -d 'zone of a timestamp without one, for example Europe/Berlin'
complete -c ampmeter -n '__ampmeter_at meter' -l allocation -x -d 'part of the quantity, for example \'Dept=Sales,Env=prod:12\'; repeatable'
complete -c ampmeter -n '__ampmeter_at meter' -l allocations -r -F -d 'the allocations as JSON, as in the API; - for standard input'
complete -c ampmeter -n '__ampmeter_at meter' -l allow-null-text -d 'accept NULL, None, NaN and the like as names and tags'
complete -c ampmeter -n '__ampmeter_at meter' -l client-token -x -d 'makes the call repeatable, together with a fixed --timestamp (default: a random one)'
complete -c ampmeter -n '__ampmeter_at meter' -l dry-run -d 'ask AWS whether the call is permitted; nothing is recorded'
complete -c ampmeter -n '__ampmeter_at meter' -l profile -x -k -a '(__ampmeter_ask profiles)' -d 'AWS profile to read credentials and Region from'
complete -c ampmeter -n '__ampmeter_at meter' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'AWS Region to call'
complete -c ampmeter -n '__ampmeter_at meter' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'call this URL instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at meter' -l dual-stack -d 'use the endpoint that supports IPv6'
complete -c ampmeter -n '__ampmeter_at meter' -l fips -d 'use the FIPS endpoint'
complete -c ampmeter -n '__ampmeter_at meter' -l ca-bundle -r -F -d 'trust only the certificate authorities in this PEM file'
complete -c ampmeter -n '__ampmeter_at meter' -l give-up-after -x -d 'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable'
complete -c ampmeter -n '__ampmeter_at meter' -l local -d 'call a private emulator on this machine; needs no AWS account, bills nothing'
complete -c ampmeter -n '__ampmeter_at meter' -l show-request -d 'print the signed request as a curl command and send nothing'
complete -c ampmeter -n '__ampmeter_at meter' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at meter' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at meter' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at meter' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at resolve' -l token-file -r -F -d 'read the token from a file'
complete -c ampmeter -n '__ampmeter_at resolve' -l profile -x -k -a '(__ampmeter_ask profiles)' -d 'AWS profile to read credentials and Region from'
complete -c ampmeter -n '__ampmeter_at resolve' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'AWS Region to call'
complete -c ampmeter -n '__ampmeter_at resolve' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'call this URL instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at resolve' -l dual-stack -d 'use the endpoint that supports IPv6'
complete -c ampmeter -n '__ampmeter_at resolve' -l fips -d 'use the FIPS endpoint'
complete -c ampmeter -n '__ampmeter_at resolve' -l ca-bundle -r -F -d 'trust only the certificate authorities in this PEM file'
complete -c ampmeter -n '__ampmeter_at resolve' -l give-up-after -x -d 'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable'
complete -c ampmeter -n '__ampmeter_at resolve' -l local -d 'call a private emulator on this machine; needs no AWS account, bills nothing'
complete -c ampmeter -n '__ampmeter_at resolve' -l show-request -d 'print the signed request as a curl command and send nothing'
complete -c ampmeter -n '__ampmeter_at resolve' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at resolve' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at resolve' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at resolve' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at register' -l product-code -x -k -a '(__ampmeter_ask products)' -d 'the product'
complete -c ampmeter -n '__ampmeter_at register' -l public-key-version -x -d 'version of the product\'s public key'
complete -c ampmeter -n '__ampmeter_at register' -l nonce -x -d 'a text that the reply must repeat (default: a random one)'
complete -c ampmeter -n '__ampmeter_at register' -l public-key -r -F -d 'PEM file with the public key; without it, the signature is not verified'
complete -c ampmeter -n '__ampmeter_at register' -l profile -x -k -a '(__ampmeter_ask profiles)' -d 'AWS profile to read credentials and Region from'
complete -c ampmeter -n '__ampmeter_at register' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'AWS Region to call'
complete -c ampmeter -n '__ampmeter_at register' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'call this URL instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at register' -l dual-stack -d 'use the endpoint that supports IPv6'
complete -c ampmeter -n '__ampmeter_at register' -l fips -d 'use the FIPS endpoint'
complete -c ampmeter -n '__ampmeter_at register' -l ca-bundle -r -F -d 'trust only the certificate authorities in this PEM file'
complete -c ampmeter -n '__ampmeter_at register' -l give-up-after -x -d 'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable'
complete -c ampmeter -n '__ampmeter_at register' -l local -d 'call a private emulator on this machine; needs no AWS account, bills nothing'
complete -c ampmeter -n '__ampmeter_at register' -l show-request -d 'print the signed request as a curl command and send nothing'
complete -c ampmeter -n '__ampmeter_at register' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at register' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at register' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at register' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at history' -l by -x -a 'hour day customer dimension product' -d 'show totals; different dimensions are never added together'
complete -c ampmeter -n '__ampmeter_at history' -l runs -d 'list runs instead of records'
complete -c ampmeter -n '__ampmeter_at history' -l since -x -d 'usage from this time on: 2026-11-22, an ISO time, -7d (default: the first)'
complete -c ampmeter -n '__ampmeter_at history' -l until -x -d 'usage before this time (default: none)'
complete -c ampmeter -n '__ampmeter_at history' -l customer -x -k -a '(__ampmeter_ask customers)' -d 'the buyer\'s AWS account ID or customer identifier'
complete -c ampmeter -n '__ampmeter_at history' -l license -l licence -x -k -a '(__ampmeter_ask licenses)' -d 'the buyer\'s license'
complete -c ampmeter -n '__ampmeter_at history' -l product-code -x -k -a '(__ampmeter_ask products)' -d 'the product'
complete -c ampmeter -n '__ampmeter_at history' -l dimension -x -k -a '(__ampmeter_ask dimensions)' -d 'the dimension'
complete -c ampmeter -n '__ampmeter_at history' -l ledger -r -F -d 'the ledger file (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at history' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'only records sent to this AWS Region'
complete -c ampmeter -n '__ampmeter_at history' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'records sent to this endpoint instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at history' -l status -x -k -a '(__ampmeter_ask statuses)' -d 'with this outcome; repeatable, or separated by commas'
complete -c ampmeter -n '__ampmeter_at history' -l run -x -k -a '(__ampmeter_ask runs)' -d 'planned by this run'
complete -c ampmeter -n '__ampmeter_at history' -s o -l output -x -a 'table json jsonl csv' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at history' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at history' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at history' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at gaps' -l subscribers -r -F -d 'read them from a CSV file; - for standard input (default: the ledger)'
complete -c ampmeter -n '__ampmeter_at gaps' -l delimiter -x -d 'the delimiter of that file: a character or \'tab\''
complete -c ampmeter -n '__ampmeter_at gaps' -l allow-round-accounts -d 'accept account ids in it that end in six zeros or more'
complete -c ampmeter -n '__ampmeter_at gaps' -l allow-null-text -d 'accept NULL, None, NaN and the like in it as names'
complete -c ampmeter -n '__ampmeter_at gaps' -l lookback -x -d 'include customers with a record this long before --since'
complete -c ampmeter -n '__ampmeter_at gaps' -l since -x -d 'usage from this time on: 2026-11-22, an ISO time, -7d (default: -24h)'
complete -c ampmeter -n '__ampmeter_at gaps' -l until -x -d 'usage before this time (default: the current hour)'
complete -c ampmeter -n '__ampmeter_at gaps' -l customer -x -k -a '(__ampmeter_ask customers)' -d 'the buyer\'s AWS account ID or customer identifier'
complete -c ampmeter -n '__ampmeter_at gaps' -l license -l licence -x -k -a '(__ampmeter_ask licenses)' -d 'the buyer\'s license'
complete -c ampmeter -n '__ampmeter_at gaps' -l product-code -x -k -a '(__ampmeter_ask products)' -d 'the product'
complete -c ampmeter -n '__ampmeter_at gaps' -l dimension -x -k -a '(__ampmeter_ask dimensions)' -d 'the dimension'
complete -c ampmeter -n '__ampmeter_at gaps' -l ledger -r -F -d 'the ledger file (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at gaps' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'only records sent to this AWS Region'
complete -c ampmeter -n '__ampmeter_at gaps' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'records sent to this endpoint instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at gaps' -l zero-fill -r -F -d 'write rows with quantity 0 to a file for batch; - for standard output'
complete -c ampmeter -n '__ampmeter_at gaps' -l force -d 'overwrite that file'
complete -c ampmeter -n '__ampmeter_at gaps' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at gaps' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at gaps' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at gaps' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at report' -l html -r -F -d 'write the page to this file; - for standard output'
complete -c ampmeter -n '__ampmeter_at report' -l reconciliation -r -F -d 'include this output of reconcile -o json; - for standard input'
complete -c ampmeter -n '__ampmeter_at report' -l force -d 'overwrite a file that is not a report'
complete -c ampmeter -n '__ampmeter_at report' -l since -x -d 'usage from this time on: 2026-11-22, an ISO time, -7d (default: the first record)'
complete -c ampmeter -n '__ampmeter_at report' -l until -x -d 'usage before this time (default: none)'
complete -c ampmeter -n '__ampmeter_at report' -l customer -x -k -a '(__ampmeter_ask customers)' -d 'the buyer\'s AWS account ID or customer identifier'
complete -c ampmeter -n '__ampmeter_at report' -l license -l licence -x -k -a '(__ampmeter_ask licenses)' -d 'the buyer\'s license'
complete -c ampmeter -n '__ampmeter_at report' -l product-code -x -k -a '(__ampmeter_ask products)' -d 'the product'
complete -c ampmeter -n '__ampmeter_at report' -l dimension -x -k -a '(__ampmeter_ask dimensions)' -d 'the dimension'
complete -c ampmeter -n '__ampmeter_at report' -l ledger -r -F -d 'the ledger file (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at report' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'only records sent to this AWS Region'
complete -c ampmeter -n '__ampmeter_at report' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'records sent to this endpoint instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at report' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at report' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at report' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at report' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at reconcile' -l since -x -d 'compare usage from this hour: a date, a time, -24h, -7d (default: -24h, or the oldest unknown record)'
complete -c ampmeter -n '__ampmeter_at reconcile' -l until -x -d 'compare usage before this time'
complete -c ampmeter -n '__ampmeter_at reconcile' -l cloudtrail -r -F -d 'read event files or folders instead of calling CloudTrail; - for standard input'
complete -c ampmeter -n '__ampmeter_at reconcile' -l profile -x -k -a '(__ampmeter_ask profiles)' -d 'AWS profile to read credentials and Region from'
complete -c ampmeter -n '__ampmeter_at reconcile' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'AWS Region to call'
complete -c ampmeter -n '__ampmeter_at reconcile' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'call this URL instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at reconcile' -l dual-stack -d 'use the endpoint that supports IPv6'
complete -c ampmeter -n '__ampmeter_at reconcile' -l fips -d 'use the FIPS endpoint'
complete -c ampmeter -n '__ampmeter_at reconcile' -l ca-bundle -r -F -d 'trust only the certificate authorities in this PEM file'
complete -c ampmeter -n '__ampmeter_at reconcile' -l give-up-after -x -d 'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable'
complete -c ampmeter -n '__ampmeter_at reconcile' -l ledger -r -F -d 'the file that records what was billed (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at reconcile' -l settle -d 'write what CloudTrail shows about unknown records to the ledger'
complete -c ampmeter -n '__ampmeter_at reconcile' -l wait -x -d 'with --settle, how long to wait for another run to finish, for example 10m'
complete -c ampmeter -n '__ampmeter_at reconcile' -s o -l output -x -a 'table json jsonl csv' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at reconcile' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at reconcile' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at reconcile' -l all -d 'list agreeing records too, and every row of a table'
complete -c ampmeter -n '__ampmeter_at reconcile' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at ledger' -a info -d 'show what is in the ledger'
complete -c ampmeter -n '__ampmeter_at ledger' -a verify -d 'check every page and every record'
complete -c ampmeter -n '__ampmeter_at ledger' -a backup -d 'write a copy'
complete -c ampmeter -n '__ampmeter_at ledger' -a prune -d 'delete old records'
complete -c ampmeter -n '__ampmeter_at ledger' -a help -d 'display help for command'
complete -c ampmeter -n '__ampmeter_at ledger' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at ledger info' -l ledger -r -F -d 'the ledger (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at ledger info' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at ledger info' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at ledger info' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at ledger info' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at ledger verify' -l ledger -r -F -d 'the ledger (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at ledger verify' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at ledger verify' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at ledger verify' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at ledger verify' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at ledger backup' -F
complete -c ampmeter -n '__ampmeter_at ledger backup' -l ledger -r -F -d 'the ledger (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at ledger backup' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at ledger backup' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at ledger backup' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at ledger backup' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at ledger prune' -l ledger -r -F -d 'the ledger (default: $AMPMETER_LEDGER, or the state folder)'
complete -c ampmeter -n '__ampmeter_at ledger prune' -l before -x -d 'delete the hours before this time: 2026-10-01, an ISO time, -90d'
complete -c ampmeter -n '__ampmeter_at ledger prune' -l dry-run -d 'show what would be deleted, and delete nothing'
complete -c ampmeter -n '__ampmeter_at ledger prune' -l wait -x -d 'how long to wait for another run to finish, for example 10m'
complete -c ampmeter -n '__ampmeter_at ledger prune' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at ledger prune' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at ledger prune' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at ledger prune' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at ledger help' -a 'info verify backup prune'

complete -c ampmeter -n '__ampmeter_at emulator' -l host -x -d 'address to listen on'
complete -c ampmeter -n '__ampmeter_at emulator' -l port -x -d 'port to listen on; 0 picks a free one'
complete -c ampmeter -n '__ampmeter_at emulator' -l window -x -a 'on off' -d 'reject usage that is too old'
complete -c ampmeter -n '__ampmeter_at emulator' -l signatures -x -a 'verify skip' -d 'verify signatures, or accept any key'
complete -c ampmeter -n '__ampmeter_at emulator' -l catalog -r -F -d 'use the marketplace in this file, see below (default: everything exists)'
complete -c ampmeter -n '__ampmeter_at emulator' -l behaviour -x -k -a '(__ampmeter_ask behaviours)' -d 'NAME=READING, see below; repeatable'
complete -c ampmeter -n '__ampmeter_at emulator' -l clock -x -d 'set the service\'s clock to this time and freeze it (ISO 8601)'
complete -c ampmeter -n '__ampmeter_at emulator' -l log -r -F -d 'append a JSON line for each request, before its reply is sent'
complete -c ampmeter -n '__ampmeter_at emulator' -l state -r -F -d 'keep records, tokens and events in this file for the next emulator'
complete -c ampmeter -n '__ampmeter_at emulator' -l cloudtrail -x -a '(__fish_complete_directories)' -d 'write CloudTrail log files there, every 5 minutes and at the end'
complete -c ampmeter -n '__ampmeter_at emulator' -l cloudtrail-delay -x -d 'age at which LookupEvents shows an event; on AWS up to 15m'
complete -c ampmeter -n '__ampmeter_at emulator' -l fault -x -k -a '(__ampmeter_ask faults)' -d 'NAME:PROBABILITY[@PARAMETER], see below; repeatable'
complete -c ampmeter -n '__ampmeter_at emulator' -l seed -x -d 'seed of the random numbers: the same calls get the same faults'
complete -c ampmeter -n '__ampmeter_at emulator' -l rate -x -d 'calls a second for each Region and operation; AWS allows 10'
complete -c ampmeter -n '__ampmeter_at emulator' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at emulator' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at emulator' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at emulator' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at doctor' -a 'batch resolve meter register'
complete -c ampmeter -n '__ampmeter_at doctor' -l profile -x -k -a '(__ampmeter_ask profiles)' -d 'AWS profile to read credentials and Region from'
complete -c ampmeter -n '__ampmeter_at doctor' -l region -x -a 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 af-south-1 me-south-1 me-central-1 il-central-1 ap-east-1 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-northeast-1 ap-northeast-2 ap-northeast-3 us-gov-east-1 us-gov-west-1 cn-northwest-1 eusc-de-east-1 us-isob-east-1' -d 'AWS Region to call'
complete -c ampmeter -n '__ampmeter_at doctor' -l endpoint-url -x -k -a '(__ampmeter_ask endpoints)' -d 'call this URL instead of AWS, for example an emulator'
complete -c ampmeter -n '__ampmeter_at doctor' -l dual-stack -d 'use the endpoint that supports IPv6'
complete -c ampmeter -n '__ampmeter_at doctor' -l fips -d 'use the FIPS endpoint'
complete -c ampmeter -n '__ampmeter_at doctor' -l ca-bundle -r -F -d 'trust only the certificate authorities in this PEM file'
complete -c ampmeter -n '__ampmeter_at doctor' -l give-up-after -x -d 'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable'
complete -c ampmeter -n '__ampmeter_at doctor' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at doctor' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at doctor' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at doctor' -l ledger -r -F -d 'the ledger file (or set AMPMETER_LEDGER)'
complete -c ampmeter -n '__ampmeter_at doctor' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at explain' -k -a '(__ampmeter_ask explanations)'
complete -c ampmeter -n '__ampmeter_at explain' -s o -l output -x -a 'table json jsonl' -d 'output format of the result'
complete -c ampmeter -n '__ampmeter_at explain' -l color -x -a 'auto always never' -d 'when to use color'
complete -c ampmeter -n '__ampmeter_at explain' -l debug -d 'print every request and reply on standard error, with secrets masked'
complete -c ampmeter -n '__ampmeter_at explain' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at completion' -a 'bash zsh fish'
complete -c ampmeter -n '__ampmeter_at completion' -s h -l help -d 'print this help'

complete -c ampmeter -n '__ampmeter_at help' -k -a '(__ampmeter_ask topics)'
complete -c ampmeter -n '__ampmeter_at help' -s h -l help -d 'print this help'
