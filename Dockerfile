# vnet on Debian 12, built from these sources:
#   docker build -t vnet .
#   docker run --rm -v "$PWD:/data" --user "$(id -u):$(id -g)" vnet train --data-dir data --model-dir model

FROM swift:6.1-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The versions are those of the base image's Debian release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates git libstdc++-12-dev make python3 python3-pip zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN make package \
    && mkdir /package \
    && tar -xzf .build/package/vnet-*.tar.gz -C /package --strip-components=1

FROM debian:12-slim
# For 'vnet download'.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 vnet \
    && install -d -o vnet /data
COPY --from=build /package /opt/vnet
ENV PATH="/opt/vnet/bin:${PATH}"
USER 1000
WORKDIR /data
ENTRYPOINT ["vnet"]
CMD ["--help"]
