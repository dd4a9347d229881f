"""The deployment: how it is made, and what is in it."""
import contextlib
import json

from .processes import ROOT, WORK
from .translation import translated

STACK = "belay"


class Stack:
    def __init__(self, cloud, stand, build):
        self.cloud, self.build, self.outputs = cloud, build, {}
        shared = stand.settings
        self.parameters = {
            "Architecture": "x86_64",
            "Canary": "false",
            "PublicUrl": stand.front.url,
            "SlackUrl": shared["SLACK_URL"],
            "SlackHooksUrl": shared["SLACK_HOOKS_URL"],
            "SlackSigningSecret": shared["SLACK_SIGNING_SECRET"],
            "SlackClientId": shared["SLACK_CLIENT_ID"],
            "SlackClientSecret": shared["SLACK_CLIENT_SECRET"],
            "SentryUrl": shared["SENTRY_URL"],
            "SentryClientId": shared["SENTRY_CLIENT_ID"],
            "SentryClientSecret": shared["SENTRY_CLIENT_SECRET"],
        }
        self.dynamodb, self.sqs = cloud.client("dynamodb"), cloud.client("sqs")
        self.functions, self.stacks = cloud.client("lambda"), cloud.client("cloudformation")

    # ── Its life ───────────────────────────────────────────────────────────────────────────────────

    def deploy(self, **changed):
        packaged, template = WORK / "packaged.yaml", WORK / "translated.json"
        self.parameters |= changed
        self.cloud.sam(
            "package", "--template-file", str(self.build / "template.yaml"), "--resolve-s3",
            "--output-template-file", str(packaged), "--no-progressbar",
        )
        template.write_text(translated(packaged, self.parameters))
        self.cloud.sam(
            "deploy", "--template-file", str(template), "--stack-name", STACK, "--resolve-s3",
            "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--parameter-overrides",
            *(f"{name}={value}" for name, value in self.parameters.items()),
        )
        outputs = self.stacks.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def delete(self):
        self.cloud.sam("delete", "--stack-name", STACK, "--region", "us-east-1", "--no-prompts")

    # ── What is in it ──────────────────────────────────────────────────────────────────────────────

    def host(self):
        """The API answers by this name alone."""
        return self.resources("AWS::ApiGatewayV2::Api")[0] + ".execute-api.localhost"

    def resources(self, kind):
        pages = self.stacks.get_paginator("list_stack_resources").paginate(StackName=STACK)
        rows = (row for page in pages for row in page["StackResourceSummaries"])
        return [row["PhysicalResourceId"] for row in rows if row["ResourceType"] == kind]

    def perform(self):
        return next(name for name in self.resources("AWS::Lambda::Function") if "Perform" in name)

    def memory_sizes(self):
        return {row["MemorySize"] for row in self.functions.list_functions()["Functions"]}

    def kept(self):
        """The names of tables and secrets."""
        secrets = self.cloud.client("secretsmanager").list_secrets()["SecretList"]
        return sorted([*self.dynamodb.list_tables()["TableNames"], *(row["Name"] for row in secrets)])

    def kinds(self):
        """How much there is of each other kind."""
        client = self.cloud.client
        roles = client("iam").list_roles()["Roles"]
        return {
            "functions": len(self.functions.list_functions()["Functions"]),
            "queues": len(self.sqs.list_queues().get("QueueUrls", [])),
            "APIs": len(client("apigatewayv2").get_apis()["Items"]),
            "log groups": len(client("logs").describe_log_groups()["logGroups"]),
            "alarms": len(client("cloudwatch").describe_alarms()["MetricAlarms"]),
            "rules": len(client("events").list_rules()["Rules"]),
            "topics": len(client("sns").list_topics()["Topics"]),
            "roles": len([role for role in roles if STACK in role["RoleName"]]),
        }

    # ── Table ──────────────────────────────────────────────────────────────────────────────────────

    def rows(self, prefix):
        rows = self.dynamodb.scan(TableName=self.outputs["TableName"])["Items"]
        return [row for row in rows if row["pk"]["S"].startswith(prefix)]

    def open_job(self):
        return next((row for row in self.rows("JOB#") if row.get("due", {}).get("S") == "OPEN"), None)

    def make_overdue(self, job):
        key = {"pk": job["pk"], "sk": job["sk"]}
        self.dynamodb.update_item(
            TableName=self.outputs["TableName"], Key=key, UpdateExpression="SET next_at = next_at - :minutes",
            ExpressionAttributeValues={":minutes": {"N": "120000"}},
        )

    def keep_evidence(self, folder):
        """Table, logs and dead letters, for .ci/secrets to look for secrets in them."""
        logs, dead = self.cloud.client("logs"), self.outputs["DeadWakeUpsUrl"]
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        pages = (logs.filter_log_events(logGroupName=group)["events"] for group in groups)
        evidence = {
            "table": [json.dumps(row, default=repr) for row in self.rows("")],
            "log": [event["message"] for page in pages for event in page],
            "queue": [row["Body"] for row in self.sqs.receive_message(QueueUrl=dead).get("Messages", [])],
        }
        folder.mkdir(parents=True, exist_ok=True)
        for kind, lines in evidence.items():
            (folder / f"{kind}-emulator").write_text("".join(line.rstrip() + "\n" for line in lines))

    # ── Queues, and the schedule ───────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def no_deliveries(self):
        mappings = [row["UUID"] for row in self.functions.list_event_source_mappings()["EventSourceMappings"]]
        for mapping in mappings:
            self.functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        yield
        for mapping in mappings:
            self.functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    def lose_wake_ups(self):
        self.sqs.purge_queue(QueueUrl=self.outputs["WakeUpsUrl"])

    def sweep(self):
        tick = (ROOT / "infra/events/perform-sweep.json").read_bytes()
        self.functions.invoke(FunctionName=self.perform(), Qualifier="live", Payload=tick)

    def send_undecodable(self):
        queue = self.outputs["WakeUpsUrl"]
        self.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
        self.sqs.send_message(QueueUrl=queue, MessageBody="no job's name")

    def dead_letters(self):
        name = "ApproximateNumberOfMessages"
        queue = self.sqs.get_queue_attributes(QueueUrl=self.outputs["DeadWakeUpsUrl"], AttributeNames=[name])
        return int(queue["Attributes"][name])
