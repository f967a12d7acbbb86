.PHONY: help demo generate test test-argocd test-image test-install chart docs monitoring lint deny witness bench soak fuzz

help: ## say what there is
	@echo "make demo          the operator at work on a real API server and a stand-in for Cognito"
	@echo "make demo KEEP=1   the same, and everything stays up until Ctrl-C"
	@echo "make test          formatting, lints, licences, all tests"
	@echo "make docs          the pages: links, commands, objects, flags, reasons, metrics; the IAM documents"
	@echo "make monitoring    the chart's alerts, dashboard and admission floor: promtool, kube-state-metrics, API server"
	@echo "make chart         of all tests, those of the Helm chart and deploy/ alone"
	@echo "make test-install  the ways to install as the README has them, and the rights of each scope"
	@echo "make test-argocd   a real Argo CD with the chart and a folder of objects"
	@echo "make test-image    builds the image without Docker and has it reconcile an object; needs root and Debian"
	@echo "make bench         what the operator costs at fleet size (prints, judges nothing); PARTS=\"latency burst\" for some"
	@echo "make soak          twenty minutes of real time: an outage, quotas, a thousand objects under faults"
	@echo "make fuzz          the fuzz targets, FOR=60 seconds each; needs cargo-fuzz and a C++ compiler"
	@echo "make generate      write the generated files again"

demo:
	@python3 demo/demo.py $(if $(KEEP),--keep)

generate:
	cargo run --quiet --locked -- crd > crds/userpoolmfaconfigs.yaml
	deploy/render
	"$$(tests/tools/venv)/bin/python" tests/docs/crd_reference.py > docs/crd-reference.md
	deploy/argocd/make-argocd-cm > deploy/argocd/argocd-cm.yaml

test: lint deny witness docs chart monitoring test-install
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cd tests/control-plane && python3 -m unittest --quiet
	tests/control-plane/control-plane run -- cargo test --locked --workspace

test-argocd: ## the real Argo CD as processes of this machine; TESTS=test_waves for some
	tests/argocd/run $(TESTS)

test-install: ## the README's commands and the chart's Pod, with a node of a kind
	tests/install/run

test-image: ## the image, built by buildah and run with nothing else on its disk
	tests/image/run

lint: ## YAML, the Dockerfile, the workflows, the chart's manifests
	tests/lint/run

deny: ## what may be built in: crates, licences, sources
	"$$(tests/tools/cargo-deny)" --locked --workspace check --deny warnings bans licenses sources

witness: ## the real AWS CLI, moto and ministack beside the stand-in
	tests/stand-in/witness/run

docs: ## links, commands, objects and lists of the pages; the IAM documents
	"$$(tests/tools/venv)/bin/python" -m unittest discover --quiet -s tests/iam
	tests/control-plane/control-plane run -- "$$(tests/tools/venv)/bin/python" -m unittest discover --quiet -s tests/docs

chart: ## the Helm chart and deploy/: rendered, refused, installed on a real API server
	tests/chart/run

monitoring: ## the chart's alerts, dashboard, metrics of single objects and admission floor
	cargo build --locked --workspace --bins
	tests/control-plane/control-plane run -- "$$(tests/tools/venv)/bin/python" -m unittest discover --quiet -s tests/monitoring

bench:
	tests/control-plane/control-plane run -- cargo bench --locked --bench fleet -- $(PARTS)

soak: LOG = $${CARGO_TARGET_DIR:-target}/soak.log
soak: ## the long runs, one after the other; figures go to stdout, all else to the log
	@cargo test --quiet --locked --test cluster --no-run
	@SOAK=1 tests/control-plane/control-plane run -- cargo test --quiet --locked --test cluster -- --nocapture --test-threads=1 soak:: \
		2>"$(LOG)" || { grep -A 8 panicked "$(LOG)" >&2; echo "the whole log: $(LOG)" >&2; false; }

# cargo install cargo-fuzz --locked. The fuzzer's instruments are unstable flags of the compiler, not of the code; there
# is no unsafe code for a sanitizer to watch.
FOR ?= 60
fuzz:
	for target in answer object accounts; do \
		mkdir -p fuzz/corpus/$$target && RUSTC_BOOTSTRAP=1 cargo fuzz run -s none $$target \
			fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=$(FOR) -max_len=65536 -dict=fuzz/words || exit; \
	done
