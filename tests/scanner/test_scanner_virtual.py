"""The virtual scanner as any eSCL client sees it."""

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from defusedxml import ElementTree
from PIL import Image

from scanner import ColorMode, Fault, FaultKind, ScanError, ScanFault, VirtualScanner
from scanner.backends.virtual import escl

SCAN = "{http://schemas.hp.com/imaging/escl/2011/05/03}"
PWG = "{http://www.pwg.org/schemas/2010/12/sm}"


def settings(source="Feeder", mode="RGB24", dpi=200, duplex="false", region=(0, 0, 1181, 709)) -> str:
    left, top, width, height = region
    return (
        '<scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" '
        'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"><pwg:Version>2.0</pwg:Version>'
        f"<pwg:ScanRegions><pwg:ScanRegion><pwg:XOffset>{left}</pwg:XOffset><pwg:YOffset>{top}</pwg:YOffset>"
        f"<pwg:Width>{width}</pwg:Width><pwg:Height>{height}</pwg:Height></pwg:ScanRegion></pwg:ScanRegions>"
        f"<pwg:InputSource>{source}</pwg:InputSource><scan:ColorMode>{mode}</scan:ColorMode>"
        f"<scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>"
        f"<scan:Duplex>{duplex}</scan:Duplex></scan:ScanSettings>"
    )


class Client:
    """A plain HTTP client of one device."""

    def __init__(self, device: VirtualScanner) -> None:
        self.root = device.url
        self.host = self.root.removesuffix("/eSCL")

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.root}/{path}", timeout=10)

    def post(self, body: str | bytes) -> requests.Response:
        return requests.post(f"{self.root}/ScanJobs", data=body, timeout=10)

    def begin(self, body: str) -> str:
        answer = self.post(body)
        assert answer.status_code == 201
        return self.host + answer.headers["Location"]

    def next(self, job: str) -> requests.Response:
        return requests.get(f"{job}/NextDocument", timeout=10)

    def state(self) -> tuple[str, str]:
        root = ElementTree.fromstring(self.get("ScannerStatus").content)
        return root.findtext(f"{PWG}State"), root.findtext(f"{SCAN}AdfState")


def image_of(answer: requests.Response) -> Image.Image:
    assert answer.headers["Content-Type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content))


def test_a_matching_jpeg_is_sent_as_its_own_bytes(virtual, slips):
    client = Client(virtual)
    job = client.begin(settings())
    assert [client.next(job).content for _ in range(3)] == [file.read_bytes() for file in slips[:3]]
    assert client.next(job).status_code == 404
    assert client.state() == ("Idle", "ScannerAdfEmpty")
    assert client.post(settings()).status_code == 409
    assert virtual.remaining == 0


@pytest.mark.parametrize("dpi", [100, 300])
@pytest.mark.parametrize(("mode", "bands"), [("RGB24", "RGB"), ("Grayscale8", "L"), ("BlackAndWhite1", "L")])
def test_mode_and_resolution_are_as_asked_for(virtual, dpi, mode, bands):
    client = Client(virtual)
    with image_of(client.next(client.begin(settings(mode=mode, dpi=dpi)))) as image:
        assert image.mode == bands
        assert image.size == (round(1181 * dpi / 300), round(709 * dpi / 300))
        assert image.info["dpi"] == (dpi, dpi)


def test_the_area_is_cut_where_asked_and_white_beyond_the_paper(virtual):
    client = Client(virtual)
    with image_of(
        client.next(client.begin(settings(source="Platen", region=(600, 300, 1200, 900))))
    ) as image:
        assert image.size == (800, 600)
        assert min(image.getpixel((790, 590))) > 250


def test_real_device_settings_are_understood(real_data, virtual):
    client = Client(virtual)
    folder = real_data / "escl" / "node-hp-scan-to"
    for name, feeder, dpi, size in (
        ("eSCL_ScanJob_post.xml", True, 200, (1700, 2800)),
        ("eSCL_ScanJob_adf_duplex_job.xml", True, 200, (1700, 2800)),
        ("eSCL_ScanJob_platen.xml", False, 600, (4962, 7014)),
        ("eSCL_ScanJob_platen_other_not_used.xml", False, 600, (4962, 7014)),
    ):
        body = (folder / name).read_bytes()
        read = escl.read_settings(body)
        assert (read.feeder, read.duplex, read.exposure.dpi) == (feeder, feeder, dpi)
        assert (read.exposure.width_px, read.exposure.height_px) == size
        assert read.exposure.mode is ColorMode.COLOR
        assert client.post(body).status_code == 201


def test_capabilities_have_the_parts_of_a_real_device(real_data, virtual):
    def paths(element, above="") -> set[str]:
        here = f"{above}/{element.tag.rsplit('}', 1)[-1]}"
        return {here}.union(*(paths(child, here) for child in element))

    told = real_data / "escl" / "go-mfp" / "HP-LaserJet-MFP-M426fdn-ScannerCapabilities.xml"
    real = ElementTree.parse(told).getroot()
    ours = ElementTree.fromstring(Client(virtual).get("ScannerCapabilities").content)
    assert paths(ours) - paths(real) == {"/ScannerCapabilities/UUID"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<not-xml",
        b"<other/>",
        settings(dpi=123).encode(),
        settings(mode="Infrared").encode(),
        settings(region=(0, 0, 99999, 10)).encode(),
        settings(region=(0, 0, "wide", 10)).encode(),
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + settings(mode="&b;").encode(),
    ],
)
def test_settings_that_make_no_sense_are_a_bad_request(virtual, body):
    assert Client(virtual).post(body).status_code == 400


def test_what_is_not_there_and_what_is_too_large(virtual):
    client = Client(virtual)
    assert client.get("Nothing").status_code == 404
    assert client.get("ScanJobs/77/NextDocument").status_code == 404
    assert client.post(b"x" * 100_000).status_code == 413
    assert requests.delete(f"{client.root}/ScanJobs/77", timeout=10).status_code == 404


def test_a_deleted_job_gives_no_more_and_keeps_the_paper(virtual):
    client = Client(virtual)
    job = client.begin(settings())
    client.next(job)
    assert requests.delete(job, timeout=10).status_code == 200
    assert client.next(job).status_code == 404
    assert virtual.remaining == 2


@pytest.mark.parametrize(
    ("fault", "status", "state"),
    [
        ("jam:2", 409, ("Idle", "ScannerAdfJam")),
        ("double-feed:2", 409, ("Idle", "ScannerAdfMultipickDetected")),
        ("cover:2", 409, ("Idle", "ScannerAdfDoorOpen")),
        ("busy:2", 503, ("Processing", "ScannerAdfLoaded")),
    ],
)
def test_faults_as_devices_tell_them(virtual, fault, status, state):
    client = Client(virtual)
    virtual.set_fault(Fault.parse(fault))
    job = client.begin(settings())
    assert client.next(job).status_code == 200
    answer = client.next(job)
    assert answer.status_code == status
    assert (answer.headers.get("Retry-After") is not None) == (status == 503)
    assert client.state() == state
    virtual.clear_fault()
    job = client.begin(settings())
    assert [client.next(job).status_code for _ in range(3)] == [200, 200, 404]


def test_a_truncated_transfer_can_be_asked_for_again(virtual, slips):
    client = Client(virtual)
    virtual.set_fault(Fault(FaultKind.TRUNCATED, 1))
    job = client.begin(settings())
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.next(job)
    virtual.clear_fault()
    assert client.next(job).content == slips[0].read_bytes()


def test_clearing_a_hang_lets_the_waiting_client_have_its_page(virtual, slips):
    client = Client(virtual)
    virtual.set_fault(Fault(FaultKind.HANG, 1))
    job = client.begin(settings())
    timer = threading.Timer(0.2, virtual.clear_fault)
    timer.start()
    assert client.next(job).content == slips[0].read_bytes()
    timer.join()


def test_switching_off_lets_a_waiting_client_go(slips):
    device = VirtualScanner(slips, fault=Fault(FaultKind.HANG, 1))
    with device:
        client = Client(device)
        job = client.begin(settings())
        seen = []

        def wait() -> None:
            try:
                seen.append(client.next(job).status_code)
            except requests.exceptions.ConnectionError:
                seen.append(None)

        waiting = threading.Thread(target=wait)
        waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()
    assert seen in ([404], [None])
    with pytest.raises(RuntimeError):
        _ = device.url


def test_a_folder_is_read_in_the_order_of_its_numbers(draw_sheet, tmp_path):
    for number in (10, 9, 1):
        draw_sheet(tmp_path / f"Trang {number}.jpg", number, (787, 472), 200)
    (tmp_path / "readme.txt").write_text("no paper")
    with VirtualScanner(tmp_path) as device:
        client = Client(device)
        job = client.begin(settings())
        for number in (1, 9, 10):
            assert client.next(job).content == (tmp_path / f"Trang {number}.jpg").read_bytes()


def test_paper_that_is_missing_is_refused(tmp_path):
    for stack, fault in (
        (tmp_path / "no folder", ScanFault.FOLDER_MISSING),
        ([tmp_path / "no file.jpg"], ScanFault.UNREADABLE_PAPER),
    ):
        with pytest.raises(ScanError) as error:
            VirtualScanner(stack)
        assert error.value.fault is fault


@pytest.mark.logs_warnings
def test_paper_that_is_no_image_is_a_device_fault(tmp_path, caplog):
    (tmp_path / "page.jpg").write_bytes(b"not an image")
    with VirtualScanner(tmp_path) as device:
        client = Client(device)
        assert client.next(client.begin(settings())).status_code == 500
    assert "unreadable-paper" in caplog.text


@pytest.mark.logs_warnings
def test_hostile_images_never_bring_the_device_down(real_data, slips):
    files = [f for f in sorted((real_data / "robust").iterdir()) if f.is_file()]
    assert files
    with VirtualScanner(slips[:1]) as device:
        client = Client(device)
        for file in files:
            device.load([file])
            assert client.next(client.begin(settings())).status_code in (200, 500)
        device.load(slips[:1])
        assert client.next(client.begin(settings())).content == slips[0].read_bytes()


@pytest.mark.parametrize("text", ["jam:0", "fire:1", "jam:x", "", "jam:-1"])
def test_faults_that_cannot_be_parsed(text):
    with pytest.raises(ValueError, match=r".+"):
        Fault.parse(text)


def test_faults_are_parsed():
    assert Fault.parse("jam:3") == Fault(FaultKind.JAM, 3)
    assert Fault.parse("busy") == Fault(FaultKind.BUSY, 1)


def test_the_command_for_a_training_room(slips):
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "scanner.backends.virtual", str(slips[0].parent), "--port", "0"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
        text=True,
    ) as process:
        url = process.stdout.readline().strip()
        assert requests.get(f"{url}/ScannerStatus", timeout=10).status_code == 200
        process.terminate()
        assert process.wait(10) == 0
