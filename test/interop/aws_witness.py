"""Runs a command line of the AWS CLI as its program `aws` does, with a session of its own.

In: {"args"}. Out: {"code", "stdout", "stderr"}.
"""

import contextlib
import io
import os

import awscli.clidriver

# Set when it was imported: where its own descriptions of services are.
DATA_PATH = os.environ["AWS_DATA_PATH"]


def answer(asked):
    os.environ["AWS_DATA_PATH"] = DATA_PATH
    # It also writes bytes, which a StringIO has no place for.
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code = awscli.clidriver.create_clidriver().main(asked["args"])
        except SystemExit as ended:
            code = ended.code
    return {"code": code, "stdout": text_of(stdout), "stderr": text_of(stderr)}


def text_of(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()
