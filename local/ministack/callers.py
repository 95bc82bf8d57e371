"""Looks up the caller behind an access key, for services beside MiniStack. Only MiniStack knows the callers' sessions.

`GET /_ministack/callers/<access key>` returns the principal, and any limits besides its own policies. It returns 404 for
an unknown key, or one whose session has expired. It returns no secret.
"""

import json

from ministack.app import app as ministack
from ministack.core import iam_evaluator
from ministack.services import iam, sts

PREFIX = "/_ministack/callers/"


def find(access_key):
    session = sts._sessions.get(access_key) or {}
    account = (
        access_key
        if iam_evaluator._ACCOUNT_ID_RE.fullmatch(access_key)
        else session.get("AccountId")
        or iam_evaluator._account_from_arn(str(session.get("Arn", "")))
        or iam_evaluator.find_iam_access_key_account(access_key)
    )
    if not account:
        return None
    principal = iam_evaluator.resolve_principal(access_key, account)
    if isinstance(principal, iam_evaluator.AuthError):
        return None
    found = {"account": principal.account, "arn": principal.arn, "principal": principal.arn, "type": principal.type}
    if principal.type == "AssumedRole":
        found["name"] = iam_evaluator._role_name_from_assumed_arn(principal.arn)
        role = iam._roles.get_scoped(principal.account, None, found["name"]) or {}
        found["principal"] = role.get("Arn") or f"arn:aws:iam::{principal.account}:role/{found['name']}"
    elif principal.type == "User":
        found["name"] = principal.arn.rsplit("/", 1)[-1]
    if principal.limits:
        found["limitedBy"] = "a permissions boundary or a session policy"
    return found


async def app(scope, receive, send):
    if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
        return await ministack(scope, receive, send)
    found = find(scope["path"][len(PREFIX) :])
    status, body = (200, json.dumps(found).encode()) if found else (404, b"{}")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
