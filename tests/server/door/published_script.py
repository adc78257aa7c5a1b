"""A customer's script as the service publishes it, in its shape: a key, a folder, one request for each picture not yet sent.

It reads nothing of an answer but its status, says `image/jpeg` of every picture, and remembers names in `sent_images.json`.
"""

import base64
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path


def request(verb: str, url: str, key: str, body: object = None) -> tuple[int, str]:
    asked = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": key, "Content-Type": "application/json"},
        method=verb,
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def main(api_url: str, api_key: str, project_id: int, images_dir: Path) -> None:
    status, text = request("GET", f"{api_url}/projects/{project_id}", api_key)
    if status != 200:
        print(f"wrong id: {status} {text}")
        return
    memory = Path("sent_images.json")
    known = json.loads(memory.read_text()) if memory.exists() else []
    for path in sorted(images_dir.iterdir()):
        if path.name in known or not path.name.lower().endswith((".png", ".jpg", ".jpeg")):
            continue
        encoded = base64.b64encode(path.read_bytes()).decode()
        spec = [{"image_with_animal": f"data:image/jpeg;base64,{encoded}"}]
        status, text = request("POST", f"{api_url}/tasks", api_key, {"project_id": project_id, "task_spec": spec})
        if status == 201:
            print(f"sent {path.name}")
            known.append(path.name)
        else:
            print(f"not sent {path.name}: {status} {text}")
    memory.write_text(json.dumps(known))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
