import { CONTROL_GROUPS } from './control-groups.ts'
import { ENDPOINTS } from './endpoints.ts'
import { ETC_TEXTS } from './etc-files.ts'
import { JOINED_NETWORK } from './joined-network.ts'
import { MOUNTS } from './mounts.ts'
import { NAMES } from './names-file.ts'
import { FORWARDING, NETWORK, SUBNETS } from './network.ts'
import { PROCESS } from './process.ts'
import { PROCESS_LIMITS } from './process-limits.ts'
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
  RULES,
  CONTROL_GROUPS,
  MOUNTS,
  ETC_TEXTS,
  SETTINGS,
  PROCESS_LIMITS,
  RIGHTS,
  STORES,
]

/** What a network has there. */
export const NETWORK_THINGS: readonly Thing<NetworkSight>[] = [NETWORK, FORWARDING, NAMES, SUBNETS]
