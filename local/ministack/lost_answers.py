"""Answers of functions that are lost on their way, for a test.

Lambda may fail after a function has done all its work. Step Functions then has `Lambda.ServiceException` instead of the answer:
https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html

`PUT /_ministack/lost-answers` with `{"copy-database": 1}` loses so many answers of each function whose name ends so.
`GET` returns what is not lost yet.
"""

import json

from ministack.services import lambda_svc

PATH = "/_ministack/lost-answers"

if not hasattr(lambda_svc, "_execute_function_warm"):
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected _execute_function_warm in lambda_svc")

to_lose = {}
execute = lambda_svc._execute_function_warm


def execute_and_lose(func, event, request_id):
    result = execute(func, event, request_id)
    name = (func.get("config") or func).get("FunctionName", "")
    for ending in [ending for ending, left in to_lose.items() if left > 0 and name.endswith("-" + ending)]:
        to_lose[ending] -= 1
        return {"error": True, "body": {"errorType": "Lambda.ServiceException", "errorMessage": "the answer was lost"}}
    return result


def serving(app):
    """Answers the path above."""

    async def serve(scope, receive, send):
        if scope["type"] != "http" or scope["path"] != PATH:
            return await app(scope, receive, send)
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        if scope["method"] == "PUT":
            to_lose.clear()
            to_lose.update(json.loads(body or b"{}"))
        answer = json.dumps({ending: left for ending, left in to_lose.items() if left > 0}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return serve


lambda_svc._execute_function_warm = execute_and_lose
