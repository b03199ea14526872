import type { Port } from './types/attachments.ts'
import type { Service } from './types/service.ts'

/** The host's port where it is one; undefined for a range, of which a free one is taken, and for one that the engine picks. */
export function fixedPort({ published }: Port): string | undefined {
  return published !== undefined && /^[0-9]+$/.test(published) && Number(published) > 0
    ? published
    : undefined
}

/** How many containers can have a port at once: one where it is fixed, as many as a range has, any number where the engine picks one. */
export function hostPortRoom({ published = '' }: Port): number {
  const [, first = '0', last = first] = /^([0-9]+)(?:-([0-9]+))?$/.exec(published) ?? []
  return Number(first) > 0 ? Number(last) - Number(first) + 1 : Number.POSITIVE_INFINITY
}

/** True for services that have a network namespace of their own, so that their ports are published. */
export function hasOwnNetwork({ network_mode: mode = 'bridge' }: Pick<Service, 'network_mode'>): boolean {
  return mode !== 'host' && mode !== 'none' && !/^(?:service|container):/.test(mode)
}

/** Under which ports are looked for that may be the same one: `8080/tcp`; undefined where there is no fixed one. */
export function hostPortKey(port: Port): string | undefined {
  const fixed = fixedPort(port)
  return fixed === undefined ? undefined : `${Number(fixed)}/${port.protocol ?? 'tcp'}`
}

/** Whether two containers that publish these cannot run at the same time: both want one port of the host, on one address. */
export function isSameHostPort(a: Port, b: Port): boolean {
  const key = hostPortKey(a)
  return key !== undefined && key === hostPortKey(b) && isSameHostAddress(a.host_ip, b.host_ip)
}

/** Whether two addresses of the host can stand for the same one; none stands for all. */
export function isSameHostAddress(a: string | undefined, b: string | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return true
  const isV6 = a.includes(':')
  return isV6 === b.includes(':') && [a, b].some(address => address === (isV6 ? '::' : '0.0.0.0'))
}
