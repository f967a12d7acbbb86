.PHONY: help demo generate test deny witness bench soak fuzz

help: ## say what there is
	@echo "make demo          the operator at work on a real API server and a stand-in for Cognito"
	@echo "make demo KEEP=1   the same, and everything stays up until Ctrl-C"
	@echo "make test          formatting, lints, licences, all tests"
	@echo "make bench         what the operator costs at fleet size (prints, judges nothing); PARTS=\"latency burst\" for some"
	@echo "make soak          twenty minutes of real time: an outage, quotas, a thousand objects under faults"
	@echo "make fuzz          the fuzz targets, FOR=60 seconds each; needs cargo-fuzz and a C++ compiler"
	@echo "make generate      write the generated files again"

demo:
	@python3 demo/demo.py $(if $(KEEP),--keep)

generate:
	cargo run --quiet --locked -- crd > crds/userpoolmfaconfigs.yaml

test: deny witness
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cd tests/control-plane && python3 -m unittest --quiet
	tests/control-plane/control-plane run -- cargo test --locked --workspace

deny: ## what may be built in: crates, licences, sources
	"$$(tests/tools/cargo-deny)" --locked --workspace check --deny warnings bans licenses sources

witness: ## the real AWS CLI, moto and ministack beside the stand-in
	tests/stand-in/witness/run

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
