# recant's front door. On a fresh Debian 12 with git and make, `make demo` and `make test` install
# what is missing and do the rest. CMakePresets.json has the builds themselves.
JOBS ?= $(shell nproc)
CCACHE := $(shell command -v ccache 2>/dev/null)
CONFIGURE = cmake $(if $(CCACHE),-DCMAKE_CXX_COMPILER_LAUNCHER=$(CCACHE)) --log-level=WARNING --preset
BUILD = cmake --build -j $(JOBS) --preset

.PHONY: release dev deps demo demo-feeds test asan tsan coverage fuzz sabotage torture lint format bench \
        bench-peers docs deb clean

release: deps  ## the optimized program: build/release/recant
	@$(CONFIGURE) release
	@$(BUILD) release --target recant

dev: deps  ## everything, with assertions: build/dev
	@$(CONFIGURE) dev
	@$(BUILD) dev

deps:  ## install the Debian packages that are missing
	@.ci/install-packages

demo: release  ## the main job on the shipped fixtures, told step by step
	@cli/demo.sh build/release/recant

demo-feeds: deps  ## the feeds, live, against a platform of our own on loopback
	@$(CONFIGURE) release
	@$(BUILD) release --target recant recant_platform
	@cli/demo_feeds.sh build/release/recant build/release/recant_platform

test: dev release  ## every test, on the build with assertions
	@ctest --preset dev -j $(JOBS)
	@echo "make test: every test passed"

# g++ 12's ThreadSanitizer does not start where the kernel randomizes many bits of addresses; and the
# build already starts the tests, to ask for their names.
tsan: WITHOUT_ASLR := $(shell setarch -R true 2>/dev/null && echo setarch -R)

asan tsan: deps  ## every test under AddressSanitizer and UBSan, or under ThreadSanitizer
	@$(CONFIGURE) $@
	@$(WITHOUT_ASLR) $(BUILD) $@
	@$(WITHOUT_ASLR) ctest --preset $@ -j $(JOBS)

# Programs that are killed leave half a file of counts, which spoils the rest.
coverage: deps  ## lines and branches of store/ and engine/ that the tests run, per folder
	@$(CONFIGURE) coverage
	@$(BUILD) coverage
	@find build/coverage -name '*.gcda' -delete
	@GCOV_ERROR_FILE=/dev/null RECANT_TEST_CASES=100 ctest --preset coverage -j $(JOBS) -E 'kill|dies'
	@tests/coverage.py build/coverage

FUZZ_SECONDS ?= 10

fuzz: deps  ## random bytes for every decoder of foreign bytes, FUZZ_SECONDS each (libFuzzer)
	@$(CONFIGURE) fuzz
	@$(BUILD) fuzz --target fuzzers
	@tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)

sabotage: deps  ## sabotage a copy of the tree, a patch at a time, and show the test that catches it
	@JOBS=$(JOBS) tests/sabotage/run.sh $(SABOTAGE)

torture: dev  ## the long versions of the random tests, and the fuzzers, within TORTURE_MINUTES (480)
	@$(CONFIGURE) fuzz
	@$(BUILD) fuzz --target fuzzers
	@tests/torture.sh build/dev build/fuzz

lint: deps  ## clang-format and clang-tidy, warnings are errors
	@$(CONFIGURE) dev
	@JOBS=$(JOBS) .ci/lint

format: deps  ## let clang-format settle the layout
	@find store engine cli bench tests -name '*.cc' -o -name '*.h' | xargs clang-format-19 -i

bench: deps  ## time the main job beside zstd; BENCH_FULL=1 adds 10 million events
	@$(CONFIGURE) release
	@$(BUILD) release --target recant recant_generate recant_run_measured
	@bench/main_job.sh build/release

bench-peers: deps  ## the same job done by LMDB, RocksDB, SQLite and Python; BENCH_EVENTS, BENCH_JSON
	@.ci/install-packages librocksdb-dev libsqlite3-dev python3
	@$(CONFIGURE) release
	@$(BUILD) release --target recant_generate recant_peer
	@bench/peers/compare.py build/release $(or $(BENCH_EVENTS),1000000) $(BENCH_JSON)

docs: deps  ## the public headers as pages: build/dev/docs/html
	@$(CONFIGURE) dev
	@cmake --build --preset dev --target docs

deb: deps  ## Debian packages: build/release/packages
	@$(CONFIGURE) release
	@$(BUILD) release
	@cd build/release && cpack -G DEB -B packages

clean:
	rm -rf build
