"""Runs scim2-tester against URL with the token of SCIM_TOKEN and prints its checks, one JSON document a line."""

import json
import os
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

http = Client(
    base_url=sys.argv[1],
    headers={"Authorization": "Bearer " + os.environ["SCIM_TOKEN"]},
    timeout=30,
    trust_env=False,
)
with http:
    for result in check_server(SyncSCIMClient(http)):
        check = {
            "status": result.status.name,
            "title": result.title or "",
            "resource": result.resource_type or "",
            "reason": result.reason or "",
        }
        print(json.dumps(check), flush=True)
