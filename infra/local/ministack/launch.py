"""Starts MiniStack with two things as they are on AWS.

PutEvents refuses sources that begin with aws. to customers, on AWS and in MiniStack. Here the stand-in for the ECS control
plane (infra/local/ecs) plays a part of AWS, so its "ECS Task State Change" events must go through, and the deployed rule
must match them as it stands.

On this machine requests come by plain HTTP over loopback. Policies that demand TLS are asked as if they came by TLS; it
matters only with AUTH=true.
"""

import inspect

from ministack import app
from ministack.services import eventbridge

CHANGED = "This version of MiniStack decides differently about %s: adapt infra/local/ministack/launch.py."

# pylint: disable=protected-access
if list(inspect.signature(eventbridge._put_events).parameters) != ["data", "allow_aws_source"]:
    raise SystemExit(CHANGED % "aws.* events")
eventbridge._put_events.__defaults__ = (True,)

pin_request_origin = app.pin_request_origin
if list(inspect.signature(pin_request_origin).parameters) != ["source_ip", "secure_transport"]:
    raise SystemExit(CHANGED % "TLS")
app.pin_request_origin = lambda source_ip, secure_transport: pin_request_origin(source_ip, True)

app.main()
