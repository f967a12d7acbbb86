.PHONY: help demo generate test witness bench fuzz

help: ## say what there is
	@echo "make demo          the operator at work on a real API server and a stand-in for Cognito"
	@echo "make demo KEEP=1   the same, and everything stays up until Ctrl-C"
	@echo "make test          formatting, lints, all tests"
	@echo "make bench         how long a changed spec takes to its status (prints, judges nothing)"
	@echo "make fuzz          the fuzz targets, FOR=60 seconds each; needs cargo-fuzz and a C++ compiler"
	@echo "make generate      write the generated files again"

demo:
	@python3 demo/demo.py $(if $(KEEP),--keep)

generate:
	cargo run --quiet --locked -- crd > crds/userpoolmfaconfigs.yaml

test: witness
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cd tests/control-plane && python3 -m unittest --quiet
	tests/control-plane/control-plane run -- cargo test --locked --workspace

witness: ## the real AWS CLI, moto and ministack beside the stand-in
	tests/stand-in/witness/run

bench:
	tests/control-plane/control-plane run -- cargo bench --locked --bench latency

# cargo install cargo-fuzz --locked. The fuzzer's instruments are unstable flags of the compiler, not of the code; there
# is no unsafe code for a sanitizer to watch.
FOR ?= 60
fuzz:
	for target in answer object; do \
		mkdir -p fuzz/corpus/$$target && RUSTC_BOOTSTRAP=1 cargo fuzz run -s none $$target \
			fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=$(FOR) -max_len=65536 -dict=fuzz/words || exit; \
	done
