"""What reaches a function: a click in Slack as API Gateway hands it over, and a wake-up from SQS.

Each click is a new one (`action_ts`) and is signed at the moment it is made: Slack never sends two
with one time, and Belay takes the second of two for a second delivery.
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse
import uuid

ISSUE, RULE, CHANNEL, STRANGER = 4509876543, 162, "C0ALERTS01", "U0NOTLINK1"
RESOLVE = "status::resolved"


def signature(secret, timestamp, body):
    """Slack's signature of a request (docs.slack.dev/authentication/verifying-requests-from-slack)."""
    signed = b"v0:%d:%s" % (timestamp, body)
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def event(path, body, secret, forged=False):
    """API Gateway's event (payload format 2.0) of Slack's request; a forged one has a wrong signature."""
    now = int(time.time())
    signed = signature("f" * 64 if forged else secret, now, body)
    host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    return json.dumps({
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "application/json,*/*",
            "accept-encoding": "gzip,deflate",
            "content-length": str(len(body)),
            "content-type": "application/x-www-form-urlencoded",
            "host": host,
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-amzn-trace-id": "Root=1-65f0c0de-0123456789abcdef01234567",
            "x-forwarded-for": "198.51.100.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "x-slack-request-timestamp": str(now),
            "x-slack-signature": signed,
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            },
            "requestId": uuid.uuid4().hex[:16],
            "routeKey": f"POST {path}",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": now * 1000,
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }).encode()


def body(team, app, person, response_url):
    """The form that Slack posts when somebody clicks "Resolve" under an alert, at this moment."""
    payload = {
        "type": "block_actions",
        "user": {"id": person, "username": "ada", "name": "ada", "team_id": team},
        "api_app_id": app,
        "token": "unused",
        "container": {
            "type": "message",
            "message_ts": "1767614400.000100",
            "channel_id": CHANNEL,
            "is_ephemeral": False,
        },
        "trigger_id": "2345678901.3456789012.abcdef0123456789abcdef0123456789",
        "team": {"id": team, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": CHANNEL, "name": "alerts"},
        "message": alert(team, app),
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [{
            "action_id": RESOLVE,
            "block_id": "buttons",
            "type": "button",
            "text": {"type": "plain_text", "text": "Resolve", "emoji": True},
            "value": "resolved",
            "style": "primary",
            "action_ts": "%d.%06d" % divmod(time.time_ns() // 1000, 1_000_000),
        }],
    }
    return urllib.parse.urlencode({"payload": json.dumps(payload, separators=(",", ":"))}).encode()


def alert(team, app):
    """An issue alert as Sentry's own app posts it."""
    context = json.dumps({"issue": ISSUE, "rule": RULE}, separators=(",", ":"))
    title = (
        ":red_circle: <https://acme.sentry.example/issues/%d/?referrer=slack|*TypeError*>\n"
        "```Cannot read properties of undefined (reading 'total') in renderSummary "
        "(app/checkout/summary.tsx:118:23)```" % ISSUE
    )
    facts = "Events: *1.2k*   Users Affected: *310*   State: *Ongoing*   First Seen: *3 days ago*"
    return {
        "type": "message",
        "user": "U0SENTRY01",
        "bot_id": "B0SENTRY01",
        "app_id": app,
        "team": team,
        "ts": "1767614400.000100",
        "text": "[web] TypeError: Cannot read properties of undefined (reading 'total')",
        "blocks": [
            {
                "type": "section",
                "block_id": context,
                "text": {"type": "mrkdwn", "text": title, "verbatim": False},
            },
            {
                "type": "context",
                "block_id": "facts",
                "elements": [{"type": "mrkdwn", "text": facts, "verbatim": False}],
            },
            {"type": "actions", "block_id": "buttons", "elements": [button(v) for v in ("Resolve", "Archive")]},
        ],
    }


def button(label):
    """One of its buttons."""
    text = {"type": "plain_text", "text": label, "emoji": True}
    return {"type": "button", "action_id": f"status::{label.lower()}d", "value": "resolved", "text": text}


def wake_up(message):
    """SQS's event of one message."""
    return json.dumps({"Records": [{
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": message,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(time.time_ns() // 1_000_000),
            "SenderId": "AROA0123456789EXAMPLE:action",
            "ApproximateFirstReceiveTimestamp": str(time.time_ns() // 1_000_000),
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(message.encode()).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:jobs",
        "awsRegion": "us-east-1",
    }]}).encode()
