# The match function as a container: gRPC on 6565, metrics on 8080, no root, no writes to its disk.
# With `--target gameserver` the reference game server: players on 7777, its lobby on 3000, no root.
# With `--target lobby` the lobby: players on 3000, metrics on 8081.
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
 && cmake --build --preset release --target muster-matchfunction musterctl muster-gameserver \
      muster-lobby -j "$(nproc)" \
 && strip build/bin/*
# The Debian packages that own the shared libraries the programs load. Packages, not copied files: so the
# image's scanner sees them and `apt-get upgrade` mends them.
RUN ldd build/bin/muster-matchfunction build/bin/musterctl build/bin/muster-lobby \
    | awk '$2 == "=>" {print $3}' | sort -u | xargs -n 1 realpath | xargs dpkg-query -S \
    | cut -d : -f 1 | sort -u >packages

# Linked statically: it needs nothing else.
FROM scratch AS gameserver
COPY --from=build /muster/build/bin/muster-gameserver /muster-gameserver
USER 10001:10001
EXPOSE 7777 3000
CMD ["/muster-gameserver"]

FROM ${BASE} AS runtime
COPY --from=build /muster/packages /usr/share/muster/packages
RUN apt-get update -q \
 && xargs env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
      ca-certificates </usr/share/muster/packages \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/*
COPY LICENSE /usr/share/doc/muster/
RUN install -d -o 10001 -g 10001 /var/lib/muster
USER 10001:10001

# A SQLite file, when it keeps its records in one, lies in the volume.
FROM runtime AS lobby
COPY --from=build /muster/build/bin/muster-lobby /muster/build/bin/muster-gameserver \
  /muster/build/bin/musterctl /usr/local/bin/
WORKDIR /var/lib/muster
VOLUME /var/lib/muster
EXPOSE 3000 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
  CMD ["musterctl", "health", "--url", "http://127.0.0.1:3000/healthz"]
CMD ["muster-lobby"]

FROM runtime
COPY --from=build /muster/build/bin/muster-matchfunction /muster/build/bin/musterctl /usr/local/bin/
EXPOSE 6565 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
  CMD ["musterctl", "health", "--target", "127.0.0.1:6565"]
CMD ["muster-matchfunction"]
