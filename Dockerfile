# classh in a container. The jails need user namespaces, which container engines forbid by default:
#   docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
#     -p 2222:2222 -v classh:/var/lib/classh classh
# `docker exec CONTAINER node dist/cli.js doctor` says whether programs can be run.
FROM node:20-bookworm-slim AS build
WORKDIR /opt/classh
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
# tini reaps the processes that jails leave to process 1.
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap python3 tini && rm -rf /var/lib/apt/lists/*
RUN useradd --system --user-group --create-home --home-dir /var/lib/classh --shell /usr/sbin/nologin classh
WORKDIR /opt/classh
COPY --from=build /opt/classh/package.json ./
COPY --from=build /opt/classh/config config
COPY --from=build /opt/classh/migrations migrations
COPY --from=build /opt/classh/node_modules node_modules
COPY --from=build /opt/classh/dist dist
USER classh
ENV UV_THREADPOOL_SIZE=8 CLASSH_LISTEN=0.0.0.0:2222 CLASSH_DATA=/var/lib/classh/data CLASSH_LOG_FILE=-
VOLUME /var/lib/classh
EXPOSE 2222
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["node", "dist/cli.js", "status"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/cli.js", "serve"]
