# SPDX-License-Identifier: MIT
# What a person types.

.PHONY: all help tools test test-unit nightly lint format run perf attack fuzz prove clean

# Once per build folder and list of packages; says what is missing and asks.
$(HOST_READY): scripts/packages.host
	$(Q)scripts/install-packages
	$(Q)mkdir -p $(@D) && touch $@

all: $(HOST_READY) tools $(ALL_IMAGES) ## build the image, Husk and the host tools
tools: $(HOST_TOOLS) ## build the host tools only

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort -u | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

test-unit: $(foreach t,$(UNIT_TESTS),$(BUILD)/unit/$(t)) ## host unit tests only
	$(Q)scripts/run-suites --build $(BUILD) $(foreach t,$(UNIT_TESTS),--unit $(t))

test: $(foreach t,$(UNIT_TESTS),$(BUILD)/unit/$(t)) $(foreach s,$(SUITES),$(suite.$(s).deps)) ## all tests: N passed, N failed, N skipped
	$(Q)scripts/run-suites --build $(BUILD) $(foreach t,$(UNIT_TESTS),--unit $(t)) \
		$(foreach s,$(SUITES),--suite '$(s)|$(suite.$(s).timeout)|$(suite.$(s).command)')

ATTACKS = $(filter attack-%,$(SUITES) $(NIGHTLIES))
attack: $(foreach s,$(ATTACKS),$(suite.$(s).deps)) ## the malicious host: tests/attack
	$(Q)scripts/run-suites --build $(BUILD) \
		$(foreach s,$(ATTACKS),--suite '$(s)|$(suite.$(s).timeout)|$(suite.$(s).command)')

fuzz: $(foreach f,$(FUZZERS),fuzz-$(f)) ## all fuzz targets, FUZZ_SECONDS (60) each

nightly: $(foreach s,$(NIGHTLIES),$(suite.$(s).deps)) ## the long suites: full guest matrix, third-party suites
	$(Q)scripts/run-suites --build $(BUILD) \
		$(foreach s,$(NIGHTLIES),--suite '$(s)|$(suite.$(s).timeout)|$(suite.$(s).command)')

lint: all unit-programs ## static checks: warnings, format, clang-tidy, cppcheck, house rules
	$(Q)scripts/lint --build $(BUILD)

# Every unit test's program and every test guest, not run.
.PHONY: unit-programs
unit-programs: $(foreach t,$(UNIT_TESTS),$(BUILD)/unit/$(t)) $(TEST_PROGRAMS)

prove: $(call fetched,cbmc) ## proofs by model checking: N passed, N failed, N skipped
	$(Q)scripts/run-suites --build $(BUILD) $(foreach p,$(PROOFS),--suite 'proof-$(p)|1800|$(proof.$(p).command)')

format: ## clang-format the tree
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i

clean: ## remove the build folder
	rm -rf $(BUILD)
