import type { Operation } from './operation.ts'

/** What an operation costs those who use the project. */
export interface Risk {
  /** A container that runs does not, for a moment or for good. */
  readonly interrupts: boolean
  /** Volumes whose data is gone afterwards: by name, or by their place in the container. */
  readonly losesData: readonly string[]
}

/** Of a container that is removed its anonymous volumes are told where they go with it, not what it wrote beside volumes. */
export function riskOf(operation: Operation): Risk {
  switch (operation.type) {
    case 'stopContainer':
      return { interrupts: operation.relieved !== true, losesData: [] }
    case 'killContainer':
    case 'restartContainer':
    case 'pauseContainer':
      return { interrupts: true, losesData: [] }
    case 'removeContainer': {
      const { container, force, volumes } = operation
      return { interrupts: force, losesData: volumes ? [`anonymous volumes of ${container.name}`] : [] }
    }
    case 'removeVolume':
      return { interrupts: false, losesData: [operation.resource.name] }
    case 'createContainer':
      return { interrupts: false, losesData: operation.renewedVolumes ?? [] }
    default:
      return { interrupts: false, losesData: [] }
  }
}
