# The match function as a container: gRPC on 6565, metrics on 8080, no root, no writes to its disk.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /muster
COPY scripts/setup.sh scripts/
RUN scripts/setup.sh build
COPY VERSION CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY proto proto
COPY src src
COPY examples examples
RUN cmake --preset release -DMUSTER_TESTS=OFF \
 && cmake --build --preset release --target muster-matchfunction musterctl -j "$(nproc)" \
 && strip build/bin/muster-matchfunction build/bin/musterctl
# The Debian packages that own the shared libraries the two programs load. Packages, not copied files:
# so the image's scanner sees them and `apt-get upgrade` mends them.
RUN ldd build/bin/muster-matchfunction build/bin/musterctl \
    | awk '$2 == "=>" {print $3}' | sort -u | xargs -n 1 realpath | xargs dpkg-query -S \
    | cut -d : -f 1 | sort -u >packages

FROM ${BASE}
COPY --from=build /muster/packages /usr/share/muster/packages
RUN apt-get update -q \
 && xargs env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
      ca-certificates </usr/share/muster/packages \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/*
COPY --from=build /muster/build/bin/muster-matchfunction /muster/build/bin/musterctl /usr/local/bin/
COPY LICENSE /usr/share/doc/muster/
USER 10001:10001
EXPOSE 6565 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
  CMD ["musterctl", "health", "--target", "127.0.0.1:6565"]
CMD ["muster-matchfunction"]
