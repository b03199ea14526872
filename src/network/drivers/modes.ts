import type { NetworkDriver } from './driver.ts'

/** The host's own network namespace: there is nothing to set up, and a container that is in it has no endpoint. */
export const HOST: NetworkDriver = mode('host')

/** A namespace with loopback alone (`network_mode: none`); the driver's name is Docker's. */
export const NONE: NetworkDriver = mode('null')

/** A network that is a mode of a container: predefined, without anything of its own in the kernel. */
function mode(name: string): NetworkDriver {
  return {
    name,
    creatable: false,
    hasSubnets: false,
    checkOptions: () => undefined,
    checkMachine: nothing,
    unknownOptions: () => [],
    hostBinding: () => undefined,
    setup: nothing,
    teardown: nothing,
    stands: () => true,
    observe: () => [],
    settings: () => ({}),
    repair: nothing,
    roomOf: () => undefined,
    sharedMac: () => undefined,
    lingers: false,
    attach: () => [],
    detach: () => [],
    observeEndpoint: () => [],
    reattach: () => [],
    mtuOf: () => undefined,
    gatewayOf: () => undefined,
    firewall: () => undefined,
  }
}

async function nothing(): Promise<void> {}
