.PHONY: help demo generate growth test test-argocd test-chart test-demo test-docs test-image test-install test-instructions test-monitoring test-report-page \
	acceptance test-acceptance test-release test-release-builds advisories scan lint deny witness bench soak fuzz

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## the operator at work on a real API server and an emulator for Cognito; KEEP=1: until Ctrl-C; KUBECONFIG=FILE: on that cluster
	@python3 demo/demo.py $(if $(KEEP),--keep) $(if $(filter command,$(origin KUBECONFIG)),--kubeconfig "$$KUBECONFIG")

generate: ## write the generated files again
	cargo run --quiet --locked -- crd > crds/userpoolmfaconfigs.yaml
	deploy/render
	"$$(tests/tools/venv)/bin/python" tests/tools/docs/crd_reference.py > docs/crd-reference.md

test: lint deny witness acceptance test-acceptance test-demo test-docs test-chart test-monitoring test-install test-report-page test-instructions test-release ## what must pass: formatting, lints, licences, all tests but those of Argo CD and of the image
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	tests/tools/control-plane/control-plane run -- cargo test --locked --workspace
	tests/tools/control-plane/control-plane run --oldest -- cargo test --locked --test cluster -- admission:: stored_crd::

acceptance: ## the graded questions and the operator's scenarios: of the emulator, or with ACCEPTANCE=1 of AWS; ARGS=--help
	tests/acceptance/run $(ARGS)

test-acceptance: ## the acceptance suite itself: its pools, its record, and that each of the emulator's switches is noticed
	tests/acceptance/run-tests

test-demo: ## the demo: its builds, and its steps on an existing cluster
	tests/e2e/demo/run

test-argocd: ## a real Argo CD with the chart and folders of objects; TESTS=test_waves for some
	tests/e2e/argocd/run $(TESTS)

test-install: ## the README's ways to install, run as they stand there; the rights of each scope
	tests/e2e/install/run

test-instructions: ## what the decisions cost, in instructions, compared with limits; RENEW=1 writes the limits that fit
	tests/tools/instructions/run $(if $(RENEW),--renew)

test-image: ## the image, built without Docker, reconciles an object; needs root and Debian
	tests/e2e/image/run

test-release: ## the files of a release, from a clone; the licences of what is built in; names and versions
	tests/release/run

test-release-builds: ## the binaries of a release for amd64 and arm64, run, and packed; needs root and Debian
	tests/release/builds/run

advisories: ## known vulnerabilities of the crates; needs the network
	"$$(tests/tools/cargo-program cargo-deny)" --locked --workspace check advisories

scan: BUILT = target/image
scan: ## known vulnerabilities of what `docker buildx build --target files --output target/image .` wrote; needs grype and the network
	release/build sbom $(BUILT)/cognito-mfa-operator $(BUILT)/licenses $(BUILT)/sbom.cdx.json
	grype sbom:$(BUILT)/sbom.cdx.json --only-fixed --fail-on high

lint: ## YAML, the Dockerfile, the workflows, the chart's manifests
	tests/tools/lint/run

deny: ## what may be built in: crates, licences, sources
	"$$(tests/tools/cargo-program cargo-deny)" --locked --workspace check --deny warnings bans licenses sources

witness: ## the real AWS CLI, moto and ministack beside the emulator
	crates/cognito-emulator/witness/run

test-docs: ## links, commands, steps and objects of the pages; the IAM documents
	tests/tools/debian jq:jq
	"$$(tests/tools/venv)/bin/python" -m unittest discover --quiet -s tests/tools/iam
	tests/tools/control-plane/control-plane run -- "$$(tests/tools/venv)/bin/python" -m unittest discover --quiet -s tests/tools/docs

test-chart: ## the Helm chart and deploy/: rendered, refused, installed on a real API server
	tests/e2e/chart/run

test-monitoring: ## the chart's alerts, dashboard, metrics of single objects and admission floor
	tests/e2e/monitoring/run

test-report-page: ## the report's page in a real browser
	tests/e2e/report-page/run

bench: export AWS_ACCESS_KEY_ID = bench
bench: export AWS_SECRET_ACCESS_KEY = bench
bench: ## what the operator costs at fleet size (prints, judges nothing); PARTS="latency burst" for some
	tests/tools/control-plane/control-plane run -- cargo bench --locked --bench fleet -- $(PARTS)

growth: ## docs/growth.svg, from what `make bench PARTS=steady` has written
	"$$(tests/tools/venv benches/plot/requirements.txt)/bin/python" benches/plot/growth.py target/bench.json docs/growth.svg

soak: LOG = $${CARGO_TARGET_DIR:-target}/soak.log
soak: ## twenty minutes of real time: an outage, quotas, a thousand objects under faults
	@cargo test --quiet --locked --test cluster --no-run
	@SOAK=1 tests/tools/control-plane/control-plane run -- cargo test --quiet --locked --test cluster -- --nocapture --test-threads=1 soak:: \
		2>"$(LOG)" || { grep -A 8 panicked "$(LOG)" >&2; echo "the whole log: $(LOG)" >&2; false; }

# cargo install cargo-fuzz --locked. The fuzzer's instruments are unstable flags of the compiler, not of the code; there
# is no unsafe code for a sanitizer to watch.
FOR ?= 60
fuzz: ## the fuzz targets, FOR=60 seconds each; needs cargo-fuzz and a C++ compiler
	cd crates/core && for target in answer object accounts; do \
		mkdir -p fuzz/corpus/$$target && RUSTC_BOOTSTRAP=1 cargo fuzz run -s none $$target \
			fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=$(FOR) -max_len=65536 -dict=fuzz/words || exit; \
	done
