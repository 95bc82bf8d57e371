"""MiniStack 1.5.33 with some of its differences from AWS fixed. Each module names its fix and the AWS documentation."""

import conditional_writes  # noqa: F401
import dead_letter_sources  # noqa: F401
import error_names  # noqa: F401
import iam_names  # noqa: F401
import late_counters  # noqa: F401
import lost_answers
import message_attributes  # noqa: F401
import multipart_locks  # noqa: F401
import physical_names  # noqa: F401
import replication
import schedule_context  # noqa: F401
import trails  # noqa: F401
from callers import app as with_callers

app = replication.serving(lost_answers.serving(with_callers))  # served as serve:app
