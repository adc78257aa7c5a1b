"""An S3 server of moto in a process of its own: `python tests/stores/s3_process.py` with the Python of `.stores`; prints its port."""

import time

from moto.server import ThreadedMotoServer


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
