"""Draw a zone, have it approved by another person, publish it and ask what applies there. Beside `make run`."""

import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SERVICE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8318"


def call(path, body=None, token=None):
    """Send a request, a new one each time, and return what is answered; stop at the first refusal."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(SERVICE + path, data, headers)) as said:
            return json.load(said)
    except urllib.error.HTTPError as refused:
        sys.exit(f"{path}: {json.load(refused)['detail']}")
    except urllib.error.URLError:
        sys.exit(f"No service answers at {SERVICE}. Start one with: make run")


def sign_in(person):
    return call("/v1/demonstration/sign-in", {"person": person})["token"]


drafter, approver, publisher = map(sign_in, ("demo-drafter", "demo-approver", "demo-publisher"))

draft = call("/v1/drafts", json.loads(Path(__file__).with_name("draft.json").read_text()), drafter)
path, seen = f"/v1/drafts/{draft['id']}", {"digest": draft["digest"]}
print("Drafted:  ", draft["id"])
print(call(f"{path}/validation", {}, drafter)["sentence"]["en"])

call(f"{path}/submission", seen, drafter)
call(f"{path}/reviews", {**seen, "verdict": "approved"}, approver)
published = call(f"{path}/publication", seen, publisher)
print("Published: revision", published["revision"])

time.sleep(1)
print("There now:", call("/v1/status?lon=4.9&lat=52.1&max_height=50&reference=AGL")["headline"]["en"])
