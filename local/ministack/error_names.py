"""The names of errors that Node functions throw.

As released, MiniStack 1.5.33 returns `Runtime.HandlerError` for all of them, so `ErrorEquals` in a state machine cannot
distinguish them. Lambda returns the error's `name`: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
"""

import json

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

SENT = 'error: String(err.message || err), trace: err.stack || ""'
NAMED = (
    'error: JSON.stringify({ errorType: err.name, errorMessage: String(err.message || err) }), '
    'trace: err.stack || ""'
)

sources = [name for name, value in vars(lambda_runtime).items() if isinstance(value, str) and SENT in value]
if len(sources) != 1:
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected one worker that reports errors, found {sources}")
setattr(lambda_runtime, sources[0], getattr(lambda_runtime, sources[0]).replace(SENT, NAMED))

execute = lambda_svc._execute_function_warm


def execute_with_error_name(func, event, request_id):
    result = execute(func, event, request_id)
    if result.get("error") and result["body"].get("errorType") == "Runtime.HandlerError":
        try:
            result["body"] = {**json.loads(result["body"]["errorMessage"]), "trace": []}
        except (ValueError, TypeError):
            pass  # not thrown by the handler
    return result


lambda_svc._execute_function_warm = execute_with_error_name
