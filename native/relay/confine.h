/* What the relay takes away from itself. */
#ifndef TSCOMPOSE_RELAY_CONFINE_H
#define TSCOMPOSE_RELAY_CONFINE_H

#include "relay/config.h"

/* All privilege, and the life after its monitor. */
int relay_confine(const struct relay_config *config);
/* From here on only the calls of the filter can be made. */
int relay_filter(const struct relay_config *config);

#endif
