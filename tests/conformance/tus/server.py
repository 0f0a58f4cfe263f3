"""tuspyserver over a folder: `python server.py FOLDER`; prints its port, ends with its standard input."""

import os
import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI
from tuspyserver import create_tus_router


def main() -> None:
    """Serve until standard input ends."""
    app = FastAPI()
    app.include_router(create_tus_router(prefix="files", files_dir=sys.argv[1]))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)  # whoever reads the port may connect at once
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=_until_stdin_ends, args=(server,), daemon=True).start()
    os.write(1, f"{listener.getsockname()[1]}\n".encode())
    server.run(sockets=[listener])


def _until_stdin_ends(server: uvicorn.Server) -> None:
    while os.read(0, 4096):
        pass
    server.should_exit = True


main()
