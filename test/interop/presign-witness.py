"""Presigns one request with botocore: the call as JSON on standard input, the URL and the headers as JSON on standard output."""

import json
import sys

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

call = json.load(sys.stdin)
request = AWSRequest(method="POST", url=call["url"], headers=call["headers"])
credentials = Credentials(call["accessKeyId"], call["secretAccessKey"], call.get("sessionToken"))
SigV4QueryAuth(credentials, "aws-marketplace", call["region"], expires=call["expires"]).add_auth(request)
json.dump({"url": request.url, "headers": dict(request.headers.items())}, sys.stdout)
