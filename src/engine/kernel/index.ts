import { ENDPOINTS } from './endpoints.ts'
import { JOINED_NETWORK } from './joined-network.ts'
import { NETWORK, SUBNETS } from './network.ts'
import { PROCESS } from './process.ts'
import type { ContainerSight, NetworkSight, Thing } from './thing.ts'

/** What a running container has in the kernel, in the order in which it is looked at and put right. */
export const CONTAINER_THINGS: readonly Thing<ContainerSight>[] = [PROCESS, JOINED_NETWORK, ENDPOINTS]

/** What a network has there. */
export const NETWORK_THINGS: readonly Thing<NetworkSight>[] = [NETWORK, SUBNETS]
