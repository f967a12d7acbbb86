# The operator as one static binary. Any builder that knows cache mounts will do: docker buildx, podman, buildah.
# There is nothing of an architecture in here: `--platform linux/arm64` builds on, or emulates, a machine of that kind.

# What the binary is laid on.
ARG RUNTIME=scratch

# The base is pinned by its digest, the same for each architecture; Dependabot proposes a newer one. Where it cannot be
# had, take another image in its place: --build-context rust=docker-image://mirror.example.com/rust:1.95-slim-bookworm
FROM docker.io/library/rust:1.95-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS rust

FROM rust AS builder
ENV PATH=/tools/bin:$PATH
WORKDIR /src
COPY . .
# The licences of all that gets into the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=cognito-mfa-operator-tools,target=/tools \
    cargo install --quiet --locked --root /tools --features cli cargo-about@0.9.3 && \
    release/notices /licenses && cp LICENSE /licenses/LICENSE
# cargo-auditable writes the list of crates into the binary: the SBOM that trivy, grype, syft and cargo-audit read from
# it. With --target the flag reaches the binary alone; build scripts and macros could not be loaded if they were static.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=cognito-mfa-operator-tools,target=/tools \
    --mount=type=cache,id=cognito-mfa-operator-target,target=/src/target \
    cargo install --quiet --locked --root /tools cargo-auditable@0.7.7 && \
    host="$(rustc --print host-tuple)" && \
    RUSTFLAGS="-C target-feature=+crt-static" \
        cargo auditable build --locked --release --bin cognito-mfa-operator --target "$host" && \
    cp "target/$host/release/cognito-mfa-operator" /cognito-mfa-operator

# What a release takes out of the build: docker buildx build --target files --output FOLDER
FROM scratch AS files
COPY --from=builder /licenses /licenses
COPY --from=builder /cognito-mfa-operator /cognito-mfa-operator

# The binary needs nothing else, but gcr.io/distroless/static-debian12 works as well.
# checkov:skip=CKV_DOCKER_7: scratch has no tag.
FROM ${RUNTIME}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="cognito-mfa-operator" \
      org.opencontainers.image.description="Keeps the MFA and passkey settings of Amazon Cognito user pools equal to Kubernetes objects" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /licenses /licenses
COPY --from=builder /cognito-mfa-operator /cognito-mfa-operator
# A number, so that runAsNonRoot can tell; the same one as distroless calls nonroot.
USER 65532:65532
# glibc keeps memory apart for threads, for up to eight times as many as there are cores, and gives little of it back.
ENV MALLOC_ARENA_MAX=1
EXPOSE 8080
ENTRYPOINT ["/cognito-mfa-operator"]
CMD ["run"]
