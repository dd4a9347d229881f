"""ministack, with nothing in it."""
import os
import subprocess

import boto3

from .processes import WORK, free_port, start, wait_for

SERVICES = (
    "cloudformation,s3,lambda,apigateway,dynamodb,dynamodbstreams,sqs,sns,secretsmanager,ssm,iam,sts,logs,"
    "cloudwatch,events"
)
ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


class Cloud:
    def __init__(self, ending):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log, self.sam_log = WORK / "ministack.log", WORK / "sam.log"
        self.environment = os.environ | ACCESS | {"AWS_ENDPOINT_URL": self.url, "SAM_CLI_TELEMETRY": "0"}
        unpacked = WORK / "tmp"
        unpacked.mkdir()
        own = {
            "TMPDIR": str(unpacked),  # it leaves the functions' code behind
            "STATE_DIR": str(unpacked),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "SERVICES": SERVICES,
        }
        start(ending, ["ministack"], self.log, self.environment | own)
        wait_for(port)

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=ACCESS["AWS_DEFAULT_REGION"],
            aws_access_key_id=ACCESS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ACCESS["AWS_SECRET_ACCESS_KEY"],
        )

    def sam(self, *arguments):
        with self.sam_log.open("a") as output:
            done = subprocess.run(
                ["sam", *arguments], env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        if done.returncode != 0:
            raise SystemExit(f"sam {arguments[0]} failed:\n{self.sam_log.read_text()[-3000:]}")

    def last_words(self):
        return "".join(self.log.read_text().splitlines(keepends=True)[-40:])
