.PHONY: help demo test

help: ## say what there is
	@echo "make demo          the operator at work on a real API server and a stand-in for Cognito"
	@echo "make demo KEEP=1   the same, and everything stays up until Ctrl-C"
	@echo "make test          formatting, lints, all tests"

demo:
	@python3 demo/demo.py $(if $(KEEP),--keep)

test:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	tests/control-plane/control-plane run -- cargo test --locked --workspace
