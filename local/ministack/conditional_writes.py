"""The condition keys of conditional writes.

As released, MiniStack 1.5.33 does not resolve `s3:if-none-match`, `s3:if-match` and `s3:ObjectCreationOperation`. A bucket
policy that demands conditional writes then never denies. S3 sets the last one to true where a request makes an object,
which the parts of an upload and its beginning do not:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
"""

from ministack.core import iam_actions

if not hasattr(iam_actions, "s3_service_context"):
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected the condition keys of an S3 request")

context = iam_actions.s3_service_context


def creates_object(query_params):
    return "uploads" not in query_params and "partNumber" not in query_params


def context_of_write(iam_action, query_params, path="", headers=None):
    found = context(iam_action, query_params, path, headers)
    if iam_action != "s3:PutObject":
        return found
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    for name in ("if-none-match", "if-match"):
        if sent.get(name):
            found[f"s3:{name}"] = sent[name]
    found["s3:ObjectCreationOperation"] = str(creates_object(query_params or {})).lower()
    return found


iam_actions.s3_service_context = context_of_write
