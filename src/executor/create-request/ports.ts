import type { EmptyObject, HostConfig, PortBinding, PortMap } from '../../api/types/index.ts'
import type { Service } from '../../model/index.ts'
import { expandPorts } from '../../notation/index.ts'
import { nonEmptyMap, type RequestInput, unsupported } from './input.ts'

/** What `ports` and `expose` say: the ports that the image's list is widened by; `onWrong` hears of what is no port, which only documents. */
export function exposedPorts(
  service: Service,
  onWrong?: (text: string, index: number) => void,
): Readonly<Record<string, EmptyObject>> | undefined {
  const published = (service.ports ?? []).map(port => `${port.target}/${port.protocol ?? 'tcp'}`)
  const exposed = (service.expose ?? []).flatMap((text, index) => {
    const ports = expandPorts(text)
    if (ports.length === 0) onWrong?.(text, index)
    return ports
  })
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

/** Where the service may go; undefined: everywhere. */
export function egress(
  input: Pick<RequestInput, 'operation' | 'project' | 'foreignEngine' | 'warn'>,
): HostConfig['TscomposeEgress'] {
  const list = input.operation.service['x-tscompose']?.egress
  if (list === undefined || input.foreignEngine !== true) return list
  input.warn(
    unsupported(input, ['x-tscompose', 'egress'], 'only our own engine holds services to where they may go'),
  )
  return undefined
}

/** Whether the service reaches what the host listens on from internal networks, too; undefined: no. */
export function hostAccess(
  input: Pick<RequestInput, 'operation' | 'project' | 'foreignEngine' | 'warn'>,
): HostConfig['TscomposeHostAccess'] {
  if (input.operation.service['x-tscompose']?.host_access !== true) return undefined
  if (input.foreignEngine !== true) return true
  input.warn(
    unsupported(
      input,
      ['x-tscompose', 'host_access'],
      'only our own engine keeps single services of internal networks from the host',
    ),
  )
  return undefined
}

/** By which way clients reach published ports; undefined: the engine's own. At loopback addresses they are by their `host_ip`. */
export function publishing(
  input: Pick<RequestInput, 'operation' | 'project' | 'foreignEngine' | 'warn'>,
): HostConfig['TscomposePublish'] {
  const { service } = input.operation
  if (service['x-tscompose']?.publish !== 'proxy') return undefined
  if (input.foreignEngine !== true) return 'proxy'
  input.warn(
    unsupported(input, ['x-tscompose', 'publish'], 'only our own engine publishes past its firewall rules'),
  )
  return undefined
}
