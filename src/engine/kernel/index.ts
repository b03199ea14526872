import { BRIDGE_SETTINGS } from './bridge-settings.ts'
import { CONTROL_GROUPS } from './control-groups.ts'
import { DEVICE_RULES } from './device-rules.ts'
import { ENDPOINTS } from './endpoints.ts'
import { ETC_TEXTS } from './etc-files.ts'
import { FOREIGN_ROUTES, FOREIGN_TABLES } from './foreign.ts'
import { JOINED_NETWORK } from './joined-network.ts'
import { LISTENING } from './listening.ts'
import { LOCAL_NAMES } from './local-names.ts'
import { MOUNTS } from './mounts.ts'
import { NAMES } from './names-file.ts'
import { FORWARDING, NETWORK, SUBNETS } from './network.ts'
import { PROCESS } from './process.ts'
import { PROCESS_LIMITS } from './process-limits.ts'
import { RELAY } from './relay.ts'
import { RIGHTS } from './rights.ts'
import { RULES } from './rules.ts'
import { SETTINGS } from './settings.ts'
import { STORES } from './stores.ts'
import type { ContainerSight, NetworkSight, Thing } from './thing.ts'

/** What a running container has in the kernel, in the order in which it is looked at and put right. */
export const CONTAINER_THINGS: readonly Thing<ContainerSight>[] = [
  PROCESS,
  JOINED_NETWORK,
  ENDPOINTS,
  FOREIGN_ROUTES,
  RULES,
  FOREIGN_TABLES,
  RELAY,
  LISTENING,
  LOCAL_NAMES,
  CONTROL_GROUPS,
  DEVICE_RULES,
  MOUNTS,
  ETC_TEXTS,
  SETTINGS,
  PROCESS_LIMITS,
  RIGHTS,
  STORES,
]

/** What of it is there without a process as well. */
export const LASTING_THINGS: readonly Thing<ContainerSight>[] = CONTAINER_THINGS.filter(
  ({ outlasts }) => outlasts === true,
)

/** What a network has there. */
export const NETWORK_THINGS: readonly Thing<NetworkSight>[] = [
  NETWORK,
  BRIDGE_SETTINGS,
  FORWARDING,
  NAMES,
  SUBNETS,
]
