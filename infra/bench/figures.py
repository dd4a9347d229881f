"""From many measurements to one figure."""

import math


def percentile(values, share):
    """The smallest value that at least `share` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]


def median(values):
    return percentile(values, 0.5)


def times(peer, own):
    """How many times as much the peer takes."""
    return peer / own


def summary(values):
    """Where the values lie."""
    return {
        "n": len(values),
        "min": min(values),
        "p50": median(values),
        "p95": percentile(values, 0.95),
        "max": max(values),
    }
