import pytest

from qemu_run.qemu.arguments import read_args
from qemu_run.qemu.read_own import read_own_options


def own(*args):
    return read_own_options(read_args(args))


@pytest.mark.parametrize(
    ("args", "forwards"),
    [
        (["-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:2222-:22"], [("tcp", "127.0.0.1", 2222, "", 22)]),
        (["-netdev", "user,id=n,hostfwd=tcp::2222-:22"], [("tcp", "0.0.0.0", 2222, "", 22)]),
        (["-nic", "user,hostfwd=udp:127.0.0.1:53-10.0.2.15:53"], [("udp", "127.0.0.1", 53, "10.0.2.15", 53)]),
        (["-net", "user,hostfwd=:127.0.0.1:1-:2"], [("tcp", "127.0.0.1", 1, "", 2)]),
        (
            ["-netdev", "user,id=n,hostfwd=tcp::1-:2,hostfwd=tcp::3-:4"],
            [("tcp", "0.0.0.0", 1, "", 2), ("tcp", "0.0.0.0", 3, "", 4)],
        ),
        (
            ["-netdev", '{"type":"user","id":"n","hostfwd":[{"str":"tcp::1-:2"}]}'],
            [("tcp", "0.0.0.0", 1, "", 2)],
        ),
        (["-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:0-:22"], [("tcp", "127.0.0.1", 0, "", 22)]),
    ],
)
def test_forwards_written_by_hand(args, forwards):
    found = own(*args)
    shown = [
        (each.protocol, each.host_ip, each.host_port, each.guest_ip, each.guest_port)
        for each in found.forwards
    ]
    assert shown == forwards
    assert all(each.is_public is (each.host_ip == "0.0.0.0") for each in found.forwards)
    assert found.wrong_forwards == ()


@pytest.mark.parametrize(
    "rule",
    [
        "tcp::1-:22x",
        "tcp::1",
        "tcp::x-:22",
        "sctp::1-:2",
        "tcp::70000-:22",
        "tcp::1-:0",
        "tcp::1-:70000",
        "",
        "tcp::\uff11-:22",
    ],
)
def test_a_rule_that_is_not_one_is_named(rule):
    found = own("-S", "-netdev", f"user,id=n,hostfwd={rule}")
    assert found.wrong_forwards == ((rule, 1),)
    assert found.forwards == ()


@pytest.mark.parametrize(
    ("args", "what", "address", "port", "waits"),
    [
        (["-vnc", ":1"], "vnc", "0.0.0.0", 5901, False),
        (["-vnc", "127.0.0.1:10001"], "vnc", "127.0.0.1", 15901, False),
        (["-vnc", "0.0.0.0:10077"], "vnc", "0.0.0.0", 15977, False),
        (["-vnc", "localhost:1,password=on"], "vnc", "localhost", 5901, False),
        (["-vnc", "[::1]:1"], "vnc", "::1", 5901, False),
        (["-display", "vnc=127.0.0.1:2"], "vnc", "127.0.0.1", 5902, False),
        (["-display", "vnc=127.0.0.1:2,lossy=on"], "vnc", "127.0.0.1", 5902, False),
        (["-spice", "port=5930,disable-ticketing=on"], "spice", "0.0.0.0", 5930, False),
        (["-spice", "tls-port=5931,addr=127.0.0.1"], "spice", "127.0.0.1", 5931, False),
        (["-s"], "gdb", "0.0.0.0", 1234, False),
        (["-gdb", "tcp::4321"], "gdb", "0.0.0.0", 4321, False),
        (["-gdb", "tcp:127.0.0.1:4321"], "gdb", "127.0.0.1", 4321, False),
        (["-serial", "tcp::4444,server"], "serial", "0.0.0.0", 4444, True),
        (["-serial", "tcp::4444,server,nowait"], "serial", "0.0.0.0", 4444, False),
        (["-serial", "telnet:127.0.0.1:4444,server=on,wait=off"], "serial", "127.0.0.1", 4444, False),
        (["-serial", "mon:telnet:127.0.0.1:4444,server=on"], "serial", "127.0.0.1", 4444, True),
        (["-serial", "websocket:127.0.0.1:4444,server=on,wait=off"], "serial", "127.0.0.1", 4444, False),
        (["-serial", "udp:10.0.0.1:5555@127.0.0.1:6666"], "serial", "127.0.0.1", 6666, False),
        (["-monitor", "tcp:127.0.0.1:1,server=on,wait=off"], "monitor", "127.0.0.1", 1, False),
        (["-qmp", "tcp:localhost:4445,server=on,wait=off"], "qmp", "localhost", 4445, False),
        (
            ["-chardev", "socket,id=c,host=127.0.0.1,port=7,server=on,wait=off"],
            "chardev",
            "127.0.0.1",
            7,
            False,
        ),
        (["-chardev", "socket,id=c,port=7,server=on"], "chardev", "0.0.0.0", 7, True),
        (
            ["-chardev", "udp,id=c,host=x,port=1,localaddr=127.0.0.1,localport=9"],
            "chardev",
            "127.0.0.1",
            9,
            False,
        ),
        (["-netdev", "socket,id=n,listen=127.0.0.1:1234"], "netdev", "127.0.0.1", 1234, False),
        (["-netdev", "socket,id=n,listen=:1234"], "netdev", "0.0.0.0", 1234, False),
        (["-netdev", "socket,id=n,udp=10.0.0.1:1,localaddr=127.0.0.1:2"], "netdev", "127.0.0.1", 2, False),
        (
            ["-netdev", "stream,id=n,server=on,addr.type=inet,addr.host=::1,addr.port=5"],
            "netdev",
            "::1",
            5,
            False,
        ),
        (
            ["-netdev", "dgram,id=n,local.type=inet,local.host=127.0.0.1,local.port=5"],
            "netdev",
            "127.0.0.1",
            5,
            False,
        ),
    ],
)
def test_qemus_own_listeners(args, what, address, port, waits):
    (listener,) = own("-S", *args).listeners
    assert (listener.what, listener.address, listener.port) == (what, address, port)
    assert listener.waits_for_client is waits
    assert listener.index == 1
    assert listener.is_public is (address == "0.0.0.0")


@pytest.mark.parametrize(
    ("args", "path"),
    [
        (["-vnc", "unix:/run/v"], "/run/v"),
        (["-serial", "unix:s.sock,server=on,wait=off"], "s.sock"),
        (["-chardev", "socket,id=c,path=a,,b,server=on,wait=off"], "a,b"),
        (["-qmp", "unix:/run/q,server,nowait"], "/run/q"),
    ],
)
def test_sockets_with_a_path(args, path):
    (listener,) = own(*args).listeners
    assert (listener.protocol, listener.address, listener.port) == ("unix", path, None)
    assert not listener.is_public


@pytest.mark.parametrize(
    "args",
    [
        ["-vnc", "none"],
        ["-vnc", "host:1,reverse=on"],
        ["-serial", "tcp:host:1"],
        ["-serial", "stdio"],
        ["-serial", "udp::1"],
        ["-chardev", "socket,id=c,host=x,port=1"],
        ["-chardev", "socket,id=c,fd=9"],
        ["-netdev", "socket,id=n,connect=host:1"],
        ["-netdev", "stream,id=n,addr.type=inet,addr.host=x,addr.port=1"],
        ["-gdb", "none"],
        ["-display", "none"],
    ],
)
def test_who_only_calls_out_does_not_listen(args):
    assert own(*args).listeners == ()


def test_a_range_of_ports_is_told():
    (vnc,) = own("-vnc", "127.0.0.1:1,to=9").listeners
    assert (vnc.port, vnc.last_port) == (5901, 5909)
    screen, websocket = own("-vnc", "127.0.0.1:1,websocket=on").listeners
    assert (screen.port, websocket.port) == (5901, 5701)
    (chardev,) = own("-chardev", "socket,id=c,host=127.0.0.1,port=7,to=9,server=on,wait=off").listeners
    assert (chardev.port, chardev.last_port, chardev.label) == (7, 9, "c")


def test_waiting_for_a_client_is_told():
    found = own("-serial", "tcp:127.0.0.1:1,server=on", "-qmp", "tcp:127.0.0.1:2,server=on,wait=off")
    assert [listener.port for listener in found.waits_for_client] == [1]
