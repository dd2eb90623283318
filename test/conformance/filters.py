"""Asks URL for people by filters out of the grammar and lets scim2-models judge who should be found; one JSON document a filter."""

import json
import os
import random
import sys

from httpx2 import Client
from scim2_models import Context, EnterpriseUser, ScimFilter, User

E = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
U = "urn:ietf:params:scim:schemas:core:2.0:User"
PEOPLE = 40
FILTERS = 400
chance = random.Random(7644)

WORDS = ["Ana", "ana", "Bo", "O'Malley", "é", "a b", 'say "a"', "AA", "aB", "10", "9"]
TEXTS = ["userName", "displayName", "title", "nickName", "userType", "externalId", "name.givenName", "name.familyName"]
TEXTS += ["emails.value", "emails.type", "emails", "phoneNumbers.value", f"{E}:department", f"{E}:manager.value", f"{U}:title"]
PRESENT = [*TEXTS, "name", "addresses", "emails.primary", f"{E}:manager", "active"]
OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Co"]


def some(parts, share):
    return {name: make() for name, make in parts.items() if chance.random() < share}


def word():
    return chance.choice(WORDS)


def emails():
    kinds = chance.sample(["work", "home", "other"], chance.randint(1, 3))
    made = [{"value": f"{chance.choice('abc')}@{chance.choice(['x.com', 'X.com', 'y.org'])}", "type": kind} for kind in kinds]
    if chance.random() < 0.5:
        made[0]["primary"] = True
    return made


def phones():
    return [{"value": chance.choice(["1", "2", "10"]), "type": kind} for kind in chance.sample(["work", "mobile"], 2)]


def person(number):
    extension = some({"department": word, "manager": lambda: {"value": chance.choice(["m1", "M1"])}}, 0.5)
    texts = dict.fromkeys(["displayName", "title", "nickName", "userType"], word)
    lists = {"emails": emails, "phoneNumbers": phones, "active": lambda: chance.random() < 0.5}
    name = some(dict.fromkeys(["givenName", "familyName"], word), 0.6)
    return {
        "schemas": [U, E] if extension else [U],
        "userName": f"{chance.choice('aB')}{number}",
        "externalId": f"{word()}{number}",
        **some(texts, 0.6),
        **some(lists, 0.7),
        **({"name": name} if name else {}),
        **({E: extension} if extension else {}),
    }


def comparison(name, mail=False):
    """Of an address scim2-models takes nothing else for a value of its own; parts of it may be anything."""
    operator = chance.choice(OPERATORS)
    words = [*WORDS, "work", "m1"]
    if mail:
        words = ["a@", "x.com", "Y.ORG", "b@x"] if operator.lower() in ("co", "sw", "ew") else ["a@x.com", "B@y.org"]
    return f"{name} {operator} {json.dumps(chance.choice(words))}"


def inner(of):
    one = [
        lambda: f'type {chance.choice(["eq", "ne", "co"])} "{chance.choice(["work", "home", "mobile"])}"',
        lambda: comparison("value", of == "emails"),
        lambda: chance.choice(["value", "display"]) + " pr",
        lambda: "primary eq true" if of == "emails" else "type pr",
    ]
    text = chance.choice(one)()
    if chance.random() < 0.4:
        text = f"{text} {chance.choice(['and', 'or'])} {chance.choice(one)()}"
    return f"not ({text})" if chance.random() < 0.2 else text


def atom():
    kind = chance.random()
    if kind < 0.55:
        name = chance.choice(TEXTS)
        return comparison(name, name in ("emails", "emails.value"))
    if kind < 0.68:
        return f"{chance.choice(PRESENT)} pr"
    if kind < 0.75:
        return f"active {chance.choice(['eq', 'ne'])} {chance.choice(['true', 'false'])}"
    if kind < 0.95:
        of = chance.choice(["emails", "phoneNumbers"])
        return f"{of}[{inner(of)}]"
    return f'meta.created {chance.choice(["gt", "lt"])} "2020-01-01T00:00:00Z"'


def expression(depth=0):
    kind = chance.random()
    if depth > 2 or kind < 0.5:
        return atom()
    if kind < 0.7:
        return f"{expression(depth + 1)} and {expression(depth + 1)}"
    if kind < 0.88:
        return f"{expression(depth + 1)} or {expression(depth + 1)}"
    return f"not ({expression(depth + 1)})" if kind < 0.95 else f"({expression(depth + 1)})"


def judged(http, people, text):
    answer = http.get("/Users", params={"filter": text, "count": 100, "attributes": "userName"})
    try:
        wanted = sorted(one.user_name for one in people if ScimFilter[User[EnterpriseUser]](text).match(one))
    except Exception as refusal:  # a filter that they refuse has to be refused here, too
        return "" if answer.status_code == 400 else f"found {answer.status_code}, refused by scim2-models: {refusal}"
    if answer.status_code != 200:
        return f"refused: {answer.json().get('detail')}"
    found = sorted(one["userName"] for one in answer.json().get("Resources", []))
    return "" if found == wanted else f"found {found}, scim2-models finds {wanted}"


headers = {"Authorization": "Bearer " + os.environ["SCIM_TOKEN"], "Content-Type": "application/scim+json"}
with Client(base_url=sys.argv[1], headers=headers, timeout=30, trust_env=False) as http:
    for number in range(PEOPLE):
        http.post("/Users", json=person(number)).raise_for_status()
    shown = http.get("/Users", params={"count": 100}).json()["Resources"]
    # What is not told of `primary` is false (RFC 7643 §2.4); scim2-models takes it for unassigned, so no filter asks for that.
    people = [User[EnterpriseUser].model_validate(one, scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for one in shown]
    for _ in range(FILTERS):
        text = expression()
        reason = judged(http, people, text)
        print(json.dumps({"status": "ERROR" if reason else "SUCCESS", "title": text, "resource": "", "reason": reason}), flush=True)
