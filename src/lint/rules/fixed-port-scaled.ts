import { fixedPort, hasOwnNetwork } from '../../model/index.ts'
import { perService, type Rule } from '../rule.ts'

/** FIXED_PORT_SCALED */
export const fixedPortScaled: Rule = {
  code: 'FIXED_PORT_SCALED',
  severity: 'warning',
  about: 'Several containers of a service want the same port of the host',
  find: perService(function* ({ service, path }) {
    const replicas = service.deploy?.replicas ?? service.scale ?? 1
    if (replicas < 2 || !hasOwnNetwork(service)) return
    for (const [index, port] of (service.ports ?? []).entries())
      if (fixedPort(port) !== undefined)
        yield {
          path: [...path, 'ports', index],
          summary: `${replicas} containers want port ${port.published} of the host: only the first one starts`,
          hint: `publish a range, ${port.published}-${Number(port.published) + replicas - 1}:${port.target}, or ${port.target} alone for free ones`,
        }
  }),
}
