"""The IAM actions of batches and of PartiQL.

As released, MiniStack 1.5.33 checks actions that IAM does not have, such as `sqs:DeleteMessageBatch` and
`dynamodb:BatchExecuteStatement`. A policy valid on AWS therefore fails. AWS authorizes a batch of messages by the
single-message action, and statements by their verbs, on the table of each:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api.html
https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
"""

import json
import re

from ministack.core import iam_actions

BATCHES = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}

STATEMENTS = {
    "dynamodb:ExecuteStatement": lambda request: [request],
    "dynamodb:BatchExecuteStatement": lambda request: request["Statements"],
    "dynamodb:ExecuteTransaction": lambda request: request["TransactStatements"],
}
VERBS = {"SELECT": "Select", "EXISTS": "Select", "INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete"}
STATEMENT = re.compile(r'\s*(SELECT|EXISTS|INSERT|UPDATE|DELETE)\b[^"]*"([^"]+)"', re.IGNORECASE)

extract = iam_actions.extract_iam_action
checks = iam_actions.dynamodb_transaction_checks


def extract_known_action(*request):
    action = extract(*request)
    return BATCHES.get(action, action)


def checks_of_statements(iam_action, body, region, account_id):
    if iam_action not in STATEMENTS:
        return checks(iam_action, body, region, account_id)
    found = [STATEMENT.match(each["Statement"]) for each in STATEMENTS[iam_action](json.loads(body))]
    return [
        (f"dynamodb:PartiQL{VERBS[verb.upper()]}", iam_actions._dynamodb_table_arn(table, region, account_id))
        for verb, table in (match.groups() for match in found if match)
    ]


iam_actions.extract_iam_action = extract_known_action
iam_actions.dynamodb_transaction_checks = checks_of_statements
