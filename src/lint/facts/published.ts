import type { Port } from '../../model/index.ts'

/** True where nothing says which addresses of the host a port is for. */
export function isOnEveryInterface({ host_ip: address }: Port): boolean {
  return address === undefined
}

/** `8080:80`, for people. */
export function portText({ published, target, protocol }: Port): string {
  return `${published === undefined ? '' : `${published}:`}${target}${protocol === 'udp' ? '/udp' : ''}`
}
