"""Prints what checkov finds in a CloudFormation template, as JSON: a list of [check, logical id]. Uses no network."""

import json
import os
import sys

os.environ["LOG_LEVEL"] = "ERROR"

from checkov.cloudformation.runner import Runner  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402

report = Runner().run(root_folder=None, files=[sys.argv[1]], runner_filter=RunnerFilter(framework=["cloudformation"]))
if report.parsing_errors or not report.passed_checks:
    raise SystemExit(f"checkov could not read {report.parsing_errors or sys.argv[1]}")
print(json.dumps([[found.check_id, found.resource.split(".")[-1]] for found in report.failed_checks]))
