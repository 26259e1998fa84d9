# Everything is built in one configuration, so that `make demo` after `make test` rebuilds nothing:
# `swift test` differs from `swift build` only by testable imports, which the tests do without.
CONFIGURATION := -c release
TEST_OPTIONS := $(CONFIGURATION) --disable-testable-imports --disable-xctest
VNET := .build/release/vnet
SOURCES := Package.swift Sources Tests

# make demo DATA=path/to/Task04_Hippocampus EPOCHS=10
DATA ?=
EPOCHS ?=
# make plugins CUDA=13
CUDA ?=
# make check-accuracy DATA=path/to/Task04_Hippocampus
THREADS ?= 2
# make torture SECONDS=1800 SEED=7
SECONDS ?= 600
SEED ?=
# make check-kernels WAYS="native valgrind arm64"
WAYS ?= native
# make install PREFIX=$HOME/.local
PREFIX ?= /usr/local
# What --version says, and every file that is written (scripts/version.sh).
export VNET_VERSION := $(shell scripts/version.sh)

.DEFAULT_GOAL := help
.PHONY: help setup plugins build install uninstall package demo tour docs example test bench bench-scaling check-performance check-accuracy check-replicas check-hosts check-kernels check-install torture sanitize format check clean

help: ## Print the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 24

setup: ## Check Swift, install or name missing system packages, fetch the libraries into .deps/
	@scripts/setup.sh

plugins: ## Fetch XLA's CPU plugin into .plugins/, and with CUDA=13 the one for NVIDIA GPUs (3 GB)
	@scripts/plugins.sh $(if $(CUDA),cuda$(CUDA))

build: setup ## Build the vnet command, optimised
	swift build $(CONFIGURATION)

install: build ## Install vnet, man pages and completions below PREFIX=/usr/local, so that they can be moved
	@VNET=$(VNET) PREFIX="$(PREFIX)" scripts/install.sh install

uninstall: ## Remove what 'make install' put below PREFIX=/usr/local
	@PREFIX="$(PREFIX)" scripts/install.sh uninstall

package: build ## Make .build/package/vnet-VERSION-linux-MACHINE.tar.gz, which runs without an installation
	@VNET=$(VNET) scripts/package.sh

demo: build ## Train, evaluate and predict on a phantom [DATA=data set in MSD form] [EPOCHS=n]
	@VNET=$(VNET) DATA="$(DATA)" EPOCHS="$(EPOCHS)" scripts/demo.sh

tour: build ## Run every command of docs/TOUR.md
	@VNET=$(VNET) scripts/tour.sh

docs: build ## Make the libraries' documentation with DocC, in .build/docs; fail where it warns
	@scripts/docs.sh

example: build ## Build examples/segment from a copy elsewhere, and segment a scan with it (slow)
	@VNET=$(VNET) scripts/build_example.sh

# Without the CPU plugin, as on other platforms, the tests that need it are skipped and say so.
test: build ## Build and run all tests, and two minutes of the campaign of 'make torture'; name the log of the rest
	@scripts/plugins.sh || true
	@scripts/run_tests.sh $(TEST_OPTIONS)
	@scripts/test_version.sh
	@scripts/rehearse_gpu.sh $(VNET)
	@python3 Tests/Torture/torture.py --vnet $(VNET) --seconds 120 --seed 1

bench: build ## Measure against PyTorch, TensorFlow, ONNX Runtime and OpenVINO, fetched into .bench/ (8 GB), and write docs/PERFORMANCE.md
	@scripts/bench_environment.sh
	@python3 Benchmarks/bench.py --vnet $(VNET) --threads $(THREADS) \
	  --pytorch .bench/pytorch/bin/python --tensorflow .bench/tensorflow/bin/python \
	  --openvino .bench/openvino/bin/python --record

bench-scaling: build ## Measure one and two processes under mpirun, and write docs/SCALING.md
	@python3 Benchmarks/scaling.py --vnet $(VNET) --record

check-replicas: build ## Fail where two processes learn DATA=hippocampus task worse or better than one by 0.015
	@python3 Benchmarks/check_replicas.py --vnet $(VNET) --data "$(DATA)"

check-hosts: build ## Fail where a training on two hosts, which it makes as root, or under srun has other bits than on one
	@python3 Benchmarks/hosts/check_hosts.py --vnet $(VNET)

check-performance: build ## Fail where a ratio to PyTorch, or the share kept on busy cores, is over 15 % lower than recorded
	@scripts/bench_environment.sh pytorch
	@python3 Benchmarks/bench.py --vnet $(VNET) --threads $(THREADS) \
	  --pytorch .bench/pytorch/bin/python --quick --check
	@python3 Benchmarks/busy.py --threads $(THREADS) --rounds 2 --quick --check

check-kernels: setup ## Compare the C kernels with plain convolutions [WAYS="native valgrind arm64"]
	@scripts/check_kernels.sh $(WAYS)

torture: build ## Kill it, starve it, lie to it for SECONDS=600 [SEED=n], and tell what it did not survive
	@python3 Tests/Torture/torture.py --vnet $(VNET) --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

sanitize: setup ## Run what uses threads, the C kernels and the readers under the sanitizers, built anew into .build-sanitize/
	@scripts/sanitize.sh

check-install: build ## Fail where a moved installation, a package or uninstalling is not as docs/INSTALL.md says
	@VNET=$(VNET) scripts/test_install.sh

check-accuracy: build ## Fail where a fixed training [DATA=hippocampus task, too] loses over 0.01 Dice
	@python3 Benchmarks/check_accuracy.py --vnet $(VNET) $(if $(DATA),--data "$(DATA)")

format: ## Rewrite the sources in the project's format
	swift format --in-place --recursive --parallel --configuration .swift-format $(SOURCES)

check: setup ## Lint, build with warnings as errors, test
	swift format lint --strict --recursive --parallel --configuration .swift-format $(SOURCES)
	@scripts/build_without_warnings.sh $(CONFIGURATION) --build-tests
	@scripts/run_tests.sh $(TEST_OPTIONS)

clean: ## Remove what was built and the demo; the libraries in .deps/ stay
	rm -rf .build .build-sanitize demo tour
