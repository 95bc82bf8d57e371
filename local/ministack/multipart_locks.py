"""Object Lock for objects uploaded in parts.

As released, MiniStack 1.5.33 drops the Object Lock headers of CreateMultipartUpload, and the bucket's default retention
with them. S3 applies the lock to the version that CompleteMultipartUpload creates:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
"""

from ministack.services import s3

create = s3._create_multipart_upload
complete = s3._complete_multipart_upload
LOCK_HEADERS = s3._OBJECT_LOCK_HEADERS


def create_with_lock(bucket_name, key, headers):
    known = set(s3._multipart_uploads)
    answer = create(bucket_name, key, headers)
    for upload_id in set(s3._multipart_uploads) - known:
        s3._multipart_uploads[upload_id]["lock"] = {name: headers[name] for name in LOCK_HEADERS if name in headers}
    return answer


def complete_with_lock(bucket_name, key, body, query_params, headers=None):
    upload_id = s3._qp(query_params, "uploadId")
    lock = (s3._multipart_uploads.get(upload_id) or {}).get("lock")
    answer = complete(bucket_name, key, body, query_params, headers)
    version_id = answer[1].get("x-amz-version-id")
    if lock is not None and answer[0] == 200 and version_id:
        s3._apply_object_lock_from_headers(bucket_name, key, lock, version_id)
    return answer


s3._create_multipart_upload = create_with_lock
s3._complete_multipart_upload = complete_with_lock
