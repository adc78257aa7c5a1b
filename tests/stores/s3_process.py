"""An S3 server of moto in a process of its own: `python tests/stores/s3_process.py COUNT` with the Python of `.stores`.

COUNT keys are put into the bucket `many` before it listens; it prints its port.
"""

import sys
import time

from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer


def main() -> None:
    backend = s3_backends["123456789012"]["aws"]
    backend.create_bucket("many", "us-east-1")
    for number in range(int(sys.argv[1])):
        backend.put_object("many", f"{number % 100:02}/{number:06}.jpg", b"x")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
