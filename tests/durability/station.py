"""A station without devices, as a process of its own: seals a signed dossier, queues it and delivers it.

Run with the library of fault points loaded before libc. Reads commands as JSON lines, answers each by one:
every command is done in a forked child, so that importing is paid for once and a death kills only the child.
"""

import contextlib
import ctypes
import gc
import json
import os
import random
import sys
import traceback
from pathlib import Path
from typing import Any

import pikepdf

import sync
import sync.client
import sync.connecting
import sync.package_sealing
from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError
from app.domain.page import Page
from app.domain.person import Person
from app.domain.states import Digitisation
from app.settings import Settings
from app.store import Store
from app.workflow.deliver import deliver
from app.workflow.happenings import tell_nobody
from app.workflow.seal import seal
from app.workflow.station import Station, vietnam_now

CHUNK = 64 * 1024


def station_of(store: Store, url: str) -> Station:
    """Everything that sealing and delivering ask for; there are no devices."""
    nothing: Any = None
    settings = Settings(clerk="Lò Thị Ví Dụ")

    def connector() -> sync.Connector:
        return sync.IntakeConnector(
            sync.IntakeClient(url, chunk_bytes=CHUNK, connect_timeout_s=5, read_timeout_s=10)
        )

    return Station(
        store=store,
        settings=settings,
        intake=connector,
        scanner=nothing,
        device_id=lambda: "",
        reader=nothing,
        readers=nothing,
        signer=nothing,
    )


def make_dossiers(folder: Path, count: int, size: int, *, papers: int = 1) -> None:
    """Signed dossiers D1…, each of so many papers of about `size` bytes, ready to be sealed."""
    with Store(folder) as store, store.transaction():
        for number in range(1, count + 1):
            signed = []
            for ordinal in range(1, papers + 1):
                pdf = _pdf(folder / "made.pdf", size, number * 100 + ordinal)
                signed.append(store.blobs.adopt(pdf))
                pdf.unlink()
            _rows(store, number, signed)


def _pdf(path: Path, size: int, seed: int) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        noise = random.Random(seed).randbytes(size)
        pdf.Root.Noise = pdf.make_indirect(pikepdf.Stream(pdf, noise))
        pdf.save(path)
    return path


def _rows(store: Store, number: int, papers: list[str]) -> None:
    dossier = f"D{number}"
    moment = vietnam_now()
    store.dossiers.save(
        Dossier(
            id=dossier,
            code=f"TMP-QUAY1-{number}",
            procedure_code="1.001193",
            procedure_name="Đăng ký khai sinh",
            applicant=Person("Lò Thị Ví Dụ", "011301001234"),
            received_at=moment,
            digitisation=Digitisation.SIGNED,
        )
    )
    for ordinal, signed in enumerate(papers, start=1):
        component = Component(
            id=f"C{number}-{ordinal}",
            dossier_id=dossier,
            ordinal=ordinal,
            key=f"1.001193.{ordinal:02d}",
            name="Tờ khai",
            paper_type="TK",
            expected_pages=1,
            code=f"H18.19_TK_{number * 100 + ordinal:06d}_V1",
            built=signed,
            coded=signed,
            signed=signed,
            signature="PAdES-B-B",
        )
        store.dossiers.save_component(component)
        store.dossiers.save_page(
            Page(
                f"P{number}-{ordinal}", dossier, ordinal, signed, 300, 2480, 3508, ordinal, 1,
                moment.isoformat(), place=ordinal, component_id=component.id,
            )
        )  # fmt: skip
    store.audit.add("received", dossier, actor="QUAY1", at=moment)


def way(folder: Path, url: str, dossier: str) -> dict[str, object]:
    """Seal, queue, deliver: what a station does with a signed dossier, taken up wherever it stands."""
    with Store(folder) as store, store.work_lock():
        station = station_of(store, url)
        entry = seal(station, dossier)
        acknowledged = deliver(station, entry.submission_id, stopped=lambda: False, tell=tell_nobody)
        return {"submission": entry.submission_id, "receipt": acknowledged.to_json()}


def look(folder: Path, dossier: str) -> dict[str, object]:
    """What the store says of a dossier now."""
    with Store(folder) as store:
        entries = store.outbox.of_dossier(dossier)
        return {
            "entries": len(entries),
            "state": entries[-1].state.value if entries else "none",
            "receipt": entries[-1].receipt if entries else None,
            "dossier": store.dossiers.get(dossier).synchronisation.value,
        }


def met(error: Exception) -> dict[str, str]:
    """What is told of an exception: the code of a fault, the traceback of anything else."""
    if isinstance(error, sync.SyncError | StationError):
        return {"error": error.code}
    return {"error": type(error).__name__, "uncoded": "".join(traceback.format_exception(error)[-12:])}


def child(command: dict[str, Any], library: ctypes.CDLL, answer: int) -> None:
    """One command; whatever is thrown is told, so that only deaths are silent."""
    folder, url = Path(command["folder"]), command["url"]
    told: dict[str, Any] = {}
    try:
        for before in command.get("before", []):
            told["before"] = way(folder, url, before)
        library.fault_arm(command["when"], command["action"])
        told["done"] = way(folder, url, command["dossier"])
    except Exception as error:
        told |= met(error)
    told["calls"] = library.fault_calls()
    library.fault_arm(-1, 0)
    _afterwards(folder, url, command, told)
    os.write(answer, json.dumps(told).encode() + b"\n")


def traced(command: dict[str, Any], answer: int) -> None:
    """One way that begins when the tracer has caught this process; it makes one of the calls fail.

    The call that is to fail may come late, when the way is over: then the next one meets it, or the answer.
    """
    folder, url = Path(command["folder"]), command["url"]
    told: dict[str, Any] = {}
    try:
        told["done"] = way(folder, url, command["dossier"])
    except Exception as error:
        told |= met(error)
    for _ in range(2):
        try:
            _afterwards(folder, url, command, told)
            break
        except Exception as error:
            told |= met(error)
    for _ in range(2):
        with contextlib.suppress(OSError):
            os.write(answer, json.dumps(told).encode() + b"\n")
            break


def _await_the_tracer() -> None:
    """Read one word from standard input; the first call that fails may be this one."""
    while True:
        with contextlib.suppress(OSError):
            os.read(0, 16)
            return


def _afterwards(folder: Path, url: str, command: dict[str, Any], told: dict[str, Any]) -> None:
    """How the dossier stands, and the next run where this one failed."""
    told["look"] = look(folder, command["dossier"])
    if command.get("again") and "error" in told:
        try:
            told["again"] = way(folder, url, command["dossier"])
        except (sync.SyncError, StationError) as error:
            told["again_error"] = error.code


def say(value: dict[str, Any]) -> None:
    """Answer by one line."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def serve() -> None:
    """Commands from standard input, one child each."""
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    library.fault_arm.argtypes = [ctypes.c_long, ctypes.c_int]
    library.fault_calls.restype = ctypes.c_long
    gc.collect()
    gc.freeze()  # what is loaded is shared with every child, not copied at its first collection
    for line in sys.stdin:
        command = json.loads(line)
        if command.get("warm"):
            # Imports that happen on first use happen here, so that no child meets a failing one.
            say(way(Path(command["folder"]), command["url"], command["dossier"]))
            continue
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            if command.get("traced"):
                say({"pid": os.getpid()})
                _await_the_tracer()
                traced(command, writing)
            else:
                child(command, library, writing)
            os._exit(0)
        os.close(writing)
        told = b""
        while piece := os.read(reading, 65536):
            told += piece
        os.close(reading)
        _, status = os.waitpid(pid, 0)
        say({"killed": os.WIFSIGNALED(status), **json.loads(told or b"{}")})


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make_dossiers(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), papers=int(sys.argv[5]))
    else:
        serve()
