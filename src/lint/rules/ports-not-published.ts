import { hasOwnNetwork } from '../../model/index.ts'
import { perService, type Rule } from '../rule.ts'

/** PORTS_NOT_PUBLISHED */
export const portsNotPublished: Rule = {
  code: 'PORTS_NOT_PUBLISHED',
  severity: 'warning',
  about: 'A service without a network of its own has ports',
  find: perService(function* ({ service, path }) {
    if (hasOwnNetwork(service) || !service.ports?.length) return
    yield {
      path: [...path, 'ports'],
      summary: `nothing is published with network_mode "${service.network_mode}"`,
      hint: service.network_mode?.startsWith('service:')
        ? `move the ports to the service "${service.network_mode.slice('service:'.length)}"`
        : 'remove ports, or network_mode',
    }
  }),
}
