# classh in a container: docs/admin.md ("In a container") has the commands, with what each option is for.
FROM node:24-trixie-slim AS build
WORKDIR /opt/classh
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-trixie-slim
# tini reaps the processes that jails leave to process 1.
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap python3 tini util-linux && rm -rf /var/lib/apt/lists/*
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
# It asks the SSH port, the database and the jail, and answers within 8 seconds.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["node", "dist/cli.js", "health"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/cli.js", "serve"]
