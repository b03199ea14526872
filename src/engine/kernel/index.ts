import { ENDPOINTS } from './endpoints.ts'
import { JOINED_NETWORK } from './joined-network.ts'
import { NAMES } from './names-file.ts'
import { FORWARDING, NETWORK, SUBNETS } from './network.ts'
import { PROCESS } from './process.ts'
import { RULES } from './rules.ts'
import type { ContainerSight, NetworkSight, Thing } from './thing.ts'

/** What a running container has in the kernel, in the order in which it is looked at and put right. */
export const CONTAINER_THINGS: readonly Thing<ContainerSight>[] = [PROCESS, JOINED_NETWORK, ENDPOINTS, RULES]

/** What a network has there. */
export const NETWORK_THINGS: readonly Thing<NetworkSight>[] = [NETWORK, FORWARDING, NAMES, SUBNETS]
