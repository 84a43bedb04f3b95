"""Listens on loopback of one network namespace, and dials loopback of another: FROM PORT TO PORT."""
import ctypes
import os
import socket
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)


def enter(space):
    """Each thread may be in another namespace."""
    with open(f"/var/run/netns/{space}") as file:
        if libc.setns(file.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client, space, port):
    enter(space)
    try:
        server = socket.create_connection(("127.0.0.1", port))
    except OSError:
        return client.close()
    threading.Thread(target=copy, args=(client, server), daemon=True).start()
    copy(server, client)


def main(near, listen, far, dial):
    enter(near)
    listener = socket.create_server(("127.0.0.1", int(listen)))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, far, int(dial)), daemon=True).start()


main(*sys.argv[1:])
