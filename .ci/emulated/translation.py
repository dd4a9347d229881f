"""The template as AWS translates it, and what ministack needs of it beyond that."""
import json
import logging
import os

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of its own switches and metrics


def translated(packaged, parameters):
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    template = transform(yaml_parse(packaged.read_text()), dict(parameters), NoPolicies())
    on_loopback(template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            watch_one_metric(resource["Properties"])
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            write_out_workers(resource["Properties"]["ScalingConfig"], template["Parameters"])
    return json.dumps(template)


def on_loopback(template):
    """The template takes plain http for names below localhost, which not every machine resolves."""
    template["Parameters"]["PublicUrl"].pop("AllowedPattern")


def watch_one_metric(alarm):
    """ministack knows no alarm over several metrics."""
    if "Metrics" in alarm:
        first = next(row["MetricStat"] for row in alarm.pop("Metrics") if "MetricStat" in row)
        alarm |= first["Metric"] | {"Statistic": first["Stat"], "Period": first["Period"]}


def write_out_workers(scaling, parameters):
    """A parameter's number is text in ministack, at which its poller fails."""
    workers = scaling["MaximumConcurrency"]
    if isinstance(workers, dict):
        workers = parameters[workers["Ref"]]["Default"]
    scaling["MaximumConcurrency"] = int(workers)


class NoPolicies:
    """The template names no managed policy."""

    def load(self):
        return {}
