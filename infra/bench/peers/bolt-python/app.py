"""The click on slack_bolt and boto3, as their documentation has it."""

import hashlib
import hmac
import json
import os
import time
from urllib.parse import urlencode

import boto3
import urllib3
from slack_bolt import App
from slack_bolt.adapter.aws_lambda import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

TABLE = os.environ["TABLE_NAME"]
SENTRY = os.environ["SENTRY_URL"]
PUBLIC_URL = os.environ["PUBLIC_URL"]
MASTER_KEY = os.environ["MASTER_KEY"].encode()

table = boto3.client("dynamodb")
http = urllib3.PoolManager()


def authorize(context, enterprise_id, team_id, user_id):
    """The installation and the person, in one read."""
    keys = [
        {"pk": {"S": f"TEN#{team_id}"}, "sk": {"S": "INST"}},
        {"pk": {"S": f"SLK#{team_id}#{user_id}"}, "sk": {"S": "ID"}},
    ]
    answer = table.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    rows = {row["sk"]["S"]: row for row in answer["Responses"][TABLE]}
    installation = rows["INST"]
    context["organization"] = installation["organizations"]["L"][0]["M"]["slug"]["S"]
    context["identity"] = rows.get("ID")
    return AuthorizeResult(
        enterprise_id=enterprise_id,
        team_id=team_id,
        bot_token=installation["bot_token"]["S"],
        bot_user_id=installation["bot_user"]["S"],
    )


app = App(
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    authorize=authorize,
    process_before_response=True,
)


def link(team, user):
    query = urlencode({"team": team, "user": user, "until": int(time.time()) + 600})
    proof = hmac.new(MASTER_KEY, query.encode(), hashlib.sha256).hexdigest()
    return f"{PUBLIC_URL}/link?{query}&proof={proof}"


@app.action("status::resolved")
def resolve(ack, body, context, respond):
    ack()
    identity = context["identity"]
    if identity is None:
        url = link(context["team_id"], context["user_id"])
        respond(f"<{url}|Link your Sentry account> to act on issues.", replace_original=False)
        return
    message = body["message"]
    issue = json.loads(message["blocks"][0]["block_id"])["issue"]
    answer = http.request(
        "PUT",
        f"{SENTRY}/api/0/organizations/{context['organization']}/issues/{issue}/",
        headers={"authorization": "Bearer " + identity["tokens"]["M"]["access"]["S"]},
        json={"status": "resolved"},
    )
    if answer.status != 200:
        respond("Sentry did not take it.", replace_original=False)
        return
    said = f"{answer.json()['shortId']} resolved by <@{context['user_id']}>"
    blocks = [block for block in message["blocks"] if block["type"] != "actions"]
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": said}]})
    respond(text=message["text"], blocks=blocks, replace_original=True)


bolt = SlackRequestHandler(app)


def handler(event, context):
    return bolt.handle(event, context)
