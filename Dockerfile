# Backfile with its locked dependencies, run by a user without rights. compose.yaml shows how to start it.
ARG BASE=docker.io/library/python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock ./
RUN python3 -m venv /opt/backfile \
    && /opt/backfile/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY docs docs
COPY pipelines pipelines
COPY warehouse warehouse
RUN /opt/backfile/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
RUN useradd --system --uid 10001 --no-create-home --home-dir /warehouse backfile \
    && install --directory --owner backfile /warehouse
COPY --from=build /opt/backfile /opt/backfile
ENV PATH=/opt/backfile/bin:$PATH \
    BACKFILE_SITE=/site \
    BACKFILE_WAREHOUSE=/warehouse \
    DAGSTER_HOME=/warehouse/dagster
USER 10001
WORKDIR /warehouse
VOLUME /warehouse
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/server_info', timeout=9)"]
ENTRYPOINT ["backfile"]
CMD ["webserver", "--host", "0.0.0.0"]
