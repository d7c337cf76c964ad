# meshcert: the targets are thin; everything they do is in the binary.
GO      ?= go
BINARY  := bin/meshcert
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Variables are flags by another name: make e2e FOCUS=tracing REUSE=1
flags = $(if $(FOCUS),--focus '$(FOCUS)') $(if $(RELEASE),--release '$(RELEASE)') $(if $(PROFILE),--profile '$(PROFILE)') \
        $(if $(filter 1 true yes,$(REUSE)),--reuse) $(if $(IMAGES),--images '$(IMAGES)') $(if $(ONAP_IMAGES),--onap-images '$(ONAP_IMAGES)') \
        $(if $(CONTEXT),--kubeconfig '$(KUBECONFIG)' --context '$(CONTEXT)') $(if $(ARGS),$(ARGS))

.PHONY: help build doctor e2e down test lint images clean
.DEFAULT_GOAL := help

help: ## Show the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: FOCUS RELEASE PROFILE REUSE=1 IMAGES ONAP_IMAGES KUBECONFIG+CONTEXT, ARGS for any other flag"

build: ## Build bin/meshcert
	@$(GO) build -ldflags "-X main.version=$(VERSION)" -o $(BINARY) ./cmd/meshcert

doctor: build ## Check this machine: what is missing, what to do
	@$(BINARY) doctor

e2e: build ## From this machine to a verdict: cluster, Istio, ONAP, specs, report, clean-up
	@$(BINARY) e2e $(flags)

down: build ## Remove what a kept or killed run left
	@$(BINARY) down

test: ## Unit tests of the suite and of its programs; no cluster
	$(GO) vet ./...
	$(GO) test ./...
	cd fixtures/apps && $(GO) vet ./... && $(GO) test ./...

lint: ## golangci-lint over both modules
	golangci-lint run ./...
	cd fixtures/apps && golangci-lint run ./...

images: build ## Build every image from packages into the cache
	@$(BINARY) images build

clean: build ## Remove what the journal names, the runs and the binary; CACHE=1 also what was built
	@$(BINARY) down $(if $(CACHE),--cache)
	rm -rf reports/runs bin
