"""What ids of SANE devices tell: connection, address, serial number. Ids as the drivers write them."""

import pytest

from scanner import Connection
from scanner.backends.sane.answers import device_from
from scanner.backends.sane.reached import address_of, connection_of, serial_of

USB, NETWORK, UNKNOWN = Connection.USB, Connection.NETWORK, Connection.UNKNOWN


@pytest.mark.parametrize(
    ("device_id", "connection", "address", "serial"),
    [
        ("test:0", Connection.VIRTUAL, None, None),
        ("pnm:1", Connection.VIRTUAL, None, None),
        ("airscan:e0:Quầy một", NETWORK, None, None),
        ("escl:https://192.0.2.9:443", NETWORK, "192.0.2.9", None),
        ("net:quay-2:fujitsu:fi-7160:A1B2C3", NETWORK, "quay-2", "A1B2C3"),
        ("net:[fe80::1]:test:0", NETWORK, "fe80::1", None),
        ("net:192.0.2.7:genesys:libusb:001:002", NETWORK, "192.0.2.7", None),
        ("fujitsu:fi-7160:A1B2C3", USB, None, "A1B2C3"),
        ("fujitsu:ScanSnap iX500:12345", USB, None, "12345"),
        ("fujitsu:libusb:001:004", USB, None, None),
        ("genesys:libusb:001:010", USB, None, None),
        ("canon_dr:libusb:003:002", USB, None, None),
        ("epson2:net:192.0.2.5", NETWORK, "192.0.2.5", None),
        ("epson2:libusb:001:005", USB, None, None),
        ("epsonscan2:DS-530:X2MH012345:esci2:usb:ES0157:320", USB, None, "X2MH012345"),
        ("epsonscan2:networkscanner:esci2:network:192.0.2.8", NETWORK, "192.0.2.8", None),
        ("hpaio:/usb/HP_LaserJet_MFP?serial=VNB3K12345", USB, None, "VNB3K12345"),
        ("hpaio:/net/HP_LaserJet_MFP?ip=192.0.2.3", NETWORK, "192.0.2.3", None),
        ("brother4:bus2;dev1", USB, None, None),
        ("brother4:net1;dev0", NETWORK, None, None),
        ("pixma:04A91912_3CEEEF", USB, None, "3CEEEF"),
        ("pixma:04A91912_192.0.2.6", NETWORK, "192.0.2.6", None),
        ("xerox_mfp:tcp 192.0.2.4", NETWORK, "192.0.2.4", None),
        ("xerox_mfp:libusb:001:003", USB, None, None),
        ("smfp:usb;04e8;3441;4;ZDABC", USB, None, None),
        ("imagescan:esci:usb:/sys/devices/1-1:1.0", USB, None, None),
        ("v4l:/dev/video0", USB, None, None),
        ("plustek:/dev/usb/scanner0", USB, None, None),
        ("microtek2:/dev/sg0", UNKNOWN, None, None),
        ("fujitsu:/dev/sg1", UNKNOWN, None, None),
        ("", UNKNOWN, None, None),
    ],
)
def test_what_an_id_tells(tmp_path, device_id, connection, address, serial):
    assert connection_of(device_id) is connection
    assert address_of(device_id, "") == address
    assert serial_of(device_id, tmp_path) == serial


def test_airscan_tells_the_address_in_the_place_of_the_type():
    assert address_of("airscan:e0:A", "ip=192.0.2.1 [fe80::1]") == "192.0.2.1"


@pytest.fixture
def usb(tmp_path):
    """Two USB devices as the kernel shows them, one without a serial number, and a hub that tells nothing."""
    for name, files in {
        "1-1": {"busnum": "1", "devnum": "4", "serial": "PF2X0099"},
        "1-2": {"busnum": "1", "devnum": "5"},
        "usb1": {},
    }.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text + "\n")
    return tmp_path


def test_the_serial_number_of_a_usb_device_comes_from_the_system(usb):
    assert serial_of("canon_dr:libusb:001:004", usb) == "PF2X0099"
    assert serial_of("canon_dr:libusb:001:005", usb) is None
    assert serial_of("canon_dr:libusb:002:004", usb) is None


def test_a_usb_device_at_a_server_is_not_taken_for_one_of_ours(usb):
    assert serial_of("net:quay-2:canon_dr:libusb:001:004", usb) is None


def test_a_serial_number_that_the_device_told_wins():
    found = {"id": "fujitsu:fi-7160:A1", "maker": "FUJITSU", "model": "fi-7160", "kind": "scanner"}
    assert device_from(found, "B2").serial == "B2"
    assert device_from(found, None).serial == "A1"
