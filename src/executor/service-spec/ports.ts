import type { EmptyObject, PortBinding, PortMap } from '../../api/types/index.ts'
import type { Service } from '../../model/index.ts'
import { nonEmptyMap } from './input.ts'

/** What `ports` and `expose` say: the ports that the image's list is widened by. */
export function exposedPorts(service: Service): Readonly<Record<string, EmptyObject>> | undefined {
  const published = (service.ports ?? []).map(port => `${port.target}/${port.protocol ?? 'tcp'}`)
  const exposed = (service.expose ?? []).flatMap(expandRange)
  return nonEmptyMap(Object.fromEntries([...published, ...exposed].map(port => [port, {}])))
}

/** Where ports are published; a range as it stands, the engine takes its first free port. */
export function portBindings(service: Service): PortMap | undefined {
  const bindings = new Map<string, PortBinding[]>()
  for (const port of service.ports ?? []) {
    const key = `${port.target}/${port.protocol ?? 'tcp'}`
    const binding: PortBinding = {
      ...(port.host_ip === undefined ? {} : { HostIp: port.host_ip }),
      HostPort: port.published ?? '',
    }
    bindings.set(key, [...(bindings.get(key) ?? []), binding])
  }
  return nonEmptyMap(Object.fromEntries(bindings))
}

/** `3000-3002/udp` → three ports. */
function expandRange(text: string): string[] {
  const [range = '', protocol = 'tcp'] = text.split('/')
  const [first, last = first] = range.split('-').map(Number)
  if (first === undefined || last === undefined || Number.isNaN(first) || Number.isNaN(last)) return []
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`)
}
