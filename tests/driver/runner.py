"""Carries a plan out: starts the server, makes the clock jump from action to action, waits where a person would see
the server finish, and remembers what was accepted."""
import heapq
import os
import signal
import subprocess
import sys
import threading
import time

import client
import clock
import noise
import plan
import sinks
import world

NEAR_S = 6.0            # actions closer than this overlap, as they do in life
SILENT_S = 0.02
SETTLE_S = 8.0
VLOG = "/run/vlog"


class Runner:
    def __init__(self, scenario, mta):
        self.scenario, self.mta = scenario, mta
        self.server = scenario.server
        self.clock = clock.Clock.create(scenario.start, scenario.pace, scenario.inode_base)
        self.lots, self.log_fd, self.heap, self.count = {}, None, [], 0
        self.services = None
        self.slow = 0
        self.login_needs_tls = mta.name == "opensmtpd"

    # -- the world around the server --

    def prepare(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-days", "3650", "-subj", f"/CN={self.server.host}", "-keyout", "/etc/ssl/own.key",
                        "-out", "/etc/ssl/own.pem"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod("/etc/ssl/own.key", 0o644)
        with open("/etc/hosts", "a") as file:
            file.write(f"{self.server.ip} {self.server.host}\n")
        for address in (self.server.ip, *self.server.options.get("inside", [])):
            subprocess.run(["ip", "addr", "add", address, "dev", "lo"], check=True)
        # what the server sends comes from its own address
        subprocess.run(["ip", "route", "replace", "local", "0.0.0.0/0", "dev", "lo", "src", self.server.ip], check=True)
        self.mta.configure()
        self._services()
        world.arm()
        ports = self.mta.start()
        end = time.monotonic() + 15
        for address, port in ports:
            while True:
                try:
                    session = client.Session("127.0.0.1", address, port)
                    session.reply()
                    session.close()
                    break
                except client.Gone:
                    if time.monotonic() > end:
                        raise OSError(f"nothing greets at {address}:{port}") from None
                    time.sleep(0.01)
        self.settle()
        self.mta.forget_start() if hasattr(self.mta, "forget_start") else os.truncate(VLOG, 0)
        self.log_fd = os.open(VLOG, os.O_WRONLY | os.O_APPEND)

    def _services(self):
        """DNS, receivers, SASL, LMTP: a process of their own."""
        read, write = os.pipe()
        self.services = os.fork()
        if self.services:
            os.close(write)
            if os.read(read, 1) != b"r":
                raise OSError("the services do not start")
            os.close(read)
            return
        try:
            s = self.scenario
            site = sinks.Sinks(self.clock, self.server.ip, s.sinks, s.fates, s.listed, str(s.seed))
            serving = [(site.serve, ())]
            import dns
            serving.append((dns.serve, (s.zone,)))
            if self.mta.name == "postfix":
                passwords = {login: person.password for login, person in self.server.people.items()}
                serving.append((sinks.Sasl("/var/spool/postfix/private/auth", passwords).serve, ()))
            if self.server.delivery == "lmtp":
                serving.append((sinks.Lmtp(("127.0.0.1", 24), self.server.boxes, site).serve, ()))
            for extra in s.services:
                serving.append((extra, (self,)))
            done = threading.Event()
            signal.signal(signal.SIGTERM, lambda *_: done.set())
            sys.setswitchinterval(0.0005)
            for what, arguments in serving:
                threading.Thread(target=what, args=arguments, daemon=True).start()
            time.sleep(0.02)
            os.write(write, b"r")
            done.wait()
            import json
            with open("/run/outcomes.json", "w") as file:
                json.dump(site.outcomes, file)
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            os._exit(1)

    # -- time --

    def settle(self):
        """Until the server has nothing in hand and its log is still."""
        end, size, since, asked = time.monotonic() + SETTLE_S, -1, 0.0, False
        while True:
            now = time.monotonic()
            new = self.mta.log_size() if hasattr(self.mta, "log_size") else os.path.getsize(VLOG)
            if new != size:
                size, since, asked = new, now, False
            elif now - since >= self.mta.still_s and not asked:
                asked = self.mta.silent_queue       # what it has in hand cannot be told from what waits
                if not (self.mta.waiting() if asked else self.mta.busy()):
                    return
            elif asked and now - since >= SILENT_S:
                return
            if now > end:
                self.slow += 1
                if os.environ.get("DRIVER_DEBUG"):
                    print(self.mta.busy(), world.processes(), file=sys.stderr)
                    subprocess.run(["tail", "-5", VLOG], stdout=2, check=False)
                return
            time.sleep(0.0008)

    def advance(self, to):
        if to - self.clock.now() > NEAR_S:
            self.settle()
            self._queue_runs(to)
        self.clock.jump(to)

    def _queue_runs(self, to):
        step, tries, waiting = self.mta.queue_interval, 0, None
        while tries < 3000:
            due = self.mta.due()
            if due is None:
                return
            now = self.clock.now()
            if due == 0:        # the server does not say when: the longer in vain, the rarer
                step = min(step * 2, 6 * 3600) if waiting == self.mta.waiting() else self.mta.queue_interval
                waiting = self.mta.waiting()
            at = max((max(due, now) // step + 1) * step + self.scenario.phase % step, now + 1)
            if at >= to:
                return
            self.clock.jump(at)
            self.mta.queue_run()
            self.settle()
            tries += 1

    # -- actions --

    def push(self, action):
        self.count += 1
        heapq.heappush(self.heap, (action.at, self.count, action))

    def run(self):
        for action in self.scenario.actions:
            self.push(action)
        while self.heap:
            at, _, action = heapq.heappop(self.heap)
            if at > self.scenario.end:
                break
            self.advance(at)
            PERFORM[type(action)](self, action)
        self.settle()
        if self.scenario.end > self.clock.now() and not self.scenario.still_waiting:
            self._queue_runs(self.scenario.end)
        self.settle()
        os.kill(self.services, signal.SIGTERM)
        os.waitpid(self.services, 0)

    def line(self, program, text, pid=0):
        tag = f"{program}[{pid}]" if pid else program
        os.write(self.log_fd, f"{self.clock.now_ns()} 22 {tag}: {text}\n".encode(errors="surrogateescape"))

    def accepted(self, message, recipients):
        if not message.lot:
            return
        lot = self.lots.setdefault(message.lot, {"messages": 0, "recipients": 0, "first": None, "last": None})
        lot["messages"] += 1
        lot["recipients"] += recipients
        now = self.clock.now()
        lot["first"] = lot["first"] or now
        lot["last"] = now

    def visit(self, action):
        try:
            again = self._visit(action)
        except client.Gone:
            again = []
        if again and action.retries:
            self.push(plan.Visit(**{**vars(action), "at": self.clock.now() + action.retries[0], "messages": again,
                                    "retries": action.retries[1:]}))

    def _visit(self, action):
        """@return messages that were deferred, each with the recipients that were"""
        s, again = client.Session(action.source, self.server_address(action), action.port), []
        try:
            if action.port == 465:
                s.wrap()
            code, _ = s.reply()
            if code != 220:
                return action.messages if code // 100 == 4 else []
            s.command("EHLO " + action.helo)
            if (action.tls or action.login and self.login_needs_tls) and action.port != 465 and s.starttls()[0] == 220:
                s.command("EHLO " + action.helo)
            if action.login:
                code, _ = s.login(*action.login)
                if code != 235:
                    return []
            for number, message in enumerate(action.messages):
                if number and action.pause_s:
                    self.clock.jump(self.clock.now() + action.pause_s)
                if not self._message(s, action, message, again):
                    break
        finally:
            s.close(action.polite)
        return again

    def server_address(self, action):
        return self.server.options.get("entry", {}).get(action.port) or self.server.ip

    def _message(self, s, action, message, again):
        """@return whether the session goes on"""
        code, _ = s.command(f"MAIL FROM:<{message.sender}>" + (f" SIZE={message.size}" if action.tls else ""))
        if code // 100 != 2:
            if code // 100 == 4:
                again.append(message)
            return code != 421
        good, later = 0, []
        for recipient in message.recipients:
            code, _ = s.command(f"RCPT TO:<{recipient}>")
            if code // 100 == 2:
                good += 1
            elif code == 421:
                again.append(message)
                return False
            elif code // 100 == 4:
                later.append(recipient)
        if later:
            copy = plan.Message(**{**vars(message), "recipients": later})
            again.append(copy)
        if not good:
            s.command("RSET")
            return True
        code, _ = s.command("DATA")
        if code != 354:
            return code != 421
        s.raw(client.compose(message, self.clock.now()) + b".\r\n")
        code, text = s.reply()
        if code // 100 == 2:
            self.accepted(message, good)
            if action.web:
                self._web_record(action, message, text)
        elif code // 100 == 4:
            again.append(message)
        return code != 421

    def php(self, action):
        """PHP writes it with its own stamp into a file, or through syslog"""
        text = f"mail() on [{action.script}:{action.number}]: To: {action.to} -- Headers: {action.headers}"
        if self.server.options["php_log"] == "syslog" and not self.mta.own_log:
            self.line("php", text, 20000 + action.number)
            return
        stamp = time.strftime("%d-%b-%Y %H:%M:%S UTC", time.gmtime(self.clock.now()))
        with open("/run/php.log", "a") as file:
            file.write(f"[{stamp}] {text}\n")

    def _web_record(self, action, message, reply):
        """What Roundcube writes of a message that it has handed over."""
        user, source, session = action.web
        self.line("roundcube", f"<{session}> User {user} [{source}]; Message <{message.msgid}> for "
                  f"{', '.join(message.recipients)}; {reply.replace(' ', ': ', 1)}")

    def local(self, action):
        m = action.message
        argv = self.mta.sendmail(m, action.given_from, action.argv)
        os.makedirs(action.folder, exist_ok=True)
        text = client.compose(m, self.clock.now()).replace(b"\r\n", b"\n")
        self.command(argv, action.user, action.folder, text)
        self.accepted(m, len(m.recipients))

    def command(self, argv, user, folder="/", text=b""):
        import pwd
        entry = pwd.getpwnam(user)
        run = subprocess.run(argv, input=text, cwd=folder, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "PWD": folder,
                                  "USER": user, "LOGNAME": user})
        if run.returncode not in (0, 75, 65, 67):
            print(f"{argv[0]}: status {run.returncode}: {run.stdout.decode(errors='replace')[:300]}", file=sys.stderr)
        return run


PERFORM = {plan.Visit: Runner.visit, plan.Run: Runner.local,
           plan.Line: lambda runner, a: runner.line(a.program, a.text, a.pid),
           plan.Php: Runner.php, plan.Do: lambda runner, a: a.what(runner),
           plan.Probe: lambda runner, a: noise.perform(runner, a)}
