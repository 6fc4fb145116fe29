"""A server of one's own for a class of tests, on SQLite and, where its programs are found, on PostgreSQL."""

import atexit
import glob
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import uuid
from xml.sax.saxutils import escape

TOKEN = "0123456789abcdef0123456789abcdef01234567"
CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="mood" toName="text"><Choice value="Glad"/><Choice value="Sad"/></Choices>
</View>"""


def region(choice):
    return {
        "id": "r1",
        "from_name": "mood",
        "to_name": "text",
        "type": "choices",
        "value": {"choices": [choice]},
    }


class Postgres:
    """The cluster that TAGLOOM_TEST_POSTGRES names, else one that is started for these tests."""

    url = None
    why_not = None

    @classmethod
    def programs(cls):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb") + glob.glob("/opt/homebrew/opt/postgresql*/bin/initdb"))
        return os.path.dirname(found[-1]) if found else None

    @classmethod
    def ensure(cls):
        """The address of a cluster; None where there is none."""
        if cls.url is None and cls.why_not is None:
            cls.url = os.environ.get("TAGLOOM_TEST_POSTGRES")
            if cls.url is None:
                programs = cls.programs()
                if programs is None:
                    cls.why_not = "PostgreSQL is not installed"
                else:
                    cls.url = cls.start(programs)
        return cls.url

    @classmethod
    def start(cls, programs):
        folder = tempfile.mkdtemp(prefix="tagloom-pg-")
        data = os.path.join(folder, "data")
        # PostgreSQL refuses to run as root; its own user does it then.
        prefix = []
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            prefix = ["runuser", "-u", "postgres", "--"]

        def run(program, *args):
            command = [*prefix, os.path.join(programs, program), *args]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

        def stop():
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
            shutil.rmtree(folder, ignore_errors=True)

        probe = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        port = probe.server_address[1]
        probe.server_close()
        run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", os.path.join(folder, "log"), "-o", options, "start")
        atexit.register(stop)
        return f"postgres://postgres@127.0.0.1:{port}"

    @classmethod
    def database(cls):
        """The address of a new database."""
        name = f"sdk_{uuid.uuid4().hex}"
        psql = shutil.which("psql") or os.path.join(cls.programs() or "", "psql")
        subprocess.run(
            [psql, f"{cls.ensure()}/postgres", "-qc", f"CREATE DATABASE {name}"], check=True, stdout=subprocess.DEVNULL
        )
        return f"{cls.ensure()}/{name}"


class Server:
    """The binary on a free port, with a folder of its own."""

    def __init__(self, database="sqlite", env=()):
        self.folder = tempfile.TemporaryDirectory(prefix="tagloom-sdk-")
        self.files = os.path.join(self.folder.name, "files")
        os.makedirs(self.files)
        command = [os.environ["TAGLOOM_BIN"], "start", "--no-browser", "--port", "0"]
        command += ["--data-dir", os.path.join(self.folder.name, "data"), "--enable-legacy-api-token"]
        command += ["--username", "owner@example.com", "--password", "correct horse", "--user-token", TOKEN]
        if database == "postgresql":
            command += ["--database", Postgres.database()]
        # What is set around the test must not decide how the server runs.
        names = re.compile("LABEL_STUDIO_|HEARTEX_|POSTGRE_|DATABASE|DJANGO_DB$|(PORT|HOST|USERNAME|PASSWORD)$")
        around = {name: value for name, value in os.environ.items() if not names.match(name)}
        # Buckets and webhooks of these tests are on this machine.
        around |= {
            "SSRF_PROTECTION_ENABLED": "false",
            "LOCAL_FILES_SERVING_ENABLED": "true",
            "LOCAL_FILES_DOCUMENT_ROOT": self.files,
        }
        around |= dict(env)
        self.process = subprocess.Popen(command, env=around, stdout=subprocess.PIPE, text=True)
        self.url = None
        for line in self.process.stdout:
            if " serves " in line:
                self.url = f"http://127.0.0.1:{line.strip().rsplit(':', 1)[1]}"
                break
        if self.url is None:
            raise RuntimeError(f"the server ended with {self.process.wait()}")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()
        self.folder.cleanup()


def on_every_database(mixin):
    """Puts a class of tests for each database into the module of a mixin."""
    module = sys.modules[mixin.__module__]
    for database in ("sqlite", "postgresql"):
        name = f"{mixin.__name__}_{database}"
        case = type(name, (mixin, unittest.TestCase), {"database": database, "__module__": mixin.__module__})
        if database == "postgresql" and Postgres.ensure() is None:
            # Half of the tests must not go missing in silence.
            raise RuntimeError(f"{Postgres.why_not}; install it, or name one in TAGLOOM_TEST_POSTGRES")
        setattr(module, name, case)
    return mixin


def eventually(look, seconds=20):
    """The first true answer of a function."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)


class Receiver(http.server.ThreadingHTTPServer):
    """An endpoint that keeps what is posted to it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiver.Handler)
        self.got = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append((self.headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass


class Bucket(http.server.ThreadingHTTPServer):
    """As much of S3 as a storage needs: one bucket, listed, read and written; signatures are not checked."""

    def __init__(self, objects=()):
        super().__init__(("127.0.0.1", 0), Bucket.Handler)
        self.name = "bucket"
        self.objects = dict(objects)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, body=b"", headers=()):
            self.send_response(status)
            for name, value in dict(headers).items():
                self.send_header(name, value)
            if "Content-Length" not in dict(headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def parts(self):
            path, _, query = self.path.partition("?")
            bucket, _, key = path.lstrip("/").partition("/")
            known = bucket == self.server.name
            return known, urllib.parse.unquote(key), urllib.parse.parse_qs(query, keep_blank_values=True)

        def missing(self, code):
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
            self.answer(404, body, {"Content-Type": "application/xml"})

        def do_HEAD(self):
            known, key, _ = self.parts()
            if not known:
                return self.missing("NoSuchBucket")
            if key and key not in self.server.objects:
                return self.missing("NoSuchKey")
            return self.answer(200, b"", self.about(key) if key else {})

        def about(self, key):
            return {
                "Content-Length": str(len(self.server.objects[key])),
                "Last-Modified": "Sat, 31 Jan 2026 12:00:00 GMT",
                "ETag": '"0123456789abcdef"',
                "Content-Type": "application/octet-stream",
            }

        def do_GET(self):
            known, key, query = self.parts()
            if not known:
                return self.missing("NoSuchBucket")
            if not key:
                return self.list(query)
            if key not in self.server.objects:
                return self.missing("NoSuchKey")
            return self.answer(200, self.server.objects[key], self.about(key))

        def list(self, query):
            if "location" in query:
                body = b"<LocationConstraint xmlns='http://s3.amazonaws.com/doc/2006-03-01/'/>"
                return self.answer(200, body, {"Content-Type": "application/xml"})
            prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
            keys, folders = [], set()
            for key in sorted(k for k in self.server.objects if k.startswith(prefix)):
                rest = key[len(prefix):]
                if delimiter and delimiter in rest:
                    folders.add(prefix + rest.split(delimiter)[0] + delimiter)
                else:
                    keys.append(key)
            items = "".join(
                f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified>"
                f"<ETag>&quot;0123456789abcdef&quot;</ETag><Size>{len(self.server.objects[key])}</Size>"
                "<StorageClass>STANDARD</StorageClass></Contents>"
                for key in keys
            )
            items += "".join(f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in sorted(folders))
            body = (
                "<?xml version='1.0' encoding='UTF-8'?>"
                "<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
                f"<Name>{self.server.name}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(keys)}</KeyCount>"
                f"<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
            ).encode()
            return self.answer(200, body, {"Content-Type": "application/xml"})

        def do_PUT(self):
            known, key, _ = self.parts()
            body = self.body()
            if not known:
                return self.missing("NoSuchBucket")
            self.server.objects[key] = body
            return self.answer(200, b"", {"ETag": '"0123456789abcdef"'})

        def body(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
                return body
            out = b""
            while body:
                size, _, body = body.partition(b"\r\n")
                size = int(size.split(b";")[0], 16)
                if size == 0:
                    break
                out, body = out + body[:size], body[size + 2:]
            return out

        def do_DELETE(self):
            known, key, _ = self.parts()
            if not known:
                return self.missing("NoSuchBucket")
            self.server.objects.pop(key, None)
            return self.answer(204)

        def log_message(self, *_):
            pass
