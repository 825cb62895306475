# Two stages on Debian 12; each step is a make target that is also tried on an empty Debian.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git make python3 python3-venv
WORKDIR /build
COPY . .
RUN make package runtime RUNTIME=/opt/zones

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 8318 --no-create-home --shell /usr/sbin/nologin zones \
    && install -d -m 700 -o zones /var/lib/zones-api/secrets
COPY --from=build /opt/zones /opt/zones
ENV PATH=/opt/zones/bin:$PATH ZONES_HOST=0.0.0.0
USER zones
EXPOSE 8318
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8318/health/ready', timeout=2)"]
CMD ["zones", "serve"]
