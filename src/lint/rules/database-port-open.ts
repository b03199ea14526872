import { hasOwnNetwork } from '../../model/index.ts'
import { databaseBehind } from '../facts/databases.ts'
import { isOnEveryInterface, portText } from '../facts/published.ts'
import { perService, type Rule } from '../rule.ts'

/** DATABASE_PORT_OPEN */
export const databasePortOpen: Rule = {
  code: 'DATABASE_PORT_OPEN',
  severity: 'warning',
  about: "A database's port is published on every address of the host",
  find: perService(function* ({ service, path }) {
    if (!hasOwnNetwork(service)) return
    for (const [index, port] of (service.ports ?? []).entries()) {
      const database = databaseBehind(service, port.target)
      if (database === undefined || !isOnEveryInterface(port)) continue
      yield {
        path: [...path, 'ports', index],
        summary: `${database.name} can be reached from every network that the host is in`,
        detail:
          'Rules of the firewall for the host itself (INPUT, ufw) do not stop what comes to a published port',
        hint: `write 127.0.0.1:${portText(port)}, or no port: services of the project reach it without`,
      }
    }
  }),
}
