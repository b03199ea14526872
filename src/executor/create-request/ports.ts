import type { EmptyObject, HostConfig, PortBinding, PortMap } from '../../api/types/index.ts'
import type { Service, ServiceExtension } from '../../model/index.ts'
import { expandPorts } from '../../notation/index.ts'
import { nonEmptyMap, type RequestInput, unsupported } from './input.ts'

export type ServiceInput = Pick<RequestInput, 'operation' | 'project' | 'foreignEngine' | 'warn'>

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
export function egress(input: ServiceInput): HostConfig['TscomposeEgress'] {
  const list = input.operation.service['x-tscompose']?.egress
  return ofOurs(input, 'egress', list, 'only our own engine holds services to where they may go')
}

/** Whether the service reaches what the host listens on from internal networks, too; undefined: no. */
export function hostAccess(input: ServiceInput): HostConfig['TscomposeHostAccess'] {
  const reaches = input.operation.service['x-tscompose']?.host_access === true ? true : undefined
  const detail = 'only our own engine keeps single services of internal networks from the host'
  return ofOurs(input, 'host_access', reaches, detail)
}

/** By which way clients reach published ports; undefined: the engine's own. At loopback addresses they are by their `host_ip`. */
export function publishing(input: ServiceInput): HostConfig['TscomposePublish'] {
  const way = input.operation.service['x-tscompose']?.publish === 'proxy' ? 'proxy' : undefined
  return ofOurs(input, 'publish', way, 'only our own engine publishes past its firewall rules')
}

/** What our own engine alone is asked for; of any other it is said that it is not done. */
export function ofOurs<T>(
  input: ServiceInput,
  attribute: keyof ServiceExtension,
  value: T | undefined,
  detail: string,
): T | undefined {
  if (value === undefined || input.foreignEngine !== true) return value
  input.warn(unsupported(input, ['x-tscompose', attribute], detail))
  return undefined
}
