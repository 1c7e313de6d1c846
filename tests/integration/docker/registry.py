# SPDX-License-Identifier: Apache-2.0
#
# registry.py: as much of an image registry as `docker pull` asks for, on loopback, with images made in code
# (image_archive.Image). Docker takes 127.0.0.0/8 for insecure, so no certificate is needed.

import gzip
import hashlib
import http.server
import json
import threading

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """with Registry({"name": Image}) as registry: docker pull registry.address + "/name:1" """

    def __init__(self, images):
        self.blobs, self.manifests, packed = {}, {}, {}
        for name, image in images.items():
            layers = []
            for layer in image.layers:
                # By object: images that share a layer share the work.
                if id(layer) not in packed:
                    packed[id(layer)] = gzip.compress(layer.tar(), compresslevel=1, mtime=0)
                layers.append(self.keep(packed[id(layer)], LAYER))
            self.manifests[name] = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers,
                                               "config": self.keep(image.config(), CONFIG)}).encode()
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                kind, content = registry.answer(self.path)
                self.send_response(200 if content is not None else 404)
                content = content or b"{}"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Docker-Content-Digest", digest(content))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = "127.0.0.1:%d" % self.server.server_address[1]

    def keep(self, content, kind):
        self.blobs[digest(content)] = content
        return {"mediaType": kind, "size": len(content), "digest": digest(content)}

    def answer(self, path):
        parts = path.strip("/").split("/")
        if parts == ["v2"]:
            return "application/json", b"{}"
        if len(parts) == 4 and parts[2] == "manifests":
            found = self.manifests.get(parts[1])
            return MANIFEST, found
        if len(parts) == 4 and parts[2] == "blobs":
            return "application/octet-stream", self.blobs.get(parts[3])
        return "application/json", None

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
