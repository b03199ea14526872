# The relay alone on loopback, for its tests: `make -f relay.mk relay-harness [RELAY_OUT=folder]`, with sanitizers
# unless RELAY_SANITIZE is empty. Included by the Makefile as well.
RELAY_OUT ?= build
RELAY_SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=all
RELAY_SOURCES = relay.c relay-loop.c relay-tcp.c relay-udp.c dns-wire.c dns-names.c dns-answer.c dns-forward.c dns-server.c
RELAY_HEADERS = relay.h relay-loop.h relay-state.h dns.h

.PHONY: relay-harness relay-fuzz
relay-harness: $(RELAY_OUT)/relay-harness

$(RELAY_OUT)/relay-harness: test/relay-harness.c $(RELAY_SOURCES) $(RELAY_HEADERS)
	mkdir -p $(RELAY_OUT)
	$(CC) -std=gnu11 -Wall -Wextra -Werror -O1 -g $(RELAY_SANITIZE) -o $@ test/relay-harness.c $(RELAY_SOURCES)

# libFuzzer (clang) on the parser of questions and on the names file.
relay-fuzz: $(RELAY_OUT)/relay-fuzz

$(RELAY_OUT)/relay-fuzz: test/dns-fuzz.c $(RELAY_SOURCES) $(RELAY_HEADERS)
	mkdir -p $(RELAY_OUT)
	clang -std=gnu11 -Wall -Wextra -Werror -O1 -g -fsanitize=fuzzer,address,undefined -o $@ test/dns-fuzz.c $(RELAY_SOURCES)
