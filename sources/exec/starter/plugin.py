#!/usr/bin/env python3
"""A plugin for nhitop: it lists, suspends and resumes service accounts that stand in a text file, one a line:

    NAME on|off OWNER

Put your own system in the place of the file: in load and put. The protocol is told in sources/exec/doc.go of nhitop.
"""
import json
import os
import sys


def say(**fields):
    print(json.dumps(fields), flush=True)


def message(kind, **fields):
    say(apiVersion="nhitop/v1alpha1", kind=kind, **fields)


def load(path):
    """The accounts by name, and what of the file was not understood."""
    accounts, wrong = {}, []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 3 or words[1] not in ("on", "off"):
                wrong.append(f"line {number} is not: NAME on|off OWNER")
                continue
            accounts[words[0]] = {"on": words[1] == "on", "owner": words[2]}
    return accounts, wrong


def put(path, name, state):
    """In one go, so that whoever ends the plugin in the middle leaves the old file or the new one."""
    lines = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split()
            lines.append(f"{name} {state} {words[2]}\n" if len(words) == 3 and words[0] == name else line)
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.writelines(lines)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".new", path)


def describe(_):
    message("PluginInfo", name="accounts", version="1", provider="the account file",
            actions=[{"name": "suspend", "layer": "principal", "reversible": True, "undo": "resume"}])


def inventory(request):
    accounts, wrong = load(request["config"]["accounts"])
    for owner in sorted({a["owner"] for a in accounts.values()}):
        say(type="owner", id=owner, kind="person", name=owner)
    for name, a in accounts.items():
        say(type="assistant", id=name, kind="custom", name=name, status="active" if a["on"] else "suspended", owners=[a["owner"]])
    # What is not understood is said; then nothing that is missing is taken for gone.
    message("InventoryDone", complete=not wrong, warnings=wrong, counts={"assistant": len(accounts)})


def plan(request):
    """Reads only; what is ended needs no step."""
    accounts, _ = load(request["config"]["accounts"])
    steps = []
    for target in request["targets"]:
        name = target["id"]
        if target["type"] == "assistant" and name in accounts and accounts[name]["on"]:
            steps.append({"target": target, "action": "suspend", "summary": f"suspend the account {name}", "request": f"set {name} to off",
                          "effect": "it can log in no more", "residual": ["sessions that are open"]})
    message("Plan", steps=steps)


def revoke(request):
    """Told twice with one idempotencyKey, it must be done once; setting a state is so by itself."""
    path, target = request["config"]["accounts"], request["targets"][0]
    accounts, _ = load(path)
    want = {"suspend": "off", "resume": "on"}.get(request["action"])
    if want is None:
        status = "unsupported"
    elif target["id"] not in accounts:
        status = "not_found"
    elif accounts[target["id"]]["on"] == (want == "on"):
        status = "already"
    else:
        put(path, target["id"], want)
        status = "done"
    message("ActionResult", target=target, status=status)


def verify(request):
    """Look again, and say what was seen."""
    target = request["targets"][0]
    accounts, _ = load(request["config"]["accounts"])
    account = accounts.get(target["id"])
    if account is None:
        state, seen = "dead", "the file has no such account"
    elif account["on"]:
        state, seen = "alive", "the file says on"
    else:
        state, seen = "contained", "the file says off"
    message("Verdict", target=target, state=state, grade="attested", observed={"detail": seen})


verbs = {"describe": describe, "inventory": inventory, "plan": plan, "revoke": revoke, "verify": verify}

if __name__ == "__main__":
    verb = verbs.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if verb is None:
        sys.exit(2)
    # A secret of the table is read from its descriptor: open(request["secrets"]["token"]["fd"]).read().strip()
    verb(json.loads(sys.stdin.readline()))
