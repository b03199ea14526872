# The relay's files, and the relay alone on loopback for its tests: `make -f relay.mk relay-harness [RELAY_OUT=folder]`,
# with sanitizers.
.DEFAULT_GOAL := all
include flags.mk
RELAY := $(wildcard relay/*.c)
RELAY_HEADERS := $(wildcard relay/*.h)
RELAY_OUT ?= build

.PHONY: relay-harness
relay-harness: $(RELAY_OUT)/relay-harness

$(RELAY_OUT)/relay-harness: test/relay-harness.c $(RELAY) $(RELAY_HEADERS)
	mkdir -p $(RELAY_OUT)
	$(CC) $(FLAGS) $(SANITIZE) -o $@ test/relay-harness.c $(RELAY)
