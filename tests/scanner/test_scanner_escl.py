"""eSCL against the virtual scanner, what real devices tell, and jobs as real devices take them."""

import dataclasses
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from scanner import (
    ColorMode,
    Connection,
    Device,
    EsclBackend,
    Fault,
    OptionKind,
    ScanError,
    ScanFault,
    ScanRequest,
    Source,
    VirtualScanner,
    find_again,
)
from scanner.backends.escl.address import read_address
from scanner.backends.escl.capabilities import read_description
from scanner.backends.escl.discovery import Announced, announced_by, listen
from scanner.backends.escl.makers import maker_and_model
from scanner.backends.escl.settings import order_for
from scanner.backends.escl.status import read_status
from scanner.backends.virtual import escl as virtual_escl

SLIP = {"dpi": 200, "width_mm": 100, "height_mm": 60}
ALL = tuple(ColorMode)
USUAL = (75, 150, 200, 300, 400, 600)


@pytest.fixture
def desk(virtual: VirtualScanner) -> EsclBackend:
    """eSCL with the virtual scanner as its only device."""
    return EsclBackend({"Quầy một": virtual.url}, discover=False, patience_s=10)


def described(real_data: Path, name: str):
    return read_description((real_data / "escl" / name).read_bytes())


def test_a_device_tells_who_it_is(desk, virtual):
    (device,) = desk.devices()
    assert device.id.startswith("escl:")
    assert (device.backend, device.model, device.kind) == ("escl", "Sohoa Virtual", "eSCL 2.63")
    assert (device.connection, device.address) == (Connection.VIRTUAL, virtual.url)
    assert device.serial


def test_a_named_device_that_is_off_is_listed_by_its_address(slips):
    with VirtualScanner(slips) as device:
        url = device.url
    backend = EsclBackend({"Quầy một": url}, discover=False, patience_s=2)
    (found,) = backend.devices()
    assert (found.id, found.model, found.connection) == (f"escl:{url}", "Quầy một", Connection.NETWORK)
    for call in (backend.capabilities, backend.read_sensors, lambda i: next(backend.scan(i, ScanRequest()))):
        with pytest.raises(ScanError) as error:
            call(found.id)
        assert error.value.fault is ScanFault.NO_DEVICE


def test_a_device_can_be_used_by_its_address_and_before_it_was_listed(desk, virtual, slips):
    for device_id in (f"escl:{virtual.url}", desk.devices()[0].id):
        virtual.load(slips[:1])
        assert len(list(desk.scan(device_id, ScanRequest(**SLIP)))) == 1
    fresh = EsclBackend({"x": virtual.url}, discover=False)
    assert fresh.capabilities(desk.devices()[0].id).sources


def test_one_device_under_two_names_is_listed_once(virtual):
    backend = EsclBackend({"Quầy một": virtual.url, "Quầy hai": f"{virtual.url}/"}, discover=False)
    assert len(backend.devices()) == 1


def test_the_jpeg_of_the_device_is_kept_to_the_byte(desk, slips):
    pages = list(desk.scan(desk.devices()[0].id, ScanRequest(**SLIP)))
    assert [page.encoded for page in pages] == [file.read_bytes() for file in slips[:3]]


def test_pixels_are_those_of_the_paper(desk, slips):
    from PIL import Image

    page = next(desk.scan(desk.devices()[0].id, ScanRequest(**SLIP)))
    with Image.open(slips[0]) as image:
        assert np.array_equal(page.pixels, np.asarray(image))


def test_duplex_sides_alternate(desk):
    request = ScanRequest(source=Source.DUPLEX, **SLIP)
    pages = list(desk.scan(desk.devices()[0].id, request))
    assert [(page.sheet, page.side) for page in pages] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_resolution_between_two_becomes_the_finer_one(desk):
    page = next(desk.scan(desk.devices()[0].id, ScanRequest(dpi=250, width_mm=100, height_mm=60)))
    assert page.dpi == 300
    with pytest.raises(ScanError) as error:
        next(desk.scan(desk.devices()[0].id, ScanRequest(dpi=1000, width_mm=50, height_mm=50)))
    assert (error.value.fault, error.value.facts["field"]) == (ScanFault.UNSUPPORTED, "resolution")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("jam:2", ScanFault.JAMMED),
        ("double-feed:2", ScanFault.DOUBLE_FEED),
        ("cover:2", ScanFault.COVER_OPEN),
    ],
)
def test_good_pages_come_before_the_fault_of_the_feeder(desk, virtual, fault, expected):
    virtual.set_fault(Fault.parse(fault))
    pages = []
    with pytest.raises(ScanError) as error:
        pages.extend(desk.scan(desk.devices()[0].id, ScanRequest(**SLIP)))
    assert (error.value.fault, error.value.facts, len(pages)) == (expected, {"page": 2}, 1)
    virtual.clear_fault()
    assert len(list(desk.scan(desk.devices()[0].id, ScanRequest(**SLIP)))) == 2


def test_an_open_cover_is_told_before_the_first_page(desk, virtual):
    virtual.set_fault(Fault.parse("cover"))
    with pytest.raises(ScanError) as error:
        next(desk.scan(desk.devices()[0].id, ScanRequest(**SLIP)))
    assert error.value.fault is ScanFault.COVER_OPEN


def test_a_device_that_stays_busy_is_busy(virtual):
    backend = EsclBackend({"Quầy một": virtual.url}, discover=False, patience_s=1.5)
    for fault in ("busy:1", "busy:2"):
        virtual.set_fault(Fault.parse(fault))
        with pytest.raises(ScanError) as error:
            list(backend.scan(backend.devices()[0].id, ScanRequest(**SLIP)))
        assert error.value.fault is ScanFault.BUSY


def test_a_hanging_device_is_given_up_and_can_be_used_again(virtual, slips):
    backend = EsclBackend({"Quầy một": virtual.url}, discover=False, patience_s=0.5)
    device_id = backend.devices()[0].id
    virtual.set_fault(Fault.parse("hang:1"))
    with pytest.raises(ScanError) as error:
        next(backend.scan(device_id, ScanRequest(**SLIP)))
    assert error.value.fault is ScanFault.NOT_ANSWERING
    virtual.clear_fault()
    virtual.load(slips[:2])
    assert len(list(backend.scan(device_id, ScanRequest(**SLIP)))) == 2


def test_a_page_that_never_comes_whole_is_truncated(desk, virtual):
    virtual.set_fault(Fault.parse("truncated:2"))
    pages = []
    with pytest.raises(ScanError) as error:
        pages.extend(desk.scan(desk.devices()[0].id, ScanRequest(**SLIP)))
    assert (error.value.fault, len(pages), virtual.remaining) == (ScanFault.TRUNCATED, 1, 2)


def test_the_feeder_tells_whether_paper_is_in_it(desk, virtual, slips):
    device_id = desk.devices()[0].id
    for stack, loaded in ((slips, True), ([], False)):
        virtual.load(stack)
        (sensor,) = desk.read_sensors(device_id)
        assert (sensor.name, sensor.kind, sensor.settable) == ("page-loaded", OptionKind.SWITCH, False)
        assert sensor.value is loaded
        assert sensor in desk.capabilities(device_id).options


@pytest.mark.parametrize("option", [("page-loaded", True), ("df-skew", True)])
def test_options_that_cannot_be_set_are_refused(desk, option):
    with pytest.raises(ScanError) as error:
        next(desk.scan(desk.devices()[0].id, ScanRequest(options=(option,), **SLIP)))
    assert (error.value.fault, error.value.facts["field"]) == (ScanFault.UNSUPPORTED, option[0])


def test_real_devices_are_understood(real_data):
    seen = {
        name: (
            device.maker,
            device.model,
            device.serial,
            {source.value: tray.resolutions(ColorMode.COLOR) for source, tray in device.trays.items()},
            device.capabilities(()).modes,
            (device.capabilities(()).max_width_mm, device.capabilities(()).max_height_mm),
        )
        for name in (
            "go-mfp/HP-LaserJet-MFP-M426fdn-ScannerCapabilities.xml",
            "go-mfp/Kyocera-ECOSYS-M2040dn-ScannerCapabilities.xml",
            "go-mfp/Xerox-B235-ScannerCapabilities.xml",
            "node-hp-scan-to/eSCL_ScannerCapabilities_Duplex.xml",
            "node-hp-scan-to/eSCL_ScannerCapabilities_Simplex.xml",
        )
        for device in [described(real_data, name)]
    }
    laserjet, kyocera, xerox, scanjet, tank = seen.values()
    few, kyoceras, scanjets = (75, 200, 300), (200, 300, 400, 600), (75, 150, 200, 240, 300, 400, 500, 600)
    assert laserjet == (
        "HP",
        "LaserJet MFP M426fdn",
        "PHBLL6F5GB",
        {"flatbed": (*few, 600, 1200), "feeder": few, "duplex": few},
        (ColorMode.COLOR, ColorMode.GREY),
        (215.9, 381.0),
    )
    # Its 200 x 100 and 200 x 400 dpi have no square pixels.
    assert kyocera == (
        "Kyocera",
        "ECOSYS M2040dn",
        "VCF9192281",
        {"flatbed": kyoceras, "feeder": kyoceras, "duplex": kyoceras},
        ALL,
        (216.0, 356.0),
    )
    # Resolutions stand under each colour mode by itself, ranges of options in no namespace.
    assert xerox == (
        "Xerox",
        "B235 MFP",
        "34004H030206H",
        {"flatbed": USUAL, "feeder": USUAL},
        ALL,
        (215.9, 355.6),
    )
    # A feeder of more than three metres.
    assert scanjet == (
        "HP",
        "ScanJet Pro 4500 fn1",
        "CN5BPA6017",
        {"flatbed": (*scanjets, 1200), "feeder": scanjets, "duplex": scanjets},
        ALL,
        (215.9, 3098.8),
    )
    assert tank == (
        "HP",
        "Smart Tank Plus 570 series",
        "CN19E4S0VQ",
        {"flatbed": (75, 100, 150, 200, 300, 400, 600, 1200), "feeder": (75, 100, 150, 200, 300)},
        ALL,
        (215.9, 355.6),
    )


def test_options_of_real_devices(real_data):
    def options(name):
        return {option.name: option for option in described(real_data, name).options}

    scanjet = options("node-hp-scan-to/eSCL_ScannerCapabilities_Duplex.xml")
    assert set(scanjet) == {
        *(
            "brightness",
            "compression",
            "contrast",
            "gamma",
            "highlight",
            "noise-removal",
            "shadow",
            "sharpen",
        ),
        *("threshold", "auto-crop", "auto-exposure", "blank-page-detection", "intent"),
        *("multipick-detection", "page-loaded"),
    }
    threshold = scanjet["threshold"]
    assert (threshold.value, threshold.least, threshold.most, threshold.step) == (128, 0, 255, 1)
    xerox = options("go-mfp/Xerox-B235-ScannerCapabilities.xml")
    assert (xerox["brightness"].value, xerox["brightness"].least, xerox["brightness"].most) == (5, 1, 9)
    assert xerox["feed-direction"].choices == ("LongEdgeFeed", "ShortEdgeFeed")
    assert "blank-page-detection" not in xerox
    kyocera = options("go-mfp/Kyocera-ECOSYS-M2040dn-ScannerCapabilities.xml")
    assert {"select-single-page", "page-loaded", "feed-direction"} <= set(kyocera)


def test_status_of_real_devices(real_data):
    folder = real_data / "escl"
    kyocera = read_status((folder / "go-mfp/Kyocera-ECOSYS-M2040dn-ScannerStatus.xml").read_bytes())
    assert (kyocera.state, kyocera.feeder, kyocera.fault, kyocera.loaded) == (
        *("processing", "processing"),
        *(None, None),
    )
    job = kyocera.job("/eSCL/ScanJobs/urn:uuid:4509a320-00a0-008f-00b6-00559a327d32")
    assert (job.state, job.images) == ("processing", 0)
    completed = read_status((folder / "node-hp-scan-to/eSCL_ScannerStatus_completed.xml").read_bytes())
    assert (completed.state, completed.loaded) == ("processing", False)
    assert completed.job("/eSCL/ScanJobs/2").state == "completed"
    assert completed.job("/eSCL/ScanJobs/7") is None
    loaded = read_status((folder / "node-hp-scan-to/eSCL_ScannerStatus_loaded.xml").read_bytes())
    assert loaded.loaded is True


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("ScannerAdfJam", ScanFault.JAMMED),
        ("ScannerAdfMispick", ScanFault.JAMMED),
        ("ScannerAdfHatchOpen", ScanFault.COVER_OPEN),
        ("ScannerAdfDoorOpen", ScanFault.COVER_OPEN),
        ("CoverOpen", ScanFault.COVER_OPEN),
        ("DoorOpen", ScanFault.COVER_OPEN),
        ("ScannerAdfMultipickDetected", ScanFault.DOUBLE_FEED),
        ("MultipickDetected", ScanFault.DOUBLE_FEED),
        ("ScannerAdfLoaded", None),
        ("", None),
    ],
)
def test_words_for_what_ails_a_feeder(word, fault):
    body = f"<ScannerStatus><State>Idle</State><AdfState>{word}</AdfState></ScannerStatus>"
    assert read_status(body.encode()).fault is fault


def test_a_job_has_its_elements_in_the_order_that_devices_insist_on(real_data):
    device = described(real_data, "node-hp-scan-to/eSCL_ScannerCapabilities_Duplex.xml")
    options = (
        ("threshold", 99),
        ("intent", "Document"),
        ("multipick-detection", True),
        ("brightness", 1200.4),
    )
    request = ScanRequest(source=Source.DUPLEX, mode=ColorMode.BITONAL, dpi=300, options=options)
    root = ElementTree.fromstring(order_for(device, request).document)
    told = [(element.tag.rsplit("}", 1)[-1], element.text) for element in root]
    region = root[2][0]
    assert told == [
        ("Version", "2.62"),
        ("Intent", "Document"),
        ("ScanRegions", None),
        ("InputSource", "Feeder"),
        ("ColorMode", "BlackAndWhite1"),
        ("DocumentFormat", "image/jpeg"),
        ("DocumentFormatExt", "image/jpeg"),
        ("XResolution", "300"),
        ("YResolution", "300"),
        ("Duplex", "true"),
        ("MultipickDetection", "true"),
        ("Brightness", "1200"),
        ("Threshold", "99"),
    ]
    assert {part.tag.rsplit("}", 1)[-1]: part.text for part in region} == {
        "ContentRegionUnits": "escl:ThreeHundredthsOfInches",
        "Height": "3508",
        "Width": "2480",
        "XOffset": "0",
        "YOffset": "0",
    }


def test_a_job_puts_its_elements_where_real_software_puts_them(real_data):
    """Every element that ours and that of a real client have in common stands in the same namespace."""
    posted = ElementTree.parse(real_data / "escl/node-hp-scan-to/eSCL_ScanJob_adf_duplex_job.xml").getroot()
    device = described(real_data, "node-hp-scan-to/eSCL_ScannerCapabilities_Duplex.xml")
    options = (("brightness", 996), ("contrast", 996), ("gamma", 180), ("multipick-detection", True))
    request = ScanRequest(source=Source.DUPLEX, dpi=200, width_mm=215.9, height_mm=355.6, options=options)
    ours = ElementTree.fromstring(order_for(device, request).document)
    theirs = {element.tag for element in posted.iter()}
    added = {element.tag.rsplit("}", 1)[-1] for element in ours.iter() if element.tag not in theirs}
    assert added == {"DocumentFormat"}
    for name in ("Width", "Height", "XResolution", "ColorMode", "InputSource", "Duplex", "Gamma"):
        first, second = (
            next(e.text for e in root.iter() if e.tag.endswith(f"}}{name}")) for root in (ours, posted)
        )
        assert first == second, name


def test_a_job_on_the_glass_says_nothing_of_duplex(real_data):
    device = described(real_data, "go-mfp/Kyocera-ECOSYS-M2040dn-ScannerCapabilities.xml")
    order = order_for(device, ScanRequest(source=Source.FLATBED))
    assert b"Duplex" not in order.document
    assert b"DocumentFormatExt" not in order.document
    assert order.page_limit == 1


def test_orders_that_a_device_cannot_take(real_data):
    xerox = described(real_data, "go-mfp/Xerox-B235-ScannerCapabilities.xml")
    laserjet = described(real_data, "go-mfp/HP-LaserJet-MFP-M426fdn-ScannerCapabilities.xml")
    for device, request, fault, field in (
        (xerox, ScanRequest(source=Source.DUPLEX), ScanFault.UNSUPPORTED, "source"),
        (laserjet, ScanRequest(mode=ColorMode.BITONAL), ScanFault.UNSUPPORTED, "mode"),
        (laserjet, ScanRequest(dpi=600), ScanFault.UNSUPPORTED, "resolution"),
        (xerox, ScanRequest(width_mm=230), ScanFault.REFUSED_SIZE, "width_mm"),
        (xerox, ScanRequest(height_mm=420), ScanFault.REFUSED_SIZE, "height_mm"),
        (xerox, ScanRequest(options=(("brightness", 10),)), ScanFault.UNSUPPORTED, "brightness"),
        (xerox, ScanRequest(options=(("brightness", True),)), ScanFault.UNSUPPORTED, "brightness"),
        (xerox, ScanRequest(options=(("intent", "</x>"),)), ScanFault.UNSUPPORTED, "intent"),
    ):
        with pytest.raises(ScanError) as error:
            order_for(device, request)
        assert (error.value.fault, error.value.facts["field"]) == (fault, field)


def test_a_card_in_a_feeder_that_takes_no_cards_gets_its_least_area(real_data):
    xerox = described(real_data, "go-mfp/Xerox-B235-ScannerCapabilities.xml")
    order = order_for(xerox, ScanRequest(width_mm=85.6, height_mm=54))
    assert (order.width_px, order.height_px) == (1230, 1740)


def test_one_sheet_only(real_data):
    kyocera = described(real_data, "go-mfp/Kyocera-ECOSYS-M2040dn-ScannerCapabilities.xml")
    single = (("select-single-page", True),)
    assert order_for(kyocera, ScanRequest(options=single)).page_limit == 1
    assert order_for(kyocera, ScanRequest(source=Source.DUPLEX, options=single)).page_limit == 2
    assert b"ingle" not in order_for(kyocera, ScanRequest(options=single)).document


CAPABILITIES = """<ScannerCapabilities><MakeAndModel>Brother X</MakeAndModel>
<SettingProfiles><SettingProfile name="p"><ColorModes><ColorMode>RGB24</ColorMode></ColorModes>
<DocumentFormats><DocumentFormat>{kind}</DocumentFormat></DocumentFormats><SupportedResolutions>
<ResolutionRange><XResolutionRange><Min>100</Min><Max>{most}</Max><Step>1</Step></XResolutionRange>
<YResolutionRange><Min>100</Min><Max>600</Max><Step>1</Step></YResolutionRange></ResolutionRange>
</SupportedResolutions></SettingProfile></SettingProfiles>
<Adf><AdfSimplexInputCaps><MaxWidth>2550</MaxWidth><MaxHeight>{height}</MaxHeight>
<SettingProfiles><SettingProfile ref="p"/></SettingProfiles></AdfSimplexInputCaps>
<AdfOptions><AdfOption>Duplex</AdfOption></AdfOptions></Adf></ScannerCapabilities>"""


def test_ranges_and_profiles_that_are_referred_to():
    device = read_description(CAPABILITIES.format(kind="image/jpeg", most=600, height=4200).encode())
    assert set(device.trays) == {Source.FEEDER, Source.DUPLEX}
    tray = device.trays[Source.FEEDER]
    assert tray.resolutions(ColorMode.COLOR) == (100, 150, 200, 240, 300, 400, 600)
    assert tray.resolution_for(ColorMode.COLOR, 257)[0] == 257
    assert tray.resolution_for(ColorMode.COLOR, 601) is None
    assert (device.maker, device.version) == ("Brother", "2.0")


def test_a_source_that_cannot_be_read_is_left_out():
    for kind, most in (("application/pdf", 600), ("image/jpeg", 1200)):
        assert not read_description(CAPABILITIES.format(kind=kind, most=most, height=4200).encode()).trays


@pytest.mark.parametrize("height", ["0", "-5", "999999999999", "1e300", "nan", "", "wide"])
def test_areas_that_no_paper_has(height):
    with pytest.raises(ScanError) as error:
        read_description(CAPABILITIES.format(kind="image/jpeg", most=600, height=height).encode())
    assert error.value.fault is ScanFault.BAD_ANSWER


def outcome_of(body: bytes) -> object:
    try:
        read_description(body)
    except ScanError as error:
        return error.fault
    return "read"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_description_or_a_bad_answer(noise):
    for body in (noise, b"<ScannerCapabilities>" + noise + b"</ScannerCapabilities>"):
        assert outcome_of(body) in {"read", ScanFault.BAD_ANSWER}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("HP LaserJet MFP M426fdn", "", ""), ("HP", "LaserJet MFP M426fdn")),
        (("Xerox(R) B235 MFP", "Xerox", ""), ("Xerox", "B235 MFP")),
        (("Kyocera ECOSYS M2040dn", "", "ECOSYS M2040dn"), ("Kyocera", "ECOSYS M2040dn")),
        (("KONICA MINOLTA bizhub C250i", "", ""), ("Konica Minolta", "bizhub C250i")),
        (("Smart Tank Plus 570 series", "HP", ""), ("HP", "Smart Tank Plus 570 series")),
        (("HPX 1", "", ""), ("", "HPX 1")),
        (("", "", ""), ("", "")),
    ],
)
def test_maker_and_model(told, expected):
    assert maker_and_model(*told) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://192.0.2.7", "http://192.0.2.7/eSCL"),
        ("https://192.0.2.7:443/eSCL/", "https://192.0.2.7/eSCL"),
        ("http://may-quet.local:8080/escl/v2", "http://may-quet.local:8080/escl/v2"),
        ("http://[fe80::1%25eth0]:80/eSCL", "http://[fe80::1%25eth0]/eSCL"),
    ],
)
def test_addresses(url, expected):
    assert read_address(url).url == expected


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a/eSCL",
        "192.0.2.7",
        "http://",
        "http://a:99999/",
        "http://a:0/",
        "http://user:secret@a/eSCL",
        "http://a/eSCL?x=1",
        "http://a/eSCL#x",
        "http://a/e SCL",
        "http://a\nb/",
        "http://a/" + "x" * 2000,
        "http://[::1",
    ],
)
def test_addresses_that_can_be_none(url):
    with pytest.raises(ScanError) as error:
        EsclBackend({"Quầy": url})
    assert error.value.fault is ScanFault.BAD_ADDRESS


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/eSCL/ScanJobs/2/", "/eSCL/ScanJobs/2"),
        ("http://127.0.0.1:9/eSCL/ScanJobs/a-b", "/eSCL/ScanJobs/a-b"),
        ("//evil.example/eSCL/ScanJobs/1", "/eSCL/ScanJobs/1"),
        ("/eSCL/ScanJobs/urn:uuid:4509a320", "/eSCL/ScanJobs/urn:uuid:4509a320"),
        ("17", "/eSCL/ScanJobs/17"),
    ],
)
def test_a_location_stays_on_the_device(location, path):
    assert read_address("http://192.0.2.7").job_path(location) == path


@pytest.mark.parametrize(
    "location", ["", "/", "http://evil.example", "/eSCL/../x", "/a b", "/a\r\nX: y", "/" + "a" * 2000, "//["]
)
def test_a_location_that_names_no_job(location):
    with pytest.raises(ScanError) as error:
        read_address("http://192.0.2.7").job_path(location)
    assert error.value.fault is ScanFault.BAD_ANSWER


@pytest.fixture
def office():
    """An mDNS responder on this computer's own address; skipped where there is no multicast."""
    from zeroconf import Zeroconf

    try:
        zeroconf = Zeroconf(interfaces=["127.0.0.1"])
    except OSError:
        pytest.skip("no multicast here")
    yield zeroconf
    zeroconf.close()


def service(kind: str, port: int, **properties: str):
    from zeroconf import ServiceInfo

    return ServiceInfo(
        f"{kind}._tcp.local.",
        f"Máy quét tầng hai.{kind}._tcp.local.",
        port=port,
        addresses=[socket.inet_aton("127.0.0.1")],
        properties=properties,
        server="may-quet.local.",
    )


UUID = "4509a320-00a0-008f-00b6-002507510eca"


def test_devices_that_announce_themselves(office):
    for kind, port in (("_uscan", 8080), ("_uscans", 8443)):
        office.register_service(service(kind, port, rs="eSCL", ty="Kyocera ECOSYS M2040dn", UUID=UUID))
    began = time.monotonic()
    found = listen(office, 1.5)
    assert time.monotonic() - began < 3
    assert found == (
        Announced(read_address("https://127.0.0.1:8443/eSCL", UUID), "Kyocera ECOSYS M2040dn", UUID),
        Announced(read_address("http://127.0.0.1:8080/eSCL", UUID), "Kyocera ECOSYS M2040dn", UUID),
    )


@pytest.mark.parametrize(
    "told",
    [{"rs": "../admin?x"}, {"rs": "e SCL"}, {"rs": "số"}, {"rs": "eSCL", "UUID": "<script>"}, {}],
)
def test_announcements_that_are_odd(told):
    found = announced_by("_uscan._tcp.local.", service("_uscan", 8080, **told))
    assert found is None or (found.uuid is None and found.address.url == "http://127.0.0.1:8080/eSCL")
    assert (found is None) == ("rs" in told and told["rs"] != "eSCL")


def test_a_device_that_got_another_address_is_found_again(slips, monkeypatch):
    """As after a new lease: its UUID is the same, its port another."""
    from scanner.backends.escl import discovery

    announced: list[Announced] = []
    monkeypatch.setattr(discovery, "discover", lambda: tuple(announced))

    def announce(device: VirtualScanner) -> None:
        announced[:] = [Announced(read_address(device.url, identity), "Quầy một", identity)]

    identity = virtual_identity("Quầy một")
    backend = EsclBackend(patience_s=2)
    with VirtualScanner(slips[:1], name="Quầy một") as first:
        announce(first)
        (device,) = backend.devices()
        assert device.id == f"escl:{identity}"
    with VirtualScanner(slips[:2], name="Quầy một") as second:
        announce(second)
        assert len(list(backend.scan(device.id, ScanRequest(**SLIP)))) == 2
    with VirtualScanner(slips[:2], name="Máy khác") as stranger:
        # Another device at the address where this one was.
        announce(stranger)
        with pytest.raises(ScanError) as error:
            next(backend.scan(device.id, ScanRequest(**SLIP)))
    assert error.value.fault is ScanFault.NO_DEVICE


def virtual_identity(name: str) -> str:
    import uuid

    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sohoa:{name}"))


def test_the_virtual_scanner_is_what_the_identity_above_says():
    told = virtual_escl.capabilities("x", __import__("uuid").UUID(virtual_identity("x")))
    assert read_description(told.encode()).uuid == virtual_identity("x")


def test_a_backend_may_be_used_from_several_threads(desk, virtual):
    """Short calls wait for each other; none is refused."""
    device_id = desk.devices()[0].id
    seen: list[object] = []

    def ask() -> None:
        try:
            seen.append(desk.capabilities(device_id).sources)
        except ScanError as error:
            seen.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [tuple(Source)] * 6


KNOWN = Device(
    *("escl:a", "escl", "Kyocera", "ECOSYS M2040dn", "eSCL 2.62", "VCF1", "http://192.0.2.7/eSCL"),
    Connection.NETWORK,
)


def other(**changed) -> Device:
    return dataclasses.replace(KNOWN, **changed)


@pytest.mark.parametrize(
    ("present", "which"),
    [
        ([other(address="http://192.0.2.9/eSCL"), other(id="escl:b", serial="VCF2")], 0),
        ([other(id="escl:http://192.0.2.9/eSCL", address="http://192.0.2.9/eSCL")], 0),
        ([other(id="escl:b", serial="VCF2")], None),
        ([other(id="escl:b", serial=None, maker="", model="Quầy một")], 0),
        ([other(id="escl:b", serial=None, address="http://192.0.2.9/eSCL")], None),
        ([other(id="x", backend="sane", model="KYOCERA ECOSYS-M2040dn", maker="", address=None)], 0),
        ([other(id="x", backend="sane"), other(id="escl:b")], 1),
        ([other(id="escl:b"), other(id="escl:c")], None),
        ([], None),
    ],
)
def test_a_device_is_found_again(present, which):
    assert find_again(KNOWN, present) is (None if which is None else present[which])


def test_a_replugged_device_is_found_again_where_it_is_the_only_one_of_its_kind():
    was = Device("epson2:libusb:001:005", "sane", "Epson", "DS-530", "scanner", connection=Connection.USB)
    now = dataclasses.replace(was, id="epson2:libusb:001:007")
    twin = dataclasses.replace(was, id="epson2:libusb:001:008")
    assert find_again(was, [now]) is now
    assert find_again(was, [now, twin]) is None
    assert find_again(was, [dataclasses.replace(now, connection=Connection.NETWORK)]) is None
