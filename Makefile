# SPDX-License-Identifier: BSD-2-Clause
# The front door. Meson and Ninja do the work; each target here is a few of their commands.

PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 600
CLANG ?= clang
SOAK_SEEDS ?= 1-200
SOAK_LOGS ?= build/driver-logs
# what is installed and what is measured: the same
RELEASE = -Dbuildtype=release -Db_lto=true -Dtests=false

.DEFAULT_GOAL := help
.PHONY: help build demo test unit soak lint bench fuzz install uninstall clean deps

help:
	@echo 'make build     the program, at build/offlist'
	@echo 'make demo      check a listed server in the miniature internet (needs root or the right to make namespaces)'
	@echo 'make test      unit and system tests under the sanitizers, fuzz corpora replayed'
	@echo 'make unit      the same without the system tests'
	@echo 'make soak      causes judged by logs of real servers, SOAK_SEEDS ($(SOAK_SEEDS)) of them; up to an hour'
	@echo 'make lint      layout, static analysis, the law of the rooms, both compilers without a warning'
	@echo 'make bench     benchmarks of an optimised build; JSON out'
	@echo 'make fuzz      each fuzz target for FUZZ_SECONDS ($(FUZZ_SECONDS))'
	@echo 'make install   into PREFIX ($(PREFIX)) below DESTDIR'
	@echo 'make uninstall takes away what make install put there'
	@echo 'make deps      install the Debian packages that all this needs (tools/deps --check only tells)'
	@echo 'make clean     remove the build folders'

deps:
	tools/deps

# --reconfigure keeps what a person has set; a folder of another version of Meson is made anew
build/build.ninja:
	@tools/deps --check build || echo 'make: tools/deps build installs them'
	meson setup build -Dbuildtype=debugoptimized -Dtests=false

build: build/build.ninja
	ninja -C build

build-test/build.ninja:
	meson setup build-test -Db_sanitize=address,undefined -Db_lundef=false

build-release/build.ninja:
	meson setup build-release $(RELEASE) -Dbench=true

build-fuzz/build.ninja:
	CC=$(CLANG) meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzer=true

build-clang/build.ninja:
	CC=$(CLANG) meson setup build-clang -Dwerror=true

build-gcc/build.ninja:
	CC=gcc meson setup build-gcc -Dwerror=true

demo:
	tools/deps build test
	$(MAKE) build
	lab/demo

test:
	tools/deps build test
	$(MAKE) build-test/build.ninja
	ninja -C build-test
	tools/run-tests build-test

unit:
	tools/deps build test
	$(MAKE) build-test/build.ninja
	ninja -C build-test
	tools/run-tests --units build-test

soak: build
	mkdir -p $(SOAK_LOGS)
	tests/driver/score --program build/offlist --logs $(SOAK_LOGS) --seeds $(SOAK_SEEDS) \
		--floor-first 90 --floor-clean 90 --floor-high 90

lint:
	tools/deps build test lint
	$(MAKE) build-clang/build.ninja build-gcc/build.ninja
	tools/lint

bench:
	tools/deps build test bench
	$(MAKE) build-release/build.ninja
	ninja -C build-release
	bench/bulk --offlist build-release/offlist --engine build-release/bench/engine
	bench/server --offlist build-release/offlist
	bench/diagnose --build build-release
	bench/journal --build build-release
	bench/queue --offlist build-release/offlist

fuzz:
	tools/deps build test lint
	$(MAKE) build-fuzz/build.ninja
	ninja -C build-fuzz
	tools/run-fuzz build-fuzz $(FUZZ_SECONDS)

build-install/build.ninja:
	@tools/deps --check build || echo 'make: tools/deps build installs them'
	meson setup build-install --prefix='$(PREFIX)' $(RELEASE)

# built first, and with nobody's rights but the caller's; Meson itself would ask for a password, or end in a traceback
install: build-install/build.ninja
	@meson configure build-install --prefix='$(PREFIX)'
	ninja -C build-install
	@tools/installed check build-install '$(DESTDIR)'
	DESTDIR='$(DESTDIR)' meson install -C build-install --no-rebuild

uninstall: build-install/build.ninja
	@meson setup --reconfigure build-install --prefix='$(PREFIX)' >/dev/null
	@tools/installed remove build-install '$(DESTDIR)'

clean:
	rm -rf build build-*
