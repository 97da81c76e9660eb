# The gateway in a container: one process, without root, on a read-only file system. The build needs the network for
# the first `pip install` only; requirements.lock fixes each package by its hash.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/chengxin
ENV PATH=/opt/chengxin/bin:$PATH
WORKDIR /source
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY queryplan queryplan
COPY consent consent
COPY credit credit
COPY storage storage
COPY policy policy
COPY schema schema
COPY gateway gateway
RUN pip install --no-index --no-deps --no-build-isolation .
# Python cannot write compiled code on a read-only file system: here it is, and valid whatever the time stamps become.
RUN python -m compileall -q -f --invalidation-mode unchecked-hash /opt/chengxin/lib

FROM python:3.11-slim
# Numbers, not names: Kubernetes can only see from a number that the user is not root.
RUN groupadd --gid 10001 chengxin \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin chengxin
COPY --from=build /opt/chengxin /opt/chengxin
ENV PATH=/opt/chengxin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /
USER 10001:10001
EXPOSE 8000
# uvicorn receives SIGTERM only as the first process, so no shell starts it.
STOPSIGNAL SIGTERM
CMD ["chengxin", "serve", "--host", "0.0.0.0", "--port", "8000"]
