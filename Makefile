# `make` lists the targets; `make check` is what CI runs.

BIN      := bin/drumbeat
FUZZTIME ?= 10s
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help build demo test check lint fmt fmt-check vet validate bench fuzz deps clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | \
		while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

# Without cgo it runs on any Linux; the tag puts the time zones in: leads live in all of them.
build: ## build bin/drumbeat
	CGO_ENABLED=0 go build -trimpath -tags timetzdata -o $(BIN) ./cmd/drumbeat

demo: build ## the whole loop on shipped data: embedded servers, no mail leaves this machine
	$(BIN) demo

test: deps ## every test, with the race detector; installs what is missing where it may
	@race=; if command -v cc >/dev/null || command -v gcc >/dev/null; then race=-race; \
		else echo "no C compiler: without the race detector"; fi; \
	set -x; go test $$race -timeout 15m ./...

check: fmt-check vet validate test ## what CI runs: format, vet, the shipped files, every test

lint: fmt-check vet ## check, without the tests but with staticcheck (fetched and built at first: minutes)
	go run $(STATICCHECK) ./...

fmt: ## format the sources
	gofmt -w .

fmt-check:
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; }

vet:
	go vet ./...

validate: build
	$(BIN) sequence validate sequences

bench: ## the Go benchmarks; `bin/drumbeat bench` measures the whole system
	go test -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target for FUZZTIME (10s)
	@grep -rnoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' cmd internal worker | \
		while IFS=: read -r file _ name; do \
			echo "$${name#func } in $$(dirname $$file)"; \
			go test "./$$(dirname $$file)" -run '^$$' -fuzz "^$${name#func }$$" -fuzztime $(FUZZTIME) || exit 1; \
		done

deps: ## find or install what the tests need beside Go
	@scripts/deps

clean: ## remove what was built
	rm -rf bin
