# The relay's files, and the relay alone on loopback for its tests: `make -f relay.mk relay-harness [RELAY_OUT=folder]`,
# with sanitizers.
.DEFAULT_GOAL := all
include flags.mk
RELAY := $(wildcard relay/*.c)
RELAY_HEADERS := $(wildcard relay/*.h)
RELAY_OUT ?= build

.PHONY: relay-harness relay-fuzz
relay-harness: $(RELAY_OUT)/relay-harness

$(RELAY_OUT)/relay-harness: test/relay-harness.c $(RELAY) $(RELAY_HEADERS)
	mkdir -p $(RELAY_OUT)
	$(CC) $(FLAGS) $(SANITIZE) -o $@ test/relay-harness.c $(RELAY)

# libFuzzer on the parser of questions and on the names file.
relay-fuzz: $(RELAY_OUT)/relay-fuzz

$(RELAY_OUT)/relay-fuzz: test/dns-fuzz.c $(RELAY) $(RELAY_HEADERS)
	mkdir -p $(RELAY_OUT)
	clang $(FLAGS) -O1 -g -fsanitize=fuzzer,address,undefined -o $@ test/dns-fuzz.c $(RELAY)
