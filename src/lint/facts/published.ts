import type { Port, Service } from '../../model/index.ts'

/** The host's port where it is one; undefined for a range, of which a free one is taken, and for one that the engine picks. */
export function fixedPort({ published }: Port): string | undefined {
  return published !== undefined && /^[0-9]+$/.test(published) ? published : undefined
}

/** True where nothing says which addresses of the host a port is for. */
export function isOnEveryInterface({ host_ip: address }: Port): boolean {
  return address === undefined
}

/** True for services that have a network namespace of their own, so that their ports are published. */
export function hasOwnNetwork({ network_mode: mode = 'bridge' }: Service): boolean {
  return mode !== 'host' && mode !== 'none' && !/^(?:service|container):/.test(mode)
}

/** `8080:80`, for people. */
export function portText({ published, target, protocol }: Port): string {
  return `${published === undefined ? '' : `${published}:`}${target}${protocol === 'udp' ? '/udp' : ''}`
}
