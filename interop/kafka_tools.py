"""Scores a match over HTTP, and reads what that left on Kafka with tools that know nothing of Topspin.

kcat shows keys and headers; Confluent's Python client decodes every record with its own deserialiser, by the schema that
the registry has for it. What they see must be what the HTTP API answers. `cargo xtask test --only registry` runs it.
"""

import argparse
import base64
import datetime
import hashlib
import importlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import attrs
from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACESTATE = "congo=t61rcWkgMzE"
TOPICS = [
    "match-commands", "match-events", "matches", "match-dedupe", "tie-commands", "tie-events", "ties", "tie-dedupe",
    "reference", "anomalies", "devices",
]
# What a view says comes after the matches: it is waited for.
TOTALS = "player-totals.g1"
WAIT_SECONDS = 60
# Kafka is asked until it has nothing more; a record that never comes fails the test.
SILENCE_SECONDS = 10


class Api:
    """The HTTP API of a server."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def ask(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers=headers or {})
        request.add_header("authorization", f"Bearer {self.token}")
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body, headers=None):
        return self.ask("POST", path, body, headers)


def play(api):
    """A whole match with a correction, a refusal and a card; answers with its id and the bodies of its commands."""
    traced = {"traceparent": TRACEPARENT, "tracestate": TRACESTATE}
    sides = {side: {"players": [{"name": name}]} for side, name in (("home", "Ada"), ("away", "Bo"))}
    created = api.post("/v1/matches", {"format": {"preset": "ittf"}, "sides": sides, "table": "Tisch 3"}, traced)
    match, bodies = created["id"], []

    def ask(kind, **more):
        bodies.append({"command_id": str(uuid.uuid4()), "command": {"type": kind, **more}})
        return api.post(f"/v1/matches/{match}/commands", bodies[-1], traced)

    def press(kind, **more):
        answer = ask(kind, **more)
        assert answer.get("verdict") == "accepted", answer
        return answer

    assert ask("point", to="home")["status"] == 409, "a point before the match is refused"
    press("choose", first_server="away", home_end="left")
    for game in range(3):
        press("start_game")
        press("point", to="away", how="edge", strokes=7)
        press("undo")
        if game == 1:
            press("show_card", side="away", to="player", card="yellow")
        for _ in range(11):
            answer = press("point", to="home")
    assert answer["match"]["status"] == "finished", answer["match"]["status"]
    press("confirm_result")
    return match, bodies


def elsewhere(api, match):
    """Something on each of the other topics."""
    sides = {"home": {"name": "Blau"}, "away": {"name": "Rot"}}
    tie = api.post("/v1/ties", {"format": "bundesliga", "sides": sides, "external_ids": ["interop:1"]})
    assert "id" in tie, tie
    early = {"command_id": str(uuid.uuid4()), "command": {"type": "start_match", "number": 1}}
    assert api.post(f"/v1/ties/{tie['id']}/commands", early)["status"] == 409, "a match before the line-ups is refused"
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    heard = {"client_time": now, "battery_percent": 80, "charging": True, "match_id": match}
    api.post("/v1/devices/tablet-3/heartbeat", heard)
    fault = {"id": str(uuid.uuid4()), "source": "interop", "kind": "odd", "detail": "nothing", "raw": "{}"}
    assert api.post("/v1/anomalies", {"items": [fault]})["recorded"] == 1
    return tie["id"]


def classes(proto):
    """The messages by their full names, from the files that are in the repository."""
    folder = tempfile.mkdtemp(prefix="topspin-proto-")
    files = sorted(str(file.relative_to(proto)) for file in Path(proto).rglob("*.proto"))
    assert protoc.main(["protoc", f"-I{proto}", f"--python_out={folder}", *files]) == 0
    sys.path.insert(0, folder)
    modules = [importlib.import_module(file.removesuffix(".proto").replace("/", ".") + "_pb2") for file in files]
    messages = [message for module in modules for message in vars(module).items()]
    return {f"topspin.v1.{name}": value for name, value in messages if hasattr(value, "DESCRIPTOR")}


class Registry(SchemaRegistryClient):
    """Confluent's client of a registry. It asks for compiled schemas (`format=serialized`), and Apicurio 3.0 answers with
    their text all the same: what the registry has, with what it refers to, is then compiled here."""

    def get_schema(self, schema_id, subject_name=None, fmt=None, *others, **named):
        return self.compiled(super().get_schema(schema_id, subject_name, fmt, *others, **named), fmt)

    def get_version(self, subject_name, version="latest", deleted=False, fmt=None):
        found = super().get_version(subject_name, version, deleted, fmt)
        return attrs.evolve(found, schema=self.compiled(found.schema, fmt))

    def compiled(self, schema, fmt):
        if fmt != "serialized" or "syntax" not in schema.schema_str:
            return schema
        with tempfile.TemporaryDirectory() as folder:
            texts = {"default.proto": schema.schema_str}
            for reference in schema.references or []:
                texts[reference.name] = super().get_version(reference.subject, reference.version).schema.schema_str
            for name, text in texts.items():
                file = Path(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            out = Path(folder, "out")
            assert protoc.main(["protoc", f"-I{folder}", f"--descriptor_set_out={out}", "default.proto"]) == 0
            (file,) = FileDescriptorSet.FromString(out.read_bytes()).file
        return attrs.evolve(schema, schema_str=base64.b64encode(file.SerializeToString()).decode())


def consume(brokers, topics):
    """Everything that is committed, by topic."""
    consumer = Consumer({
        "bootstrap.servers": brokers, "group.id": "interop", "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "enable.partition.eof": True,
    })
    consumer.subscribe(topics)
    known = consumer.list_topics(timeout=SILENCE_SECONDS).topics
    open_ends = {(topic, partition) for topic in topics for partition in known[topic].partitions}
    records = {topic: [] for topic in topics}
    while open_ends:
        message = consumer.poll(SILENCE_SECONDS)
        assert message is not None, f"nothing more came, and {open_ends} had no end"
        if message.error():
            open_ends.discard((message.topic(), message.partition()))
        else:
            records[message.topic()].append(message)
    consumer.close()
    return records


def word(field, number):
    """An enum's value as JSON has it: without the enum's name, in lower case."""
    values = field.enum_type.values
    prefix = values[0].name.removesuffix("UNSPECIFIED")
    return field.enum_type.values_by_number[number].name.removeprefix(prefix).lower()


def instant(millis):
    moment = datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def one(field, value):
    if field.message_type is not None:
        return plain(value)
    if field.enum_type is not None:
        return word(field, value)
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()
    return instant(value) if field.name.endswith(("_at", "_time")) else value


def plain(message):
    """What is set in a message, as the API's JSON says it."""
    fields = {}
    for field, value in message.ListFields():
        many = not isinstance(value, (bytes, str)) and hasattr(value, "__len__")
        fields[field.name] = [one(field, item) for item in value] if many else one(field, value)
    fields |= fields.pop("after", {})
    if {"home", "away"} <= fields.keys() and message.DESCRIPTOR.name.endswith("Meta"):
        fields["sides"] = {side: fields.pop(side) for side in ("home", "away")}
    if "penalty_points" in fields and message.DESCRIPTOR.name == "Format":
        fields["cards"] = {"penalty_points": fields.pop("penalty_points")}
    return fields


def agree(decoded, shown, place):
    """Everything that was decoded is shown."""
    if isinstance(decoded, dict) and isinstance(shown, dict):
        for name, value in decoded.items():
            assert name in shown, f"{place}.{name} is not shown: {shown}"
            agree(value, shown[name], f"{place}.{name}")
    elif isinstance(decoded, list) and isinstance(shown, list):
        assert len(decoded) == len(shown), f"{place}: {decoded} is shown as {shown}"
        for index, (value, other) in enumerate(zip(decoded, shown)):
            agree(value, other, f"{place}[{index}]")
    else:
        assert decoded == shown, f"{place}: {decoded!r} is shown as {shown!r}"


def event(record, message, shown):
    """An event of a match or a tie is what the API shows of it, to the byte."""
    kind = message.WhichOneof("event")
    fields = plain(message)
    fields["event"] = fields.pop(kind, {}) | {"type": kind}
    fields["command_id"] = fields.pop("cause")
    agree(fields, shown, f"{record.topic()} {shown['seq']}")
    # Behind the magic byte, the schema's id and the index of the file's first message.
    assert hashlib.sha256(record.value()[6:]).hexdigest() == shown["payload_sha256"], shown
    assert dict(record.headers())["chain"].hex() == shown["chain"], shown


def head(record, message):
    """The headers of a CloudEvent, and whose record it is."""
    headers = {name: value for name, value in record.headers() if name != "chain"}
    text = {name: value.decode() for name, value in headers.items()}
    assert text["ce_specversion"] == "1.0" and text["content-type"] == "application/protobuf", text
    assert text["ce_type"] == message.DESCRIPTOR.full_name, text
    assert text["ce_source"] == f"/topspin/{record.topic()}" and text["ce_id"], text
    assert text["ce_subject"] == record.key().decode(), text
    return text


def check_events(api, decoded, path):
    """The events of one match or tie, in order."""
    shown, page = [], api.get(f"{path}/events")
    while page["items"]:
        shown += page["items"]
        page = api.get(f"{path}/events?from={shown[-1]['seq'] + 1}")
    assert len(decoded) == len(shown) > 0, (len(decoded), len(shown))
    for (record, message), one_shown in zip(decoded, shown):
        event(record, message, one_shown)
    return shown


def check(api, decoded, match, tie, bodies):
    """All topics against the API."""
    shown = check_events(api, decoded["match-events"], f"/v1/matches/{match}")
    assert [one_shown["seq"] for one_shown in shown] == list(range(1, len(shown) + 1))
    check_events(api, decoded["tie-events"], f"/v1/ties/{tie}")
    for record, _ in decoded["match-events"] + decoded["match-commands"]:
        headers = dict(record.headers())
        assert (headers["traceparent"], headers["tracestate"]) == (TRACEPARENT.encode(), TRACESTATE.encode()), headers
    resource = api.get(f"/v1/matches/{match}")
    snapshot = decoded["matches"][-1][1]
    assert json.loads(snapshot.state) == resource["state"]
    agree({name: value for name, value in plain(snapshot).items() if name in resource and name != "state"}, resource, "matches")
    asked = [json.loads(message.body) for _, message in decoded["match-commands"]]
    assert [(body["command_id"], body["command"]["type"]) for body in asked] == [
        (body["command_id"], body["command"]["type"]) for body in bodies
    ]
    verdicts = [message.verdict.WhichOneof("verdict") for _, message in decoded["match-commands"]]
    assert verdicts == ["law"] + ["accepted"] * (len(bodies) - 1), verdicts
    assert [message.WhichOneof("verdict") for _, message in decoded["match-dedupe"]] == verdicts
    assert [message.meta.id for _, message in decoded["ties"]] == [uuid.UUID(tie).bytes]
    [(_, asked)], [(_, told)] = decoded["tie-commands"], decoded["tie-dedupe"]
    assert json.loads(asked.body)["command"]["type"] == "start_match"
    assert asked.verdict.WhichOneof("verdict") == told.WhichOneof("verdict") != "accepted"
    items = [("reference", "players", "id"), ("anomalies", "anomalies", "id"), ("devices", "devices", "device")]
    for topic, path, key in items:
        known = {item[key]: item for item in api.get(f"/v1/{path}")["items"]}
        assert decoded[topic], topic
        for _, message in decoded[topic]:
            fields = plain(message)
            agree(fields, known[fields[key]], topic)


def totals(match):
    """What a match comes to for each of its players, by their ids; what is zero is not on the wire."""
    counts = {}
    for own, other in (("home", "away"), ("away", "home")):
        won, lost = ({"matches": match["state"].get("winner") == side, "games": match["score"][side],
                      "points": sum(game[side] for game in match["games"])} for side in (own, other))
        for player in match["sides"][own]["players"]:
            line = {"player_id": player["id"], "matches": 1}
            line |= {f"{what}_won": count for what, count in won.items()} | {f"{what}_lost": count for what, count in lost.items()}
            counts[player["id"]] = {name: value for name, value in line.items() if value}
    return counts


def check_totals(decode, expected):
    """The view in the end; answers with how many records it took."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        said = decode([TOTALS])[TOTALS]
        latest = {}
        for record, message in said:
            # A player whose only match has lost its only point again is gone, which a record without a value says.
            latest[record.key().decode()] = message and plain(message)
        latest = {player: line for player, line in latest.items() if line}
        if latest == expected:
            return len(said)
        assert time.monotonic() < deadline, f"{TOTALS} says {latest}, and the match comes to {expected}"


def kcat(brokers, match, count):
    """Keys and headers as the command line shows them."""
    shown = subprocess.run(
        ["kcat", "-q", "-b", brokers, "-C", "-t", "match-events", "-o", "beginning", "-e", "-f", "\\n<record> %k %h"],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode("latin-1")
    records = shown.split("\n<record> ")[1:]
    assert len(records) == count, (len(records), count)
    for seq, record in enumerate(records, 1):
        for expected in [
            f"{match} ce_specversion=1.0,", f"ce_id={match}/1-{seq},", "ce_source=/topspin/match-events,",
            "ce_type=topspin.v1.Recorded,", "content-type=application/protobuf,", f"traceparent={TRACEPARENT}",
            f"tracestate={TRACESTATE}",
        ]:
            assert expected in record, (expected, record)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "token-file", "brokers", "registry", "proto"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    api = Api(args.url, Path(args.token_file).read_text().strip())
    match, bodies = play(api)
    tie = elsewhere(api, match)
    registry = Registry({"url": args.registry})
    messages = classes(args.proto)

    def message(topic, record):
        if record.value() is None:
            return None
        kind = messages[dict(record.headers())["ce_type"].decode()]
        deserialize = ProtobufDeserializer(kind, {"subject.name.strategy.type": "TOPIC"}, registry)
        decoded = deserialize(record.value(), SerializationContext(topic, MessageField.VALUE))
        head(record, decoded)
        return decoded

    def decode(topics):
        found = consume(args.brokers, topics).items()
        return {topic: [(record, message(topic, record)) for record in records] for topic, records in found}

    decoded = decode(TOPICS)
    check(api, decoded, match, tie, bodies)
    said = check_totals(decode, totals(api.get(f"/v1/matches/{match}")))
    assert f"{TOTALS}-value" in registry.get_subjects(), registry.get_subjects()
    kcat(args.brokers, match, len(decoded["match-events"]))
    counts = ", ".join(f"{len(records)} of {topic}" for topic, records in decoded.items()) + f", {said} of {TOTALS}"
    print(f"kcat {len(decoded['match-events'])} records; confluent-kafka {counts}: as the API shows them")


if __name__ == "__main__":
    main()
