"""eSCL against devices that break off, lie, stall, attack, or speak as some real ones do."""

import datetime as dt
import io
import json
import re
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image

from scanner import (
    ColorMode,
    EsclBackend,
    PinStore,
    SaneBackend,
    ScanError,
    ScanFault,
    ScanRequest,
    Source,
    write_sane_config,
)
from scanner.backends.escl import job, picture
from scanner.backends.virtual.escl import capabilities, status
from scanner.backends.virtual.faults import FaultKind

SLIP = {"dpi": 200, "width_mm": 100, "height_mm": 60}
SIZE = (787, 472)
CAPABILITIES = "GET /eSCL/ScannerCapabilities"
STATUS = "GET /eSCL/ScannerStatus"
POST = "POST /eSCL/ScanJobs"
NEXT = "GET /eSCL/ScanJobs/1/NextDocument"
DELETE = "DELETE /eSCL/ScanJobs/1"


class Handler(BaseHTTPRequestHandler):
    """One question to a scripted device."""

    protocol_version = "HTTP/1.1"
    timeout = 20
    server: "Scripted"

    def answer(self) -> None:
        asked = f"{self.command} {self.path}"
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(asked)
        script = self.server.script.get(asked, [Said(404)])
        step = script.pop(0) if len(script) > 1 else script[0]
        step(self)

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def log_message(self, *args: object) -> None:
        """Keeps the test's output clean."""


class Said:
    """An answer in one piece; `claims` is the length that it announces, where that isn't its own."""

    def __init__(self, code: int, body: bytes | str = b"", kind: str = "text/xml", **headers: str) -> None:
        self.code, self.kind = code, kind
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = body.encode() if isinstance(body, str) else body

    def __call__(self, handler: Handler) -> None:
        handler.send_response(self.code)
        handler.send_header("Content-Type", self.kind)
        for name, value in {"Content-Length": str(len(self.body)), **self.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(self.body)
        handler.wfile.flush()
        if "Content-Length" in self.headers:
            handler.close_connection = True


class Scripted(ThreadingHTTPServer):
    """A device that says what its script tells it to: a list a question, the last for ever."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scheme = "http"
        self.asked: list[str] = []
        self.script: dict[str, list[Callable[[Handler], None]]] = {}
        self.reached = threading.Event()
        self.let_go = threading.Event()
        self.behave()

    def behave(self) -> None:
        import uuid

        self.asked.clear()
        self.script = {
            CAPABILITIES: [Said(200, capabilities("Brother MFC", uuid.UUID(int=7)))],
            STATUS: [Said(200, status(loaded=False, scanning=False, fault=None))],
            POST: [Said(201, Location="/eSCL/ScanJobs/1")],
            NEXT: [page(), Said(404)],
            DELETE: [Said(200)],
        }

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/eSCL"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on it all the time."""

    def hold(self, before: bytes = b"") -> Callable[[Handler], None]:
        """An answer that stops after `before` until it is let go."""

        def wait(handler: Handler) -> None:
            handler.wfile.write(before)
            handler.wfile.flush()
            self.reached.set()
            self.let_go.wait(20)
            handler.close_connection = True

        return wait


@pytest.fixture
def device() -> Iterator[Scripted]:
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.let_go.set()
        server.shutdown()
        thread.join()


def jpeg(size=SIZE, mode="RGB", shade=90, **options) -> bytes:
    """A picture with noise above and one colour below, as scans have."""
    rng = np.random.default_rng(1)
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[: size[1] * 3 // 4] = rng.integers(0, 255, (size[1] * 3 // 4, size[0], 3)) // 4 + shade
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, "JPEG", **{"quality": 80, "dpi": (200, 200), **options})
    return out.getvalue()


PAGE = jpeg()
OTHER_PAGE = jpeg(shade=120)


def page(body: bytes = PAGE, kind: str = "image/jpeg") -> Said:
    return Said(200, body, kind)


def cut(body: bytes = PAGE, at: float = 0.5) -> Said:
    return Said(200, body[: int(len(body) * at)], "image/jpeg", Content_Length=str(len(body)))


def told(**changed: object) -> Said:
    return Said(200, status(**{"loaded": False, "scanning": False, "fault": None, **changed}))


def told_job(state: str, images: int = 1, device_state: str = "Processing", adf: str = "Loaded") -> Said:
    return Said(
        200,
        f"<ScannerStatus><State>{device_state}</State><AdfState>ScannerAdf{adf}</AdfState><Jobs><JobInfo>"
        f"<JobUri>/eSCL/ScanJobs/1</JobUri><ImagesCompleted>{images}</ImagesCompleted>"
        f"<JobState>{state}</JobState></JobInfo></Jobs></ScannerStatus>",
    )


def backend_of(device: Scripted, patience_s: float = 5, **options) -> EsclBackend:
    return EsclBackend({"Quầy": device.url}, discover=False, patience_s=patience_s, **options)


def outcome(device: Scripted, patience_s: float = 5, **request) -> tuple[int, ScanFault | None, dict]:
    """Pages that came, and the fault after them."""
    pages = 0
    asked = ScanRequest(**{**SLIP, "page_limit": 5, **request})
    scanning = backend_of(device, patience_s).scan(f"escl:{device.url}", asked)
    try:
        for _ in scanning:
            pages += 1
    except ScanError as error:
        return pages, error.fault, error.facts
    return pages, None, {}


def drip(head: bytes) -> Callable[[Handler], None]:
    """A byte now and then, for ever."""

    def send(handler: Handler) -> None:
        handler.wfile.write(head)
        while not handler.server.let_go.wait(0.05):
            handler.wfile.write(b"x")

    return send


def endless(handler: Handler) -> None:
    """Chunk after chunk as fast as they go."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while not handler.server.let_go.is_set():
        handler.wfile.write(chunk)


LOGIN = "<!DOCTYPE html><html><body><form action=/login>Password</form></body></html>"
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<ScannerCapabilities><MakeAndModel>&b;</MakeAndModel></ScannerCapabilities>"
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 900\r\n\r\n"

BAD_DESCRIPTIONS = {
    "nothing": (Said(200), ScanFault.BAD_ANSWER),
    "cut xml": (Said(200, capabilities("x", __import__("uuid").UUID(int=1))[:700]), ScanFault.BAD_ANSWER),
    "entities": (Said(200, BOMB), ScanFault.BAD_ANSWER),
    "login page": (Said(200, LOGIN, "text/html"), ScanFault.BAD_ANSWER),
    "well-formed login page": (Said(200, LOGIN.split(">", 1)[1], "text/html"), ScanFault.BAD_ANSWER),
    "another document": (told(), ScanFault.BAD_ANSWER),
    "unknown encoding": (Said(200, '<?xml version="1.0" encoding="no-such"?><a/>'), ScanFault.BAD_ANSWER),
    "binary": (Said(200, bytes(range(256)) * 9), ScanFault.BAD_ANSWER),
    "deep": (Said(200, "<a>" * 100_000), ScanFault.BAD_ANSWER),
    "packed": (Said(200, b"\x1f\x8b\x08" + b"\0" * 99, Content_Encoding="gzip"), ScanFault.BAD_ANSWER),
    "ten gigabytes": (Said(200, b"<a>", Content_Length="10000000000"), ScanFault.BAD_ANSWER),
    "a number of digits": (Said(200, b"<a>", Content_Length="9" * 4000), ScanFault.BAD_ANSWER),
    "endless": (endless, ScanFault.BAD_ANSWER),
    "redirect": (Said(302, Location="http://192.0.2.1/eSCL/ScannerCapabilities"), ScanFault.BAD_ANSWER),
    "not there": (Said(404), ScanFault.BAD_ANSWER),
    "password": (Said(401, WWW_Authenticate="Basic realm=x"), ScanFault.ACCESS_DENIED),
    "busy": (Said(503), ScanFault.BUSY),
    "broken off": (Said(200, b"<a>", Content_Length="900"), ScanFault.IO),
    "no HTTP": (lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n"), ScanFault.IO),
    "hung up": (lambda handler: setattr(handler, "close_connection", True), ScanFault.IO),
}


@pytest.mark.parametrize("name", BAD_DESCRIPTIONS)
def test_descriptions_that_are_none(device, name):
    said, fault = BAD_DESCRIPTIONS[name]
    backend = backend_of(device)
    device.script[CAPABILITIES] = [said]
    tracemalloc.start()
    try:
        with pytest.raises(ScanError) as error:
            backend.capabilities(f"escl:{device.url}")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.value.fault is fault
    assert peak < 32 * 1024 * 1024
    device.behave()
    assert backend.capabilities(f"escl:{device.url}").sources == tuple(Source)


@pytest.mark.parametrize("name", ["body", "head", "silence"])
def test_stalling_ends_with_the_patience(device, name):
    stalls = {"body": drip(HEAD), "head": drip(b"HTTP/1.1 200 OK\r\nX: "), "silence": device.hold()}
    device.script[CAPABILITIES] = [stalls[name]]
    began = time.monotonic()
    with pytest.raises(ScanError) as error:
        backend_of(device, 0.4).capabilities(f"escl:{device.url}")
    assert error.value.fault is ScanFault.NOT_ANSWERING
    assert time.monotonic() - began < 2


def test_a_page_that_drips_ends_with_five_times_the_patience(device):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 90000\r\n\r\n\xff\xd8"
    device.script[NEXT] = [drip(head)]
    began = time.monotonic()
    assert outcome(device, 0.3)[:2] == (0, ScanFault.NOT_ANSWERING)
    assert time.monotonic() - began < 4
    assert device.asked[-1] == DELETE


def test_a_location_on_another_host_is_asked_for_here(device):
    device.script[POST] = [Said(201, Location="http://192.0.2.1:9/eSCL/ScanJobs/1/")]
    assert outcome(device) == (1, None, {})


def test_a_redirect_of_a_job_is_not_followed(device):
    for question in (POST, NEXT):
        device.behave()
        device.script[question] = [Said(307, Location="http://192.0.2.1/eSCL/ScanJobs")]
        assert outcome(device)[:2] == (0, ScanFault.BAD_ANSWER)


JOB_REFUSALS = {
    "no location": (Said(201), told(), ScanFault.BAD_ANSWER),
    "out of the root": (Said(201, Location="/eSCL/../../etc"), told(), ScanFault.BAD_ANSWER),
    "bad request": (Said(400), told(loaded=True), ScanFault.UNSUPPORTED),
    "conflict": (Said(409), told(loaded=True), ScanFault.UNSUPPORTED),
    "conflict, no paper": (Said(409), told(), ScanFault.NO_DOCUMENTS),
    "conflict, jam": (Said(409), told(fault=FaultKind.JAM), ScanFault.JAMMED),
    "busy with a jam": (Said(503), told(fault=FaultKind.JAM), ScanFault.JAMMED),
    "broken inside": (Said(500), told(), ScanFault.UNKNOWN),
    "broken inside, no status": (Said(500), Said(500), ScanFault.UNKNOWN),
    "forbidden": (Said(403), told(), ScanFault.ACCESS_DENIED),
    "not there": (Said(404), told(), ScanFault.BAD_ANSWER),
}


@pytest.mark.parametrize("name", JOB_REFUSALS)
def test_jobs_that_are_refused(device, name):
    device.script[POST], device.script[STATUS] = ([said] for said in JOB_REFUSALS[name][:2])
    assert outcome(device)[:2] == (0, JOB_REFUSALS[name][2])
    assert device.asked.count(POST) == 1


def test_a_job_that_is_refused_for_a_while_begins_later(device):
    device.script[POST] = [Said(503, Retry_After="0"), Said(503, Retry_After="0"), *device.script[POST]]
    assert outcome(device) == (1, None, {})


def test_endless_busy_ends(device):
    device.script[NEXT] = [Said(503, Retry_After="0")]
    assert outcome(device, 0.8)[:2] == (0, ScanFault.BUSY)
    device.script[NEXT] = [Said(503, Retry_After="99999999")]
    assert outcome(device, 0.8)[:2] == (0, ScanFault.BUSY)
    assert device.asked[-1] == DELETE


PAGES = {
    "ready a little later": ([Said(503, Retry_After="0"), page(), Said(404)], [], 1, None),
    "broken once": ([cut(), page(), Said(404)], [], 1, None),
    "broken before a byte": (
        [lambda h: setattr(h, "close_connection", True), page(), Said(404)],
        [],
        1,
        None,
    ),
    "broken twice": ([cut(at=0.2), cut(at=0.9), page(), Said(404)], [], 1, None),
    "broken for ever": ([page(), cut()], [], 1, ScanFault.TRUNCATED),
    "broken, then the next page": ([cut(), page(OTHER_PAGE), Said(404)], [], 0, ScanFault.TRUNCATED),
    "broken, then no more": ([page(), cut(), Said(404)], [], 1, ScanFault.TRUNCATED),
    "one image more than came": (
        [lambda h: setattr(h, "close_connection", True), page(), Said(404)],
        [told_job("Completed", images=2, adf="Empty")],
        *(1, ScanFault.TRUNCATED),
    ),
    "made whole by its end mark alone": ([page(PAGE[:20000] + b"\xff\xd9")], [], 0, ScanFault.TRUNCATED),
    "without its end mark": ([page(PAGE[:-2])], [], 0, ScanFault.TRUNCATED),
    "with an interval missing": (
        [
            page(
                re.sub(
                    rb"\xff\xd3.*?(?=\xff\xd4)", b"", jpeg(restart_marker_rows=4), count=1, flags=re.DOTALL
                )
            )
        ],
        *([], 0, ScanFault.TRUNCATED),
    ),
    "with restart marks": ([page(jpeg(restart_marker_rows=4)), Said(404)], [], 1, None),
    "progressive": ([page(jpeg(progressive=True)), Said(404)], [], 1, None),
    "with padding": ([page(PAGE + b"\0" * 512), Said(404)], [], 1, None),
    "gone for no more": ([page(), Said(410)], [], 1, None),
    "conflict for no more": ([page(), Said(409)], [told()], 1, None),
    "no more at once": ([Said(404)], [], 0, ScanFault.NO_DOCUMENTS),
    "asked too early": (
        [page(), Said(404), page(), Said(404)],
        [told_job("Processing"), told_job("Completed", 2)],
        *(2, None),
    ),
    "too early, no job told": (
        [page(), Said(404), page(), Said(404)],
        [told(loaded=True, scanning=True), told()],
        *(2, None),
    ),
    "no more, and a jam": ([page(), Said(404)], [told(fault=FaultKind.JAM)], 1, ScanFault.JAMMED),
    "stopped at the device": ([page(), Said(404)], [told_job("Canceled")], 1, ScanFault.CANCELLED),
    "given up by the device": ([page(), Said(404)], [told_job("Aborted")], 1, ScanFault.UNKNOWN),
    "no status at the end": ([page(), Said(404)], [Said(500)], 1, None),
    "broken inside": ([page(), Said(500)], [told()], 1, ScanFault.UNKNOWN),
    "a login page": ([page(), Said(200, LOGIN, "text/html")], [], 1, ScanFault.BAD_ANSWER),
    "a PDF": ([page(b"%PDF-1.4", "application/pdf")], [], 0, ScanFault.BAD_ANSWER),
    "no JPEG inside": ([page(b"GIF89a" * 50)], [], 0, ScanFault.TRUNCATED),
    "ten gigabytes": (
        [Said(200, b"\xff\xd8", "image/jpeg", Content_Length="10000000000")],
        *([], 0, ScanFault.BAD_ANSWER),
    ),
    "endless": ([endless], [], 0, ScanFault.BAD_ANSWER),
    "sixty thousand pixels each way": (
        [
            page(
                re.sub(
                    rb"(\xff\xc0\x00.\x08)....",
                    lambda found: found[1] + b"\xea\x60\xea\x60",
                    PAGE,
                    count=1,
                    flags=re.DOTALL,
                )
            )
        ],
        *([], 0, ScanFault.BAD_ANSWER),
    ),
    "narrower than the paper": ([page(jpeg((600, 472)))], [], 0, ScanFault.TRUNCATED),
    "as wide as the glass": ([page(jpeg((1700, 472))), Said(404)], [], 1, None),
    "grey for colour": ([page(jpeg(mode="L"))], [], 0, ScanFault.UNSUPPORTED),
    "at 100 dpi": ([page(jpeg((394, 236), dpi=(100, 100)))], [], 0, ScanFault.RESOLUTION_TOO_LOW),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_that_come_in_strange_ways(device, name):
    device.script[NEXT], statuses, pages, fault = PAGES[name]
    device.script[NEXT] = list(device.script[NEXT])
    device.script[STATUS] = list(statuses) or device.script[STATUS]
    assert outcome(device)[:2] == (pages, fault)
    device.behave()
    assert outcome(device) == (1, None, {})


def test_a_job_that_did_not_end_by_itself_is_taken_back(device):
    device.script[NEXT] = [page(b"", "text/html")]
    outcome(device)
    assert device.asked[-1] == DELETE
    device.behave()
    outcome(device)
    assert DELETE not in device.asked


def test_the_job_is_the_one_that_sane_airscan_sends(device, tmp_path):
    """Element by element; it is the client that most devices have been tried with."""
    pytest.importorskip("sane")
    jobs: list[bytes] = []
    bodies = {ColorMode.COLOR: PAGE, ColorMode.GREY: jpeg(mode="L")}

    def begin(body: bytes) -> Callable[[Handler], None]:
        """A job of its own for each client: sane-airscan may still be asking for the one before."""

        def note(handler: Handler) -> None:
            jobs.append(re.sub(rb"\s*<\?xml.*?\?>\s*|<pwg:Version>.*?</pwg:Version>", b"", handler.body))
            place = f"/eSCL/ScanJobs/{len(jobs)}"
            device.script[f"GET {place}/NextDocument"] = [page(body), Said(404)]
            device.script[f"DELETE {place}"] = [Said(200)]
            Said(201, Location=place)(handler)

        return note

    config = write_sane_config(tmp_path / "sane", {"Q": device.url})
    with SaneBackend(config, patience_s=10) as sane:
        for source in Source:
            for mode, body in bodies.items():
                request = ScanRequest(source=source, mode=mode, page_limit=1, **SLIP)
                for backend, device_id in (
                    (sane, "airscan:e0:Q"),
                    (backend_of(device), f"escl:{device.url}"),
                ):
                    device.behave()
                    device.script[STATUS] = [told(loaded=True)]
                    device.script[POST] = [begin(body)]
                    assert len(list(backend.scan(device_id, request))) == 1
                theirs, ours = jobs[-2:]
                assert ours == theirs


def one_page(device: Scripted, body: bytes, **request):
    device.script[NEXT] = [page(body), Said(404)]
    (found,) = backend_of(device).scan(f"escl:{device.url}", ScanRequest(**{**SLIP, **request}))
    return found


def test_a_shorter_sheet_from_the_feeder_is_a_page_but_on_the_glass_it_is_not(device):
    short = jpeg((787, 300))
    assert one_page(device, short).pixels.shape == (300, 787, 3)
    with pytest.raises(ScanError) as error:
        one_page(device, short, source=Source.FLATBED)
    assert (error.value.fault, error.value.facts["rows"]) == (ScanFault.TRUNCATED, 300)


def test_colour_for_grey_is_made_grey_and_is_no_jpeg_of_that(device):
    found = one_page(device, PAGE, mode=ColorMode.GREY)
    assert found.pixels.shape == SIZE[::-1]
    assert found.encoded is None
    assert one_page(device, jpeg(mode="L"), mode=ColorMode.GREY).encoded == jpeg(mode="L")


def test_a_finer_picture_than_asked_for_keeps_its_true_resolution(device):
    found = one_page(device, jpeg((1181, 709), dpi=(300, 300)))
    assert found.dpi == 200, "its width is within the glass at the resolution asked for"
    coarse = one_page(device, jpeg((945, 567), dpi=(240, 240)), dpi=300)
    assert coarse.dpi == 240


def test_a_height_that_is_told_at_the_end_is_put_at_the_front(device):
    """As feeders do that begin to send before they have seen the end of the sheet."""
    at = PAGE.index(b"\xff\xc0") + 5
    for head in (b"\0\0", b"\x0f\0"):
        late = PAGE[:at] + head + PAGE[at + 2 : -2] + b"\xff\xdc\0\x04" + PAGE[at : at + 2] + b"\xff\xd9"
        found = one_page(device, late)
        assert found.pixels.shape == (472, 787, 3)
        with Image.open(io.BytesIO(found.encoded)) as image:
            assert image.size == SIZE


def test_a_real_sheet_of_a_real_feeder(device, real_data):
    body = (real_data / "escl/node-hp-scan-to/adf_bytes_scan_height_fixed.jpg").read_bytes()
    found = one_page(device, body, width_mm=210, height_mm=297)
    assert found.pixels.shape == (2322, 1654, 3)
    assert found.encoded == body


@pytest.mark.parametrize(
    "name",
    [
        "go-mfp/HP-LaserJet-MFP-M426fdn-ScannerCapabilities.xml",
        "go-mfp/Kyocera-ECOSYS-M2040dn-ScannerCapabilities.xml",
        "go-mfp/Xerox-B235-ScannerCapabilities.xml",
        "node-hp-scan-to/eSCL_ScannerCapabilities_Duplex.xml",
        "node-hp-scan-to/eSCL_ScannerCapabilities_Simplex.xml",
    ],
)
def test_a_whole_scan_with_what_a_real_device_says(device, real_data, name):
    device.script[CAPABILITIES] = [Said(200, (real_data / "escl" / name).read_bytes())]
    done = (real_data / "escl/node-hp-scan-to/eSCL_ScannerStatus_empty.xml").read_bytes()
    device.script[STATUS] = [Said(200, done)]
    backend = backend_of(device)
    (found,) = backend.devices()
    a4 = jpeg((1654, 2339))
    device.script[NEXT] = [page(a4), page(a4), Said(404)]
    pages = list(backend.scan(found.id, ScanRequest(dpi=200)))
    assert [(p.sheet, p.side, p.encoded == a4) for p in pages] == [(1, 1, True), (2, 1, True)]
    if any(option.name == "page-loaded" for option in backend.capabilities(found.id).options):
        assert [sensor.value for sensor in backend.read_sensors(found.id)] == [False]


@pytest.mark.parametrize("moment", ["job", "wait", "transfer", "busy"])
def test_a_stop_at_any_moment_takes_the_job_back(device, moment):
    stop = threading.Event()

    def stopped() -> bool:
        if device.reached.is_set():
            stop.set()
        return stop.is_set()

    def late(handler: Handler) -> None:
        device.reached.set()
        stop.wait(10)
        Said(201, Location="/eSCL/ScanJobs/1")(handler)

    def busy(handler: Handler) -> None:
        device.reached.set()
        Said(503, Retry_After="9")(handler)

    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode()
    match moment:
        case "job":
            device.script[POST] = [late]
        case "wait":
            device.script[NEXT] = [device.hold()]
        case "transfer":
            device.script[NEXT] = [device.hold(head + PAGE[:5000])]
        case "busy":
            device.script[NEXT] = [busy]
    began = time.monotonic()
    with pytest.raises(ScanError) as error:
        list(backend_of(device, 30).scan(f"escl:{device.url}", ScanRequest(**SLIP), stopped))
    assert error.value.fault is ScanFault.CANCELLED
    assert time.monotonic() - began < 3
    assert device.asked[-1] == DELETE


def test_a_page_that_arrived_as_it_was_stopped_is_not_given(device, monkeypatch):
    stop = threading.Event()

    def develop(*given: object) -> picture.Picture:
        stop.set()
        return picture.develop(*given)

    monkeypatch.setattr(job, "develop", develop)
    pages = []
    with pytest.raises(ScanError) as error:
        pages.extend(backend_of(device).scan(f"escl:{device.url}", ScanRequest(**SLIP), stop.is_set))
    assert (error.value.fault, pages) == (ScanFault.CANCELLED, [])
    assert device.asked[-1] == DELETE


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate and its key, as scanners make them for themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now - dt.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[Callable[[str, int], Scripted]]:
    """Starts an encrypted device with a certificate of that name, on a given port."""
    running: list[tuple[Scripted, threading.Thread]] = []

    def stop() -> None:
        for server, thread in running:
            server.shutdown()
            thread.join()
            server.server_close()
        running.clear()

    def start(name: str, port: int = 0) -> Scripted:
        stop()
        server = Scripted(port)
        server.scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        file = tmp_path / f"{name}.pem"
        context.load_cert_chain(file if file.exists() else certificate(tmp_path, name))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread))
        return server

    yield start
    stop()


def test_a_certificate_is_remembered_and_held_to(restarted, tmp_path):
    store = tmp_path / "kho" / "pins.json"
    device = restarted("first")
    url, port = device.url, device.server_address[1]
    assert outcome_over(url, store) == (1, None)
    assert json.loads(store.read_text()).keys() == {f"127.0.0.1:{port}"}
    assert [file.name for file in store.parent.iterdir() if file.suffix == ".tmp"] == []

    stranger = restarted("second", port)
    assert outcome_over(url, store) == (0, ScanFault.CERTIFICATE_CHANGED)
    assert stranger.asked == [], "not a question was put to it"
    restarted("first", port)
    assert outcome_over(url, store) == (1, None)

    PinStore(store).forget(f"127.0.0.1:{port}")
    restarted("second", port)
    assert outcome_over(url, store) == (1, None)


def outcome_over(url: str, store: Path) -> tuple[int, ScanFault | None]:
    backend = EsclBackend({"Quầy": url}, discover=False, patience_s=5, pins=store)
    pages: list[object] = []
    try:
        pages.extend(backend.scan(f"escl:{url}", ScanRequest(**SLIP)))
    except ScanError as error:
        return len(pages), error.fault
    return len(pages), None


def test_an_encrypted_device_may_stall_and_be_stopped(restarted):
    device = restarted("first")
    device.script[CAPABILITIES] = [device.hold(HEAD)]
    with pytest.raises(ScanError) as error:
        EsclBackend({"Quầy": device.url}, discover=False, patience_s=0.4).capabilities(f"escl:{device.url}")
    assert error.value.fault is ScanFault.NOT_ANSWERING
    device.let_go.set()


def test_encryption_where_there_is_none_is_an_error_of_the_line(device):
    url = device.url.replace("http", "https")
    with pytest.raises(ScanError) as error:
        EsclBackend({"Quầy": url}, discover=False, patience_s=2).capabilities(f"escl:{url}")
    assert error.value.fault in {ScanFault.IO, ScanFault.NO_DEVICE}


def test_pins_that_are_damaged_let_nobody_in(tmp_path):
    for content in (b"", b"{", b"[]", b'{"a": 1}', b'{"a": "xyz"}', b"[" * 100_000):
        (tmp_path / "pins.json").write_bytes(content)
        with pytest.raises(ScanError) as error:
            PinStore(tmp_path / "pins.json").check("a", "0" * 64)
        assert error.value.fault is ScanFault.PINS_DAMAGED
        assert (tmp_path / "pins.json").read_bytes() == content


def test_pins_that_cannot_be_kept_let_nobody_in(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "file" / "pins.json"):
        with pytest.raises(ScanError) as error:
            PinStore(path).check("a", "0" * 64)
        assert error.value.fault is ScanFault.DISK_FAILED


def test_a_device_that_was_encrypted_is_not_asked_in_the_open(device):
    """Whoever blocks its encrypted port must not be able to stand in for it."""
    from scanner.backends.escl.address import read_address
    from scanner.backends.escl.line import Line

    pins = PinStore()
    pins.check("4509a320", "0" * 64)
    with Line(read_address(device.url, "4509a320"), pins, 2) as line, pytest.raises(ScanError) as error:
        line.document("ScannerCapabilities")
    assert error.value.fault is ScanFault.CERTIFICATE_CHANGED
    assert device.asked == []
    pins.forget("4509a320")
    assert pins.known() == {}
