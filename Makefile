# meshcert: the targets are thin; everything they do is in the binary.
GO      ?= go
BINARY  := bin/meshcert
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Variables are flags by another name: make e2e FOCUS=tracing REUSE=1
variables := FOCUS RELEASE POLICY PROFILE CHARTS REUSE QUICK IMAGES ONAP_IMAGES TRACER KUBECONFIG CONTEXT RUN CACHE ARGS GO VERSION
given     := $(strip $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $(v))),$(filter-out -%,$(v)))))
unknown   := $(filter-out $(variables),$(given))
$(if $(unknown),$(error $(unknown): no such variable; there are: $(variables)))
$(if $(filter-out 0 1,$(REUSE)),$(error REUSE=$(REUSE): it is 1, or left out))
$(if $(filter-out 0 1,$(QUICK)),$(error QUICK=$(QUICK): it is 1, or left out))
$(if $(CONTEXT),,$(if $(filter KUBECONFIG,$(given)),$(error KUBECONFIG needs CONTEXT, the name of the context to use)))

# quote makes one word of the shell out of any text.
quote   = '$(subst ','\'',$(1))'
flag    = $(if $($(1)),$(2) $(call quote,$($(1))))
cluster = $(if $(CONTEXT),$(call flag,KUBECONFIG,--kubeconfig) $(call flag,CONTEXT,--context))
setup   = $(call flag,RELEASE,--release) $(call flag,POLICY,--policy) $(call flag,PROFILE,--profile) $(call flag,CHARTS,--charts) $(call flag,IMAGES,--images) $(call flag,ONAP_IMAGES,--onap-images) $(call flag,TRACER,--tracer) $(cluster) $(ARGS)

.PHONY: help generate build doctor e2e selftest down report test lint images clean
.DEFAULT_GOAL := help

help: ## Show the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: FOCUS RELEASE POLICY PROFILE CHARTS REUSE=1 QUICK=1 IMAGES ONAP_IMAGES TRACER KUBECONFIG+CONTEXT, ARGS for any other flag"

# generate takes Istio's dashboards from Istio's module.
generate:
	@$(GO) generate ./fixtures/dashboards

build: generate ## Build bin/meshcert
	@$(GO) build -ldflags "-X main.version=$(VERSION)" -o $(BINARY) ./cmd/meshcert

doctor: build ## Check this machine: what is missing, what to do
	@$(BINARY) doctor $(setup)

e2e: build ## From this machine to a verdict: cluster, Istio, ONAP, specs, report, clean-up
	@$(BINARY) e2e $(call flag,FOCUS,--focus) $(if $(filter 1,$(REUSE)),--reuse) $(setup)

selftest: build ## Break things on purpose and prove that the specs notice; QUICK=1 for a few faults
	@$(BINARY) selftest $(if $(filter 1,$(QUICK)),--quick) $(call flag,FOCUS,--focus) $(if $(filter 1,$(REUSE)),--reuse) $(setup)

down: build ## Remove what a kept or killed run left
	@$(BINARY) down $(cluster) $(ARGS)

report: build ## Make report and summary of the newest run again, or of RUN=name
	@$(BINARY) report $(if $(RUN),$(call quote,$(RUN)))

test: generate ## Unit tests of the suite and of its programs; no cluster
	$(GO) vet ./...
	$(GO) test ./...
	cd fixtures/apps && $(GO) vet ./... && $(GO) test ./...

lint: ## golangci-lint over both modules
	@command -v golangci-lint >/dev/null || { echo "golangci-lint is not installed; get it with:"; \
	  echo "  $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"; exit 1; } >&2
	golangci-lint run ./...
	cd fixtures/apps && golangci-lint run ./...

images: build ## Build every image from packages into the cache
	@$(BINARY) images build $(setup)

clean: build ## Remove what the journal names, the runs and the binary; CACHE=1 also what was built
	@$(BINARY) down $(if $(CACHE),--cache) $(cluster)
	rm -rf reports/runs bin
