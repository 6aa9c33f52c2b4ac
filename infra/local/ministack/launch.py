"""Starts MiniStack with the one right that AWS keeps for itself: publishing events whose source is aws.*.

PutEvents refuses such a source to customers, on AWS and in MiniStack. Here the stand-in for the ECS control plane
(infra/local/ecs) plays a part of AWS, so its "ECS Task State Change" events must go through, and the deployed rule
must match them as it stands.
"""

import inspect

from ministack.app import main
from ministack.services import eventbridge

# pylint: disable=protected-access
if list(inspect.signature(eventbridge._put_events).parameters) != ["data", "allow_aws_source"]:
    raise SystemExit("This version of MiniStack decides differently about aws.* events: adapt infra/local/ministack/launch.py.")
eventbridge._put_events.__defaults__ = (True,)

main()
