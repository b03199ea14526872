import { hasOwnNetwork, hostPortRoom } from '../../model/index.ts'
import { perService, type Rule } from '../rule.ts'

/** FIXED_PORT_SCALED */
export const fixedPortScaled: Rule = {
  code: 'FIXED_PORT_SCALED',
  severity: 'warning',
  about: 'Containers of a service want more ports of the host than there are',
  find: perService(function* ({ service, path }) {
    const replicas = service.deploy?.replicas ?? service.scale ?? 1
    if (replicas < 2 || !hasOwnNetwork(service)) return
    for (const [index, port] of (service.ports ?? []).entries())
      if (replicas > hostPortRoom(port)) {
        const first = Number.parseInt(port.published ?? '', 10)
        const room = hostPortRoom(port)
        yield {
          path: [...path, 'ports', index],
          summary: `${replicas} containers want port ${port.published} of the host: only the first ${room === 1 ? 'one starts' : `${room} start`}`,
          hint: `publish a range, ${first}-${first + replicas - 1}:${port.target}, or ${port.target} alone for free ones`,
        }
      }
  }),
}
