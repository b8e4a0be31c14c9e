# cascade serve, on the CPU:  docker build -t cascade .
#   docker run --rm -v "$PWD/keys:/keys" --entrypoint cascade cascade keys create me --keys /keys/cascade-keys.json
#   docker run -p 127.0.0.1:8117:8117 -v "$PWD/keys:/keys" -v "$PWD/my-index:/indexes/my-index" cascade /indexes/my-index
# Both folders must be the user's with the number 1000, or be readable by it; the server asks for a key at such an address.
FROM python:3.12-slim

WORKDIR /app
COPY pyproject.toml constraints.txt requirements-local-reader.txt README.md LICENSE NOTICE ./
COPY cascade cascade
COPY indexers indexers
COPY api api
COPY eval eval
# torch first and from its own index: the build on PyPI brings CUDA.
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu torch==2.13.0 \
 && pip install --no-cache-dir --constraint constraints.txt . \
 && pip install --no-cache-dir --no-deps --require-hashes --requirement requirements-local-reader.txt \
 && useradd --create-home --uid 1000 cascade

USER cascade
WORKDIR /home/cascade
EXPOSE 8117
ENTRYPOINT ["cascade", "serve", "--host", "0.0.0.0", "--keys", "/keys/cascade-keys.json"]
CMD ["--help"]
