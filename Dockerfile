# The gateway, and the simulator for demos. Each image holds the built files and the production dependencies of
# one app, as the lockfile has them, and nothing to build with.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /srv/engage
COPY . .
RUN npm ci --ignore-scripts && npm run build

FROM build AS simulator-files
RUN npm ci --ignore-scripts --omit=dev --workspace @gw/simulator
RUN rm -rf libs/*/src apps/*/src

FROM build AS gateway-files
RUN npm ci --ignore-scripts --omit=dev --workspace @gw/gateway
RUN rm -rf libs/*/src apps/*/src

FROM node:20.20.2-bookworm-slim AS simulator
ENV HOST=0.0.0.0 PORT=3001
WORKDIR /srv/engage
COPY --from=simulator-files /srv/engage/package.json ./
COPY --from=simulator-files /srv/engage/node_modules node_modules
COPY --from=simulator-files /srv/engage/libs libs
COPY --from=simulator-files /srv/engage/apps/simulator apps/simulator
COPY deploy/health-check.mjs deploy/
USER node
EXPOSE 3001
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "deploy/health-check.mjs", "http://127.0.0.1:3001/auth/v3/ping"]
CMD ["node", "apps/simulator/dist/main.js"]

FROM node:20.20.2-bookworm-slim AS gateway
# Mandatory beside these: see docs/configuration.md.
ENV NODE_ENV=production PORT=3000
WORKDIR /srv/engage
COPY --from=gateway-files /srv/engage/package.json ./
COPY --from=gateway-files /srv/engage/node_modules node_modules
COPY --from=gateway-files /srv/engage/libs libs
COPY --from=gateway-files /srv/engage/apps/gateway apps/gateway
COPY --from=gateway-files /srv/engage/apps/console/dist apps/console/dist
COPY deploy/health-check.mjs deploy/
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s CMD ["node", "deploy/health-check.mjs"]
# Not through npm or a shell: SIGTERM must reach the gateway, which then sends its clients elsewhere.
CMD ["node", "apps/gateway/dist/main.js"]
