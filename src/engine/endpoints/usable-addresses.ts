import { sysctlName } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import { sysctlsOf } from './settings.ts'

type Asked = Pick<Container, 'terms'>

/** Whether sysctls that were asked for give an interface IPv6 or take it; undefined where they say nothing. They are written in their order, and one for all interfaces is one for each. */
export function askedIPv6(
  { terms }: Asked,
  { driverOpts, interfaceName }: Pick<EndpointRecord, 'driverOpts' | 'interfaceName'>,
): boolean | undefined {
  const meant = ['all', interfaceName].map(each => `net.ipv6.conf.${each}.disable_ipv6`)
  const asked = { ...sysctlsOf(driverOpts, interfaceName), ...terms.sysctls.values }
  const value = Object.entries(asked).findLast(([key]) => meant.includes(sysctlName(key)))?.[1]
  return value === undefined ? undefined : Number(value) === 0
}

/** The addresses of an endpoint that its interface can have: none of IPv6 where that is taken from it. It keeps such a one in the record, as with Docker. */
export function usableAddresses(container: Asked, record: EndpointRecord): readonly string[] {
  const all = [...record.addresses, ...(record.kept ?? [])]
  return askedIPv6(container, record) === false ? all.filter(address => !address.includes(':')) : all
}
