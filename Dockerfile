# The operator as one static binary. Any builder that knows cache mounts will do: docker buildx, podman, buildah.
# There is nothing of an architecture in here: `--platform linux/arm64` builds on, or emulates, a machine of that kind.

# Both bases are arguments, so that it builds where only a mirror or a local image is to be had. The builder needs Rust
# as in rust-toolchain.toml, a C compiler, the C library's headers and archive, and CA certificates; the runtime needs
# nothing (gcr.io/distroless/static-debian12 works as well).
ARG BUILDER=docker.io/library/rust:1.95-slim-bookworm
ARG RUNTIME=scratch

# checkov:skip=CKV_DOCKER_7: the argument's default has a tag.
FROM ${BUILDER} AS builder
# Writes the list of crates into the binary: the SBOM that trivy, grype, syft and cargo-audit read from it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo install --quiet --locked --root /usr/local cargo-auditable@0.7.7
WORKDIR /src
COPY . .
# With --target the flag reaches the binary alone; build scripts and macros could not be loaded if they were static.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=cognito-mfa-operator-target,target=/src/target \
    host="$(rustc --print host-tuple)" && \
    RUSTFLAGS="-C target-feature=+crt-static" \
        cargo auditable build --locked --release --bin cognito-mfa-operator --target "$host" && \
    cp "target/$host/release/cognito-mfa-operator" /cognito-mfa-operator

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
COPY LICENSE /licenses/LICENSE
COPY --from=builder /cognito-mfa-operator /cognito-mfa-operator
# A number, so that runAsNonRoot can tell; the same one as distroless calls nonroot.
USER 65532:65532
# glibc keeps memory apart for threads, for up to eight times as many as there are cores, and gives little of it back.
ENV MALLOC_ARENA_MAX=1
EXPOSE 8080
ENTRYPOINT ["/cognito-mfa-operator"]
CMD ["run"]
