# One set of warnings for all C here, the programs of tests included.
CC ?= gcc
BUILD := build
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wformat=2 -Wundef -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wconversion \
	-Wsign-conversion
FLAGS := -std=gnu11 -D_GNU_SOURCE -I. $(WARNINGS)
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
