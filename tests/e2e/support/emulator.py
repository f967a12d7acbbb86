"""The emulator for Cognito (crates/cognito-emulator) as a process, and its admin path."""

import http.client
import json
import os

from servers import at_loopback

SET, GET = "SetUserPoolMfaConfig", "GetUserPoolMfaConfig"
FACTS = {"tier": "ESSENTIALS", "emailSender": "DEVELOPER", "recovery": ["admin_only"]}


class Emulator:
    def __init__(self, programs):
        binary = os.path.join(os.environ["RUST_BINARIES"], "cognito-emulator")
        programs.start("emulator", 0, lambda: [binary, "--listen", at_loopback(0)], lambda: "\n" in programs.text("emulator"))
        self.address = programs.text("emulator").split()[0]
        self.url = f"http://{self.address}"

    def admin(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(method, f"/_admin/{path}", None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise AssertionError(f"the emulator refused {method} {path}: {text.decode()}")
        return json.loads(text) if text else None

    def pool(self, pool, live=None, **facts):
        self.admin("PUT", f"pools/{pool}", {"facts": {**FACTS, **facts}, **({"live": live} if live else {})})

    def change(self, pool, **live):
        """As somebody does it by hand."""
        self.admin("PATCH", f"pools/{pool}", {"live": live})

    def live(self, pool):
        return self.admin("GET", f"pools/{pool}")["live"]

    def mode(self, pool):
        return self.live(pool).get("MfaConfiguration", "OFF")

    def calls(self, pool, operation=SET):
        return sum(call["operation"] == operation and call["pool"] == pool for call in self.admin("GET", "calls"))

    def fail(self, pool, operation, code, message):
        """Every such call fails from now on, until `clear_faults`."""
        self.admin("POST", "faults", {"operation": operation, "pool": pool, "times": 1_000_000,
                                      "effect": {"Error": {"code": code, "message": message}}})

    def clear_faults(self):
        self.admin("DELETE", "faults")
