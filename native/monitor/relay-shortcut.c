/*
 * A listener has its container's address in a map of the engine's, whose programs connect clients of the host there at once (src/network/shortcut). The value is
 * the socket's: it goes with the last descriptor of it, so a port that is closed leads nowhere.
 */
#include "monitor/relay-shortcut.h"
#include "core/bpf.h"

#include <netinet/in.h>
#include <string.h>

/* As src/network/shortcut/socket-address.ts has it; longer than what a map takes, and zero behind that. */
struct led_place {
	uint32_t address[4];
	uint32_t port;
	uint32_t rest[11];
};

static struct led_place place_of(const struct relay_port *port)
{
	struct led_place place = { 0 };
	if (port->target.ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&port->target;
		place.address[2] = htonl(0xffff);
		place.address[3] = v4->sin_addr.s_addr;
		place.port = v4->sin_port;
	} else {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&port->target;
		memcpy(place.address, &v6->sin6_addr, sizeof place.address);
		place.port = v6->sin6_port;
	}
	return place;
}

int relay_lead_past(const struct monitor *monitor)
{
	const struct relay_config *config = &monitor->relay.config;
	union bpf_attr ask = { .map_id = monitor->relay.shortcut };
	if (!monitor->relay.shortcut)
		return 0;
	int map = sys_bpf(BPF_MAP_GET_FD_BY_ID, &ask), error = map < 0 ? map : 0;
	for (size_t i = 0; i < config->port_count && !error; i++) {
		struct led_place place = place_of(&config->ports[i]);
		union bpf_attr put = { .map_fd = (uint32_t)map,
				       .key = (uintptr_t)&config->ports[i].listener,
				       .value = (uintptr_t)&place };
		if (config->ports[i].protocol == IPPROTO_TCP)
			error = sys_bpf(BPF_MAP_UPDATE_ELEM, &put);
	}
	if (map >= 0)
		close(map);
	return error;
}

void relay_lead_nowhere(struct monitor *monitor)
{
	const struct relay_config *config = &monitor->relay.config;
	union bpf_attr ask = { .map_id = monitor->relay.shortcut };
	int map = monitor->relay.shortcut ? sys_bpf(BPF_MAP_GET_FD_BY_ID, &ask) : -ENOENT;
	monitor->relay.shortcut = 0;
	monitor->relay.gave = true;
	for (size_t i = 0; i < config->port_count && map >= 0; i++) {
		union bpf_attr put = { .map_fd = (uint32_t)map, .key = (uintptr_t)&config->ports[i].listener };
		(void)sys_bpf(BPF_MAP_DELETE_ELEM, &put);
	}
	if (map >= 0)
		close(map);
}

/* Those of before stay where there are no others: who was led sees whom he has asked for as long as his connection can last. */
static void hold_masks(struct relay_process *relay, const uint8_t *numbers, size_t count)
{
	for (size_t i = 0; i < count && i < MASKS_MAX; i++) {
		union bpf_attr ask = { .link_id = load_u32(numbers + i * sizeof(uint32_t)) };
		int mask = sys_bpf(BPF_LINK_GET_FD_BY_ID, &ask);
		if (mask < 0)
			continue;
		if (relay->masks[i])
			close(relay->masks[i]);
		relay->masks[i] = mask;
	}
}

int relay_set_shortcut(struct monitor *monitor, const uint8_t *numbers, size_t length)
{
	if (monitor->relay.gave)
		return -EBUSY;
	hold_masks(&monitor->relay, numbers + 2 * sizeof(uint32_t), length / sizeof(uint32_t) - 2);
	monitor->relay.shortcut = load_u32(numbers);
	return relay_lead_past(monitor);
}
