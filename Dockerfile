# classh in a container: docs/deployment.md ("A container") has the commands, with what each option is for.
#
# Exercised by hand, without an engine: each RUN in a clean Debian 13 (debootstrap) with Node.js 24, and the entrypoint as the image's account, with every file but the
# volume, /tmp and /run read-only, no capability, no new privileges, and config/container-seccomp.json as its filter. Not exercised: `docker build`, AppArmor.
FROM node:24-trixie-slim AS build
WORKDIR /opt/classh
COPY package.json package-lock.json ./
# No package's install script runs: the native modules bring prebuilt binaries.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build.mjs scripts/
COPY src src
COPY tsconfig.json ./
COPY config config
COPY migrations migrations
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-trixie-slim
# tini reaps the processes that jails leave to process 1; sftp-server, rsync and git move files in and out; age encrypts backups.
RUN apt-get update && apt-get install -y --no-install-recommends age bubblewrap git openssh-sftp-server python3 rsync tini util-linux && rm -rf /var/lib/apt/lists/*
# The number is that of Kubernetes' runAsUser, and of a directory that is mounted as the volume.
RUN useradd --system --uid 999 --user-group --create-home --home-dir /var/lib/classh --shell /usr/sbin/nologin classh
WORKDIR /opt/classh
COPY --from=build /opt/classh/package.json ./
COPY --from=build /opt/classh/config config
COPY --from=build /opt/classh/migrations migrations
COPY --from=build /opt/classh/node_modules node_modules
COPY --from=build /opt/classh/dist dist
COPY deploy/ldap deploy/ldap
USER classh
ENV UV_THREADPOOL_SIZE=8 CLASSH_LISTEN=0.0.0.0:2222 CLASSH_DATA=/var/lib/classh/data CLASSH_LOG_FILE=-
VOLUME /var/lib/classh
EXPOSE 2222
STOPSIGNAL SIGTERM
# It asks the SSH port, the database and the jail, and answers within 8 seconds.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["node", "dist/cli.js", "health"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/cli.js", "serve"]
