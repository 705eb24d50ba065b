"""A login program for tests. What it does depends on the user name; the accounts' password is "right-password"."""
import json
import sys
import time

codes = {}


def say(id, **fields):
    print(json.dumps({"id": id, **fields}), flush=True)


def account_of(name):
    accounts = {
        "prof": {"role": "professor", "name": "Prof. X", "section": "A", "teaches": ["A", "B"]},
        "boss": {"role": "admin"},
        "badname": {"username": "no/name"},
        "badsection": {"section": "A|B"},
        "alias": {"username": "Target"},
        "invisible": {"name": "Ada\u202eX"},
    }
    return accounts.get(name, {"name": f"{name} Elsewhere", "section": "A"})


def ask(question):
    id, name = question["id"], question["username"]
    if name == "silent":
        return
    if name == "die":
        sys.exit(3)
    if name == "garbage":
        print("this is not JSON", flush=True)
    elif name == "endless":
        sys.stdout.write("x" * 100_000)
        sys.stdout.flush()
    elif name == "flood":
        for _ in range(100_000):
            print('{"id": 999999, "result": "rejected"}')
        sys.stdout.flush()
    elif name == "unsure":
        say(id, result="unavailable", reason="the directory is away")
    elif name == "patient":
        for _ in range(5):
            say(id, result="waiting")
            time.sleep(0.1)
        say(id, result="accepted", account=account_of(name))
    elif name == "sluggish":
        time.sleep(1)
        say(id, result="rejected")
    elif name == "chatty":
        print(f"password was {question['password']}\x1b[2J", file=sys.stderr, flush=True)
        say(id, result="rejected", message="Wrong.\x1b[2J Call \u202e1234.")
    elif name.startswith("device") and question.get("conversation"):
        codes[id] = name
        prompts = [{"prompt": "Name of your phone: ", "echo": True}, {"prompt": "Code: "}]
        say(id, result="prompt", instruction="Open https://id.school.example/device and enter WDJB-MJHT.\nThen come back.", prompts=prompts)
    elif name == "browser" and question.get("conversation"):
        codes[id] = name
        say(id, result="prompt", instruction="Open https://id.school.example and enter WDJB-MJHT.")
    elif question["type"] == "key":
        if question["known"] and name != "gone":
            say(id, result="accepted", account=account_of(name))
        else:
            say(id, result="rejected")
    elif question["password"] == "right-password":
        say(id, result="accepted", account=account_of(name))
    else:
        say(id, result="rejected")


for line in sys.stdin:
    question = json.loads(line)
    if question["type"] in ("password", "key"):
        ask(question)
    elif question["type"] == "answers" and question["id"] in codes:
        name = codes.pop(question["id"])
        if name == "browser":
            for _ in range(3):
                say(question["id"], result="waiting")
                time.sleep(0.1)
            say(question["id"], result="accepted", account=account_of(name))
            continue
        right = question["answers"] == ["phone", "123456"]
        say(question["id"], result="accepted" if right else "rejected", **({"account": account_of(name)} if right else {}))
