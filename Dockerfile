# The Node that the tests run on.
FROM node:24.21.0-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Left out: what only development needs (even unused, npm ci insists on every platform's build of it in the lock file),
# and what is optional, the embedded PostgreSQL: in a container DATABASE_URL is set.
RUN npm pkg delete devDependencies && \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-trixie-slim
LABEL org.opencontainers.image.title="taxbudget" \
      org.opencontainers.image.description="A tax-budget poll: divide your tax money, see it beside everyone's and beside the actual budget" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"

# From another container, 127.0.0.1 is nobody.
ENV HOST=0.0.0.0 \
    DATA_DIR=/var/lib/taxbudget

# Holds the secret that is made at the first start, unless SESSION_SECRET is set; a volume here begins with this owner.
RUN install --directory --owner=node --group=node --mode=700 /var/lib/taxbudget

WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .

# By number, so that an orchestrator can see that it is not root: this is "node".
USER 1000:1000
EXPOSE 3000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "infra/livez.ts"]

# No shell between: SIGTERM reaches the program, which finishes what is in flight. No build step: Node strips the types.
CMD ["node", "src/main.ts"]
