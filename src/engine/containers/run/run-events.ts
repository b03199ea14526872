import { findMode } from '../../networks/predefined.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'

type Telling = Pick<EngineContext, 'events' | 'networks'>

/** What a run takes, told before its start as Docker does: volumes, then networks. */
export function tellTaken(engine: Telling, container: Container): void {
  tellMounts(engine, container)
  tellNetworks(engine, container, 'connect')
}

/** Volumes that are used from now on: by a run, or while somebody looks at a container's files. */
export function tellMounts(engine: Pick<EngineContext, 'events'>, container: Container): void {
  for (const { name, destination, readonly } of volumesOf(container)) {
    engine.events.publish({
      type: 'volume',
      action: 'mount',
      id: name,
      attributes: {
        container: container.id,
        destination,
        driver: 'local',
        propagation: '',
        'read/write': String(!readonly),
      },
    })
  }
}

/** What it lets go of, told before its end: networks, then volumes. */
export function tellReleased(engine: Telling, container: Container): void {
  tellNetworks(engine, container, 'disconnect')
  tellUnmounts(engine, container)
}

/** The end of `tellMounts`. */
export function tellUnmounts(engine: Pick<EngineContext, 'events'>, container: Container): void {
  for (const { name } of volumesOf(container)) {
    const attributes = { container: container.id, driver: 'local' }
    engine.events.publish({ type: 'volume', action: 'unmount', id: name, attributes })
  }
}

function volumesOf({ record }: Container): readonly {
  readonly name: string
  readonly destination: string
  readonly readonly: boolean
}[] {
  return record.mounts.flatMap(({ type, name, destination, readonly }) =>
    type === 'volume' && name !== undefined ? [{ name, destination, readonly }] : [],
  )
}

function tellNetworks(engine: Telling, container: Container, action: 'connect' | 'disconnect'): void {
  const mode = findMode(container.terms.network.mode.kind)
  const joined = container.record.endpoints.map(({ networkId, networkName }) => ({
    id: networkId,
    name: networkName,
    driver: engine.networks.find(networkId)?.driver ?? 'bridge',
  }))
  for (const { id, name, driver } of mode === undefined ? joined : [mode]) {
    const attributes = { container: container.id, name, type: driver }
    engine.events.publish({ type: 'network', action, id, attributes })
  }
}
